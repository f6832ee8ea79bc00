"""The doctrine: a live run, replayed through the backtester, comes to the very same decisions."""

from pathlib import Path

import pytest

from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.traces import cut_trace
from autoscaler.config import LimitsDocument, PolicyDocument
from autoscaler.core.decision import Decision
from autoscaler.core.plain import to_plain
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.wiring import assembled
from autoscaler.simulator.scenarios import find_scenario, scenario_trace
from tests.fakes import MONDAY, ManualClock, later
from tests.service.builders import TICK_SECONDS, Recorder, decisions_of, make_cluster, make_settings, run_for

HOURS = 6
TICKS = 60 * HOURS
PAUSING = LimitsDocument(min_acu=0, max_acu=8, may_pause=True)

CASES = {
    "reactive": make_cluster(policy=PolicyDocument(policy="reactive"), scenario="financial-services"),
    "predictive": make_cluster(
        policy=PolicyDocument(policy="predictive", forecaster="seasonal-naive"), scenario="analytics", seed=3
    ),
    "scheduled": make_cluster(policy=PolicyDocument(policy="scheduled"), scenario="healthcare"),
    "pausing": make_cluster(
        policy=PolicyDocument(policy="reactive", settings={"pause_after_seconds": 900}),
        scenario="development-test",
        limits=PAUSING,
    ),
    "sized": make_cluster(profile="sized-15min", scenario="online-gaming"),
}


def backtested(settings: ClusterSettings) -> list[Decision]:
    """The same hours of the same workload on the same cluster, through the plain loop."""
    seed, policy, cluster = settings.workload.seed, settings.policy_document(), settings.cluster_document()
    scenario = find_scenario(settings.workload.scenario or "")
    days = scenario_trace(scenario, seed=seed, start=MONDAY.replace(hour=0), days=2)
    plan = Plan(
        trace=cut_trace(days, start=MONDAY, end=later(TICKS * TICK_SECONDS)),
        policy=policy.build_policy(),
        forecaster=policy.build_forecaster(),
        rules=policy.build_rules(),
        cluster=cluster.build_spec(seed=settings.seed),
        limits=cluster.build_limits(),
    )
    decisions: list[Decision] = []
    run(plan, on_decision=decisions.append)
    return decisions


@pytest.mark.parametrize("name", CASES)
async def test_a_live_run_replayed_comes_to_the_same_decisions(name: str, tmp_path: Path) -> None:
    told, clock = Recorder(), ManualClock()
    async with assembled(make_settings(tmp_path, CASES[name]), observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=TICKS)

    replayed = backtested(CASES[name])

    assert decisions_of(told.reports) == [to_plain(decision) for decision in replayed]
    assert [report.failed for report in told.reports] == [None] * TICKS


def test_the_cases_are_worth_comparing() -> None:
    """A run in which nothing happens would agree with anything."""
    changes = {name: sum(decision.changes for decision in backtested(case)) for name, case in CASES.items()}

    assert min(changes.values()) >= 1, changes
    assert max(changes.values()) > 10, changes

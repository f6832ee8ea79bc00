"""The doctrine: a live run, replayed through the backtester, comes to the very same decisions."""

from math import sin
from pathlib import Path

import pytest

from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.traces import Scale, cut_trace, read_trace
from autoscaler.config import LimitsDocument, PolicyDocument
from autoscaler.core.decision import Decision
from autoscaler.core.plain import to_plain
from autoscaler.core.trace import Trace
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.wiring import assembled
from autoscaler.service.workload import WorkloadDocument
from autoscaler.simulator.scenarios import find_scenario, scenario_trace
from models.outlook import OutlookSettings
from tests.fakes import MONDAY, ManualClock, later
from tests.service.builders import TICK_SECONDS, Recorder, decisions_of, make_cluster, make_settings, run_for

HOURS = 6
TICKS = 60 * HOURS
PAUSING = LimitsDocument(min_acu=0, max_acu=8, may_pause=True)

CASES = {
    "budget": make_cluster(
        policy=PolicyDocument(
            policy="reactive", budget={"usd_per_day": 1, "clamp": True}, settings={"target_utilization": 0.3}
        ),
    ),
    "reactive": make_cluster(policy=PolicyDocument(policy="reactive"), scenario="financial-services"),
    "quantile": make_cluster(
        policy=PolicyDocument(policy="quantile", forecaster="seasonal-naive"), scenario="analytics", seed=3
    ),
    "scheduled": make_cluster(policy=PolicyDocument(policy="scheduled"), scenario="healthcare"),
    "pausing": make_cluster(
        policy=PolicyDocument(policy="reactive", settings={"pause_after_seconds": 900}),
        scenario="development-test",
        limits=PAUSING,
    ),
    "signals": make_cluster(
        policy=PolicyDocument(policy="reactive", signals={"acu_per_connection": 0.02}), scenario="e-commerce"
    ),
    "learned signals": make_cluster(policy=PolicyDocument(policy="reactive", signals={"learns": "connections"})),
    "memory": make_cluster(scenario="analytics", working_set_gib=20.0),
    "sized": make_cluster(profile="sized-15min", scenario="online-gaming"),
}


def hours_of(settings: ClusterSettings) -> Trace:
    """What a live cluster with this scenario has to serve, as a trace."""
    assert settings.workload is not None
    scenario = find_scenario(settings.workload.scenario or "")
    days = scenario_trace(scenario, seed=settings.workload.seed, start=MONDAY.replace(hour=0), days=2)
    return cut_trace(days, start=MONDAY, end=later(TICKS * TICK_SECONDS))


def backtested(settings: ClusterSettings, trace: Trace) -> list[Decision]:
    """The same workload on the same cluster, through the plain loop."""
    policy, cluster = settings.policy_document(), settings.cluster_document()
    plan = Plan(
        trace=trace,
        policy=policy.build_policy(),
        forecaster=policy.build_forecaster(),
        rules=policy.build_rules(),
        prices=policy.build_prices(),
        cluster=cluster.build_spec(seed=settings.seed),
        limits=cluster.build_limits(),
        outlook=OutlookSettings(signals=policy.build_signals()),
    )
    decisions: list[Decision] = []
    run(plan, on_decision=decisions.append)
    return decisions


@pytest.mark.parametrize("name", CASES)
async def test_a_live_run_replayed_comes_to_the_same_decisions(name: str, tmp_path: Path) -> None:
    told, clock = Recorder(), ManualClock()
    async with assembled(make_settings(tmp_path, CASES[name]), observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=TICKS)

    replayed = backtested(CASES[name], hours_of(CASES[name]))

    assert decisions_of(told.reports) == [to_plain(decision) for decision in replayed]
    assert [report.failed for report in told.reports] == [None] * TICKS


async def test_a_recorded_workload_replayed_comes_to_the_same_decisions(tmp_path: Path) -> None:
    """Five-minute samples with holes: unknown here, unknown there."""
    path = tmp_path / "load.csv"
    kept = (turn for turn in range(60) if turn % 17 not in (3, 4, 5))
    rows = (f"{later(300.0 * turn).isoformat()},{4 + 3 * sin(turn / 5):.3f}" for turn in kept)
    path.write_text("\n".join(("timestamp,load", *rows)))
    recorded = WorkloadDocument.model_validate({"trace": {"file": path, "acu_per_unit": 2}})
    settings = make_cluster(policy=PolicyDocument(policy="quantile", forecaster="last-value"))
    settings = settings.model_copy(update={"workload": recorded})
    told, clock = Recorder(), ManualClock()
    async with assembled(make_settings(tmp_path, settings), observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=300)

    replayed = backtested(settings, Scale(acu_per_unit=2).apply(read_trace(path)))

    assert decisions_of(told.reports) == [to_plain(decision) for decision in replayed]
    assert sum(decision.changes for decision in replayed) > 5
    assert any((report.blind_seconds or 0) > 600 for report in told.reports)


@pytest.mark.slow
async def test_a_policy_that_tunes_itself_replayed_comes_to_the_same_decisions(tmp_path: Path) -> None:
    """Two days to learn from, and the hours after: what saved on one day only may be chance."""
    path = tmp_path / "load.csv"
    rows = (f"{later(300.0 * turn).isoformat()},{20 if turn % 12 < 3 else 1}" for turn in range(618))
    path.write_text("\n".join(("timestamp,load", *rows)))
    recorded = WorkloadDocument.model_validate({"trace": {"file": path, "acu_per_unit": 1}})
    settings = make_cluster(policy=PolicyDocument(policy="auto")).model_copy(update={"workload": recorded})
    told, clock = Recorder(), ManualClock()
    ticks = 51 * 60
    async with assembled(make_settings(tmp_path, settings), observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=ticks)

    replayed = backtested(settings, Scale(acu_per_unit=1).apply(read_trace(path)))[:ticks]

    assert decisions_of(told.reports) == [to_plain(decision) for decision in replayed]
    assert "not a whole day" in replayed[0].reason
    assert sum(decision.changes for decision in replayed) > 0


def test_the_cases_are_worth_comparing() -> None:
    """A run in which nothing happens would agree with anything."""
    changes = {
        name: sum(decision.changes for decision in backtested(case, hours_of(case))) for name, case in CASES.items()
    }

    assert min(changes.values()) >= 1, changes
    assert max(changes.values()) > 10, changes

"""The backtest's loop: what happens in a run, and that nothing looks ahead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.backtest.run import Plan, run
from autoscaler.core.capacity import Limits
from autoscaler.core.trace import Interpolation, Trace
from autoscaler.errors import InvalidInput
from autoscaler.registry import forecaster_names, make_forecaster, make_policy, policy_names
from autoscaler.simulator.profiles import PROFILES
from models.outlook import OutlookSettings
from tests.backtest.builders import (
    LIMITS,
    START,
    decisions_of,
    first_samples,
    make_plan,
    make_trace,
    policy_named,
)

MINUTES = 8 * 60


def wavy_demand(minutes: int = MINUTES) -> list[float]:
    rng = np.random.default_rng(5)
    wave = 4 + 3 * np.sin(np.arange(minutes) / 40) + rng.gamma(0.5, 1.0, minutes)
    return [float(value) for value in wave]


def plan_for(policy: str, forecaster: str | None, trace: Trace) -> Plan:
    return replace(
        make_plan(trace, policy=policy_named(policy)),
        forecaster=make_forecaster(forecaster) if forecaster else None,
        outlook=OutlookSettings(refit_seconds=7200.0),
    )


EVERY_POLICY = [(name, "seasonal-naive") for name in policy_names()]
EVERY_FORECASTER = [("quantile", name) for name in forecaster_names() if name != "seasonal-naive"]


@pytest.mark.parametrize(("policy", "forecaster"), [*EVERY_POLICY, *EVERY_FORECASTER])
def test_cutting_the_future_off_changes_no_decision_before(policy: str, forecaster: str) -> None:
    trace = make_trace(wavy_demand())
    whole = decisions_of(plan_for(policy, forecaster, trace))
    for sample in (1, 61, 200, MINUTES - 1):
        before = decisions_of(plan_for(policy, forecaster, first_samples(trace, sample)))
        assert before == whole[: len(before)]
        assert len(before) == sample


@pytest.mark.parametrize("policy", policy_names())
def test_on_lines_between_samples_nothing_before_the_last_one_changes(policy: str) -> None:
    trace = make_trace(wavy_demand(MINUTES // 5), step_seconds=300.0)
    linear = replace(plan_for(policy, "seasonal-naive", trace), interpolation=Interpolation.LINEAR)
    whole = decisions_of(linear)
    for sample in (20, 70):
        cut = replace(linear, trace=first_samples(trace, sample))
        before = [d for d in decisions_of(cut) if d.at <= START + timedelta(seconds=300.0 * (sample - 1))]
        assert before == whole[: len(before)]


def test_changing_the_future_changes_no_decision_before() -> None:
    demand = wavy_demand()
    other = demand[:240] + [30.0] * (MINUTES - 240)
    one = decisions_of(plan_for("quantile", "seasonal-naive", make_trace(demand)))
    two = decisions_of(plan_for("quantile", "seasonal-naive", make_trace(other)))
    assert one[:241] == two[:241]
    assert one[242:] != two[242:]


def test_a_sample_is_seen_only_after_its_interval_and_the_delay() -> None:
    trace = make_trace([1.0] * 12 + [20.0] * 12, step_seconds=300.0)
    raised = [d.at for d in decisions_of(make_plan(trace, policy=make_policy("reactive"))) if d.after.floor_acu > 10]
    assert raised[0] == START + timedelta(seconds=12 * 300 + 300 + 60)


def test_in_a_gap_the_last_demand_goes_on_unseen_and_unscored() -> None:
    trace = make_trace([2.0] * 10 + [9.0] * 30 + [2.0] * 10, without=range(10, 40))
    result = run(make_plan(trace))
    assert result.demand_acu.tolist() == [2.0] * 200
    assert result.scored.tolist() == [True] * 40 + [False] * 120 + [True] * 40


def test_nothing_shrinks_in_a_gap() -> None:
    trace = make_trace([10.0] * 30 + [0.1] * 90 + [0.1] * 120, without=range(30, 120))
    floors = run(make_plan(trace, policy=make_policy("reactive"))).floor_acu
    in_the_gap = floors[40 * 4 : 120 * 4]
    assert in_the_gap.min() == in_the_gap[0] > 8
    assert floors[-1] < in_the_gap[0]


def test_scoring_may_start_later_without_resetting_anything() -> None:
    trace = make_trace(wavy_demand(120))
    plan = make_plan(trace, policy=make_policy("reactive"))
    late = replace(plan, score_from=START + timedelta(minutes=60))
    one, two = run(plan), run(late)
    assert np.array_equal(one.capacity_acu, two.capacity_acu)
    assert (one.scored.sum(), two.scored.sum()) == (480, 240)


@settings(max_examples=25)
@given(
    demand=st.lists(st.floats(0, 60), min_size=5, max_size=60),
    profile=st.sampled_from(sorted(PROFILES)),
    policy=st.sampled_from(["native", "reactive"]),
    readers=st.sampled_from([(), (1,), (0, 5)]),
)
def test_work_is_served_waits_or_times_out_and_the_range_stays_inside(
    demand: Sequence[float], profile: str, policy: str, readers: tuple[int, ...]
) -> None:
    limits = Limits(min_acu=1.0, max_acu=32.0, step_acu=PROFILES[profile].step_acu, may_pause=True)
    plan = make_plan(
        make_trace(demand),
        policy=make_policy(policy),
        limits=limits,
        profile=PROFILES[profile],
        readers=readers,
        reader_share=0.4 if readers else 0.0,
        pause_after_seconds=300,
    )
    result = run(plan)
    arrived = result.demand_acu * plan.step_seconds
    waiting = result.backlog_acu_seconds[-1]
    assert result.served_acu_seconds.sum() + waiting <= arrived.sum() * (1 + 1e-9) + 1e-6
    assert (result.throttled_acu_seconds <= arrived + 1e-9).all()
    assert (result.served_acu_seconds <= result.capacity_acu * plan.step_seconds + 1e-6).all()
    assert result.floor_acu.min() >= limits.min_acu
    assert result.ceiling_acu.max() <= limits.max_acu


@pytest.mark.parametrize(
    "bad",
    [
        {"decide_seconds": 50.0},
        {"decide_seconds": 5.0},
        {"step_seconds": 0.0},
        {"score_from": START + timedelta(days=30)},
    ],
)
def test_a_plan_that_cannot_be_run_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        replace(make_plan(make_trace([1.0, 2.0])), **bad)  # type: ignore[arg-type]


def test_the_same_plan_gives_the_same_run() -> None:
    plan = make_plan(make_trace(wavy_demand(90)), policy=make_policy("reactive"), limits=LIMITS)
    assert decisions_of(plan) == decisions_of(plan)

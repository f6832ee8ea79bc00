"""A compiled backtest of floors comes out as the real one does: the same floors, the same cost, the same throttling."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.tuning.candidates import Candidate
from autoscaler.backtest.tuning.trial import past_of, wishes_of
from autoscaler.core.capacity import Consent, Limits
from autoscaler.core.decision import Advice, RuleSettings
from autoscaler.core.sight import Sight, see
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.trace import Stretch, sample_evenly
from autoscaler.simulator.kernel.paths import Course
from autoscaler.simulator.profiles import AURORA_V2, AURORA_V2_PLATFORM_4, SIZED_15S, Measuring
from policies.reactive import Reactive
from policies.wish import wished_range
from tests.backtest.builders import START, make_plan, make_trace

TURN_SECONDS = 60.0
STEP_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """Wishes a floor between two given ones at each turn, the one in force where it can."""

    low_acu: tuple[float, ...]
    high_acu: tuple[float, ...]
    recent_seconds: float = 0.0
    looks_ahead: bool = False

    def advise(self, snapshot: Snapshot) -> Advice:
        turn = round((snapshot.at - START).total_seconds() / TURN_SECONDS)
        current = snapshot.status.range
        floor = max(self.low_acu[turn], min(current.floor_acu, self.high_acu[turn]))
        wanted = wished_range(
            snapshot,
            floor_acu=floor,
            ceiling_acu=current.ceiling_acu,
            pause_after_seconds=current.pause_after_seconds,
        )
        return Advice(range=wanted, reason="it was told so")


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, Corridor]:
    """A load with gaps, idle stretches and floods; wishes that change now and then; rules of all kinds."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    minutes = 300
    demand = np.repeat(np.where(rng.random(20) < 0.3, 0.0, rng.gamma(1.0, 6.0, 20)), 15)
    gap = range(100, 100 + draw(st.sampled_from((1, 5, 20, 45))))
    trace = make_trace(demand.tolist(), without=list(gap))
    low = np.repeat(rng.gamma(1.0, 4.0, 40) * (rng.random(40) < 0.6), rng.integers(1, 40, 40))[:minutes]
    low = np.resize(low, minutes)
    policy = Corridor(low_acu=tuple(low), high_acu=tuple(low * draw(st.sampled_from((1.0, 2.0)))))
    profile = draw(st.sampled_from((AURORA_V2, AURORA_V2_PLATFORM_4, SIZED_15S)))
    profile = replace(profile, measuring=Measuring(delay_seconds=draw(st.sampled_from((0.0, 60.0, 180.0)))))
    pause = draw(st.sampled_from((None, 300)))
    limits = Limits(
        min_acu=0.0 if pause else 0.5,
        max_acu=32.0,
        may_pause=pause is not None,
        consent=Consent(low_floor=draw(st.booleans())),
    )
    plan = make_plan(trace, policy=policy, profile=profile, limits=limits, pause_after_seconds=pause)
    wait, spacing = draw(st.sampled_from((0.0, 300.0))), draw(st.sampled_from((0.0, 60.0, 300.0)))
    rules = RuleSettings(
        watch_seconds=draw(st.sampled_from((0.0, 900.0))),
        shrink_wait_seconds=wait,
        max_shrink_fraction=draw(st.sampled_from((0.5, 1.0))),
        change_spacing_seconds=spacing,
    )
    return replace(plan, rules=rules), policy


def seen(stretch: Stretch, measuring: Measuring) -> Sight:
    return see(
        stretch,
        period_seconds=measuring.period_seconds,
        delay_seconds=measuring.delay_seconds,
        step_seconds=STEP_SECONDS,
        turn_seconds=TURN_SECONDS,
    )


def course_of(plan: Plan) -> Course:
    stretch = sample_evenly(plan.trace, step_seconds=STEP_SECONDS, interpolation=plan.interpolation)
    measuring = plan.cluster.publishing_no_finer(plan.trace.step_seconds).profile.measuring
    sight = seen(stretch, measuring)
    return Course(
        spec=plan.cluster,
        limits=plan.limits,
        rules=plan.rules,
        demand_acu=stretch.demand_acu,
        segment=np.where(stretch.measured, 0, -1),
        blind=sight.blind(plan.rules.max_blind_seconds),
        step_seconds=STEP_SECONDS,
        steps_per_turn=round(TURN_SECONDS / STEP_SECONDS),
    )


@pytest.mark.slow
@given(made=plans())
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_floors_cost_and_throttling_are_those_of_the_real_backtest(made: tuple[Plan, Corridor]) -> None:
    plan, policy = made
    real = run(plan)
    course = course_of(plan)
    floors = np.zeros(len(course.blind))
    totals = course.run(np.array(policy.low_acu), np.array(policy.high_acu), floors=floors)
    np.testing.assert_allclose(floors, real.floor_acu[:: course.steps_per_turn], rtol=1e-9)
    scored = real.scored
    assert totals.acu_seconds[0] == pytest.approx(real.capacity_acu[scored].sum() * STEP_SECONDS)
    assert totals.throttled_acu_seconds[0] == pytest.approx(real.throttled_acu_seconds[scored].sum())
    assert totals.range_changes[0] == sum(
        bool(scored[round((at - START).total_seconds() / STEP_SECONDS)]) for at in real.changed_at
    )


@pytest.mark.parametrize("delay_seconds", [0.0, 60.0, 180.0])
@pytest.mark.parametrize("sample_seconds", [60.0, 300.0])
def test_each_turn_sees_what_the_real_backtest_sees(delay_seconds: float, sample_seconds: float) -> None:
    demand = np.random.default_rng(0).gamma(1.0, 6.0, 60)
    trace = make_trace(demand.tolist(), step_seconds=sample_seconds, without=range(20, 31))
    profile = replace(AURORA_V2, measuring=Measuring(delay_seconds=delay_seconds))
    plan = make_plan(trace, policy=Corridor(low_acu=(1.0,) * 300, high_acu=(1.0,) * 300), profile=profile)
    snapshots: list[Any] = []
    run(plan, on_snapshot=lambda snapshot, decision: snapshots.append(snapshot))
    stretch = sample_evenly(trace, step_seconds=STEP_SECONDS, interpolation=plan.interpolation)
    measuring = plan.cluster.publishing_no_finer(sample_seconds).profile.measuring
    sight = seen(stretch, measuring)
    blind = sight.blind(300.0)
    assert len(sight) == len(snapshots)
    for turn, snapshot in enumerate(snapshots):
        assert blind[turn] == (snapshot.blind_seconds > 300.0)
        known = sight.demand_acu[: sight.newest[turn] + 1]
        known = known[np.isfinite(known)]
        assert [sample.demand_acu for sample in snapshot.recent[-1:]] == pytest.approx(known[-1:].tolist())


def test_a_cut_sight_holds_only_turns_that_saw_no_more() -> None:
    trace = make_trace([1.0] * 60)
    stretch = sample_evenly(trace, step_seconds=STEP_SECONDS, interpolation=make_plan(trace).interpolation)
    sight = seen(stretch, Measuring())
    cut = sight.cut(10)
    assert (len(cut.demand_acu), len(cut), int(cut.newest.max())) == (10, 12, 9)


@pytest.mark.slow
@pytest.mark.parametrize("utilization", [0.75, 1.7])
@pytest.mark.parametrize("seconds", [900.0, 7200.0])
def test_the_reactive_candidate_is_the_reactive_policy(seconds: float, utilization: float) -> None:
    rng = np.random.default_rng(11)
    demand = np.repeat(rng.gamma(1.0, 6.0, 60), 12)
    policy = Reactive(
        target_utilization=utilization, up_window_seconds=seconds, down_window_seconds=seconds, censored_growth=1.0
    )
    plan = make_plan(make_trace(demand.tolist(), without=range(300, 325)), policy=policy)
    real, course = run(plan), course_of(plan)
    stretch = sample_evenly(plan.trace, step_seconds=STEP_SECONDS, interpolation=plan.interpolation)
    past = past_of(plan.trial, 60.0)
    past.add(seen(stretch, plan.cluster.profile.measuring).demand_acu)
    candidate = Candidate(family="reactive", seconds=seconds, utilization=utilization)
    turns = slice(0, len(course.blind))
    floors = np.zeros(turns.stop)
    course.run(*wishes_of(plan.trial, past).corridor(candidate, plan.trial.price, turns), floors=floors)
    np.testing.assert_allclose(floors, real.floor_acu[:: course.steps_per_turn])
    assert len(set(floors.tolist())) > 5

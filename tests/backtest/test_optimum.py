"""The clairvoyant optimum: it throttles nothing, and nobody who throttles nothing is cheaper."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.backtest.optimum import least_sized_acu_steps, optimum_acu_hours
from autoscaler.backtest.run import run
from autoscaler.backtest.score import score
from autoscaler.backtest.ways import Course
from autoscaler.core.capacity import Limits
from autoscaler.core.decision import Advice
from autoscaler.core.snapshot import Snapshot
from autoscaler.simulator.profiles import AURORA_V2, AURORA_V2_PLATFORM_4, SIZED_15S, Changing, Profile
from policies.native import Native
from tests.backtest.builders import START, make_plan, make_trace

LIMITS = Limits(min_acu=0.5, max_acu=24.0)
demands = st.lists(st.floats(0, 20), min_size=2, max_size=8)


class Planned:
    """A policy that knows the future: one floor for each five minutes."""

    recent_seconds = 0.0
    looks_ahead = False

    def __init__(self, floors: Sequence[float]) -> None:
        self._floors = floors

    def advise(self, snapshot: Snapshot) -> Advice:
        slot = int((snapshot.at - START).total_seconds() // 300)
        return Advice(range=snapshot.status.range.with_floor(self._floors[slot]), reason="planned")


@settings(max_examples=40)
@given(demand=demands, floor=st.sampled_from([0.5, 4.0, 12.0, 24.0]))
def test_no_fixed_floor_without_throttling_is_cheaper(demand: list[float], floor: float) -> None:
    result = run(make_plan(make_trace(demand, step_seconds=300.0), policy=Native(floor_acu=floor), limits=LIMITS))
    best = optimum_acu_hours(result)
    measured = score(result)
    assert best is not None
    if measured.throttled_work_fraction in (0.0, None):
        assert best <= measured.acu_hours + 1e-6


@settings(max_examples=6)
@given(demand=st.lists(st.sampled_from([0.0, 3.0, 9.0, 14.0]), min_size=2, max_size=3))
def test_no_planned_floors_without_throttling_are_cheaper(demand: list[float]) -> None:
    levels = (0.5, 3.0, 9.0, 12.0, 14.0)
    trace = make_trace(demand, step_seconds=300.0)
    best = optimum_acu_hours(run(make_plan(trace, limits=LIMITS)))
    costs = []
    for floors in product(levels, repeat=len(demand)):
        plan = make_plan(trace, policy=Planned(floors), limits=LIMITS)
        rules = replace(plan.rules, watch_seconds=0.0, shrink_wait_seconds=0.0, max_shrink_fraction=1.0)
        result = run(replace(plan, rules=rules))
        if result.throttled_acu_seconds.sum() == 0:
            costs.append(score(result).acu_hours)
    assert best is not None
    assert not costs or best <= min(costs) + 1e-6


def test_an_easy_load_needs_no_help_from_anybody() -> None:
    result = run(make_plan(make_trace([2.0] * 60), limits=LIMITS))
    assert optimum_acu_hours(result) == pytest.approx(score(result).acu_hours)


def test_a_jump_costs_the_raised_floor_just_in_time() -> None:
    result = run(make_plan(make_trace([1.0] * 30 + [12.0] * 30), limits=LIMITS))
    best, left_alone = optimum_acu_hours(result), score(result)
    assert left_alone.throttled_work_fraction is not None
    assert left_alone.throttled_work_fraction > 0.01
    assert best is not None
    assert left_alone.acu_hours < best < left_alone.acu_hours * 1.1


@pytest.mark.parametrize("profile", [AURORA_V2, AURORA_V2_PLATFORM_4])
def test_a_floor_that_has_to_climb_is_raised_early_and_costs_more(profile: Profile) -> None:
    trace = make_trace([1.0] * 60 + [16.0] * 30)
    at_once = optimum_acu_hours(run(make_plan(trace, limits=LIMITS, profile=profile)))
    climbing = replace(profile, changing=Changing(floor_jumps=False))
    early = optimum_acu_hours(run(make_plan(trace, limits=LIMITS, profile=climbing)))
    assert at_once is not None
    assert early is not None
    assert early >= at_once - 1e-9


def test_an_idle_night_is_slept_through_where_the_owner_allows_it() -> None:
    trace = make_trace([1.0] * 10 + [0.0] * 100 + [1.0] * 10)
    awake = optimum_acu_hours(run(make_plan(trace, limits=LIMITS)))
    sleepy = optimum_acu_hours(run(make_plan(trace, limits=replace(LIMITS, may_pause=True))))
    assert awake is not None
    assert sleepy is not None
    assert sleepy == pytest.approx(awake - 0.5 * (100 * 60 - 315 - 15) / 3600, rel=0.05)


@given(demand=st.lists(st.sampled_from([0.5, 1.0, 2.0, 5.0]), min_size=1, max_size=7), hold=st.integers(1, 3))
def test_the_sizes_of_a_sized_cluster_match_brute_force(demand: list[float], hold: int) -> None:
    course = Course(
        demand_acu=demand,
        weight=[1.0] * len(demand),
        lowest_acu=0.5,
        highest_acu=8.0,
        step_seconds=15.0,
        spacing_seconds=300.0,
    )
    assert least_sized_acu_steps(course, held_seconds=15.0 * hold, step_acu=0.5) == pytest.approx(
        brute_force(tuple(demand), hold)
    )


def brute_force(demand: tuple[float, ...], hold: int) -> float:
    if len(demand) < 2 * hold:
        return max(demand) * len(demand)
    whole = max(demand) * len(demand)
    return min(
        [whole]
        + [max(demand[:cut]) * cut + brute_force(demand[cut:], hold) for cut in range(hold, len(demand) - hold + 1)]
    )


def test_a_sized_cluster_never_beats_its_demand() -> None:
    trace = make_trace([1.0, 7.0, 2.0, 2.0, 9.0] * 6)
    result = run(make_plan(trace, limits=LIMITS, profile=SIZED_15S))
    assert optimum_acu_hours(result) == pytest.approx(sum([1.0, 7.0, 2.0, 2.0, 9.0] * 6) / 60)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5])
def test_readers_that_follow_a_busier_writer_cost_what_it_does(share: float) -> None:
    demand = [1.0, 12.0, 2.0, 2.0, 9.0, 1.0] * 6
    result = run(make_plan(make_trace(demand), limits=LIMITS, readers=(0, 1)[: 1 if share else 2], reader_share=share))
    of_writer = run(make_plan(make_trace([acu * (1 - share) for acu in demand]), limits=LIMITS))
    best, alone = optimum_acu_hours(result), optimum_acu_hours(of_writer)
    assert best is not None
    assert alone is not None
    assert best == pytest.approx(alone * result.plan.cluster.instances)
    assert score(result).throttled_work_fraction or score(result).acu_hours >= best


@pytest.mark.parametrize(("readers", "share"), [((2,), 0.0), ((1, 15), 0.2), ((1,), 0.6)])
def test_readers_of_another_size_have_no_optimum(readers: tuple[int, ...], share: float) -> None:
    result = run(make_plan(make_trace([1.0]), limits=LIMITS, readers=readers, reader_share=share))
    assert optimum_acu_hours(result) is None

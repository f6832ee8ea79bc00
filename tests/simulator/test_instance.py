"""One instance: how it climbs, comes down, warms up and starts again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.simulator.instance import steady_acu
from autoscaler.simulator.profiles import (
    AURORA_V1,
    AURORA_V2,
    AURORA_V2_PLATFORM_4,
    PROFILES,
    Caching,
    Changing,
    Profile,
)
from tests.simulator.builders import MUCH, Box


# Runs on Aurora PostgreSQL 15.5 in March 2024: capacity at the start, seconds of full load, capacity then.
@pytest.mark.parametrize(
    ("start", "seconds", "measured"),
    [(1.0, 2, 4.0), (1.0, 73, 8.0), (1.0, 138, 10.5), (4.0, 16, 8.0), (4.0, 67, 10.5), (4.0, 108, 12.5)],
)
def test_it_climbs_as_measured_within_0_4_acu(start: float, seconds: int, measured: float) -> None:
    box = Box(AURORA_V2, start, floor=start)
    assert box.live(MUCH, seconds)[-1] == pytest.approx(measured, abs=0.4)


def test_a_larger_instance_climbs_faster() -> None:
    gains = []
    for start in (4.0, 20.0, 40.0):
        box = Box(AURORA_V2, start, ceiling=256.0)
        sizes = box.live(MUCH, 60.0)
        gains.append(sizes[-1] - sizes[0])
    assert gains[0] < gains[1] < gains[2]


def test_the_newer_platform_bursts_further_and_climbs_faster() -> None:
    older, newer = (Box(profile, 1.0, ceiling=256.0) for profile in (AURORA_V2, AURORA_V2_PLATFORM_4))
    assert newer.live(MUCH, 1.0)[-1] - older.live(MUCH, 1.0)[-1] == pytest.approx(12.0 - 3.2, abs=0.2)
    assert newer.live(MUCH, 60.0)[-1] > older.live(MUCH, 60.0)[-1] + 10.0


def test_a_spent_bucket_is_filled_again_while_the_load_rests() -> None:
    box = Box(AURORA_V2, 1.0)
    box.live(3.0, 10.0)  # to 4.0: 3 of the 3.2 are spent
    assert box.live(6.0, 1.0)[-1] == pytest.approx(4.25, abs=0.05 + 0.48)
    box = Box(AURORA_V2, 1.0)
    box.live(3.0, 70.0)
    assert box.live(6.0, 1.0)[-1] == pytest.approx(7.2, abs=0.1)


def test_the_size_it_goes_for_lies_on_the_grain_and_keeps_a_quarter_free() -> None:
    box = Box(AURORA_V2, 1.0)
    box.live(1.6, 60.0)
    assert box.instance.capacity_acu == 2.5


# The same runs: capacity when the load stopped, floor, the first large step down after so many seconds, to what.
@pytest.mark.parametrize(
    ("start", "floor", "seconds", "after", "slack_seconds"),
    [(2.5, 1.0, 90, 1.5, 15), (4.0, 1.0, 120, 2.0, 15), (10.5, 1.0, 300, 5.5, 15), (12.5, 1.0, 300, 6.5, 15)],
)
def test_its_first_step_down_comes_as_measured(
    start: float, floor: float, seconds: float, after: float, slack_seconds: float
) -> None:
    box = Box(AURORA_V2, start, floor=floor)
    assert box.seconds_until(start - 0.1, 0.0) == pytest.approx(seconds, abs=slack_seconds)
    assert box.instance.capacity_acu == after


def test_from_twelve_it_is_near_its_floor_after_the_measured_eight_minutes() -> None:
    box = Box(AURORA_V2, 12.5)
    box.live(0.0, 8 * 60.0)
    assert box.instance.capacity_acu == pytest.approx(4.0, abs=0.5)


def test_the_steps_down_are_halves_three_minutes_apart() -> None:
    box = Box(AURORA_V2, 16.0)
    sizes = box.live(0.0, 1200.0)
    steps = [(second, size) for second, size in enumerate(sizes, start=1) if second == 1 or size != sizes[second - 2]]
    assert steps == [(1, 16.0), (300, 8.0), (480, 4.0), (660, 2.0), (840, 1.0)]


def test_a_short_dip_takes_nothing_away() -> None:
    box = Box(AURORA_V2, 8.0)
    box.live(6.0, 10.0)
    box.live(0.0, 200.0)
    box.live(6.0, 1.0)
    box.live(0.0, 200.0)
    assert box.instance.capacity_acu == 8.0


def test_a_raised_floor_is_there_at_once_or_through_the_bucket() -> None:
    jumping = Box(AURORA_V2, 1.0, floor=8.0)
    assert jumping.live(0.0, 1.0) == [8.0]
    climbing = Box(replace(AURORA_V2, changing=Changing(floor_jumps=False)), 1.0, floor=8.0)
    assert climbing.live(0.0, 1.0)[0] == pytest.approx(4.2, abs=0.1)
    assert climbing.live(0.0, 90.0)[-1] == 8.0


def test_a_lowered_ceiling_is_reached_by_the_usual_way_down() -> None:
    box = Box(AURORA_V2, 16.0, ceiling=4.0)
    sizes = box.live(MUCH, 600.0)
    assert sorted(set(sizes)) == [4.0, 8.0, 16.0]
    assert sizes[-1] == 4.0


CACHED = replace(AURORA_V2, caching=Caching(working_set_gib=5.0))


def test_without_a_working_set_the_cache_plays_no_part() -> None:
    box = Box(AURORA_V2, 4.0, floor=4.0)
    box.live(2.0, 1.0)
    assert box.instance.arrived_acu_seconds == 2.0


def test_a_warm_cache_asks_for_nothing_extra() -> None:
    box = Box(CACHED, 4.0, floor=4.0)
    box.live(2.0, 60.0)
    assert box.instance.arrived_acu_seconds == 2.0
    assert box.instance.warm_gib == 5.0


def test_a_shrink_evicts_and_a_cold_cache_inflates_the_demand_until_it_is_warm_again() -> None:
    box = Box(CACHED, 4.0, floor=0.5)
    box.live(0.0, 600.0)
    assert box.instance.warm_gib == 0.125
    box.floor = 4.0
    box.live(2.0, 1.0)
    assert box.instance.arrived_acu_seconds == pytest.approx(2.0 * (1 + (5.0 - 0.125) / 5.0))
    arrived = []
    for _ in range(30):
        box.live(2.0, 1.0)
        arrived.append(box.instance.arrived_acu_seconds)
    assert arrived == sorted(arrived, reverse=True)
    assert arrived[-1] == 2.0
    assert 23 <= arrived.index(2.0) <= 26  # 4.9 GiB at 0.2 GiB a second


def test_an_instance_too_small_for_its_working_set_works_harder_for_ever() -> None:
    box = Box(CACHED, 1.0, floor=1.0, ceiling=1.0)
    box.live(0.5, 3600.0, step=15.0)
    assert box.instance.arrived_acu_seconds == pytest.approx(0.5 * 15.0 * (1 + (5.0 - 0.375) / 5.0))


def test_an_idle_instance_reads_nothing_and_stays_cold() -> None:
    box = Box(CACHED, 4.0, floor=4.0)
    box.instance.warm_gib = 0.0
    box.live(0.0, 600.0)
    assert box.instance.warm_gib == 0.0


def test_it_starts_again_at_the_resume_size_with_a_full_bucket_and_a_cold_cache() -> None:
    box = Box(CACHED, 8.0)
    box.live(MUCH, 60.0)
    box.instance.fall_asleep()
    assert (box.instance.capacity_acu, box.instance.warm_gib) == (0.0, 0.0)
    box.instance.wake_up(ceiling_acu=32.0)
    assert (box.instance.capacity_acu, box.instance.warm_gib) == (2.0, 0.0)
    assert box.live(MUCH, 1.0)[-1] == pytest.approx(5.2, abs=0.1)


def test_what_it_did_before_its_sleep_does_not_slow_its_way_down_after() -> None:
    box = Box(AURORA_V2, 16.0)
    box.live(0.0, 310.0)  # just halved
    box.instance.fall_asleep()
    box.instance.wake_up(ceiling_acu=32.0)
    assert box.seconds_until(1.9, 0.0) == 90.0


def test_one_that_is_up_for_part_of_a_step_climbs_for_that_part_only() -> None:
    box = Box(AURORA_V2, 1.0)
    box.instance.step(now=0.0, seconds=60.0, demand_acu=MUCH, floor_acu=1.0, ceiling_acu=32.0, up_fraction=0.25)
    assert box.instance.capacity_acu == pytest.approx(1.0 + 3.2 + 15 * 0.048)


@pytest.mark.parametrize(("profile", "ceiling", "after"), [(AURORA_V2, 1.0, 1.0), (AURORA_V1, 32.0, 8.0)])
def test_it_starts_again_within_its_ceiling_and_aurora_v1_as_large_as_before(
    profile: Profile, ceiling: float, after: float
) -> None:
    instance = Box(profile, 8.0).instance
    instance.fall_asleep()
    instance.fall_asleep()
    instance.wake_up(ceiling_acu=ceiling)
    assert instance.capacity_acu == after


def test_one_that_is_up_for_part_of_a_step_has_that_part_of_its_capacity() -> None:
    box = Box(AURORA_V2, 4.0, floor=4.0)
    box.instance.step(now=0.0, seconds=60.0, demand_acu=3.0, floor_acu=4.0, ceiling_acu=32.0, up_fraction=0.25)
    assert box.instance.mean_acu == 1.0
    assert box.instance.served_acu_seconds == 60.0
    assert box.instance.queue.backlog_acu_seconds == 120.0


@pytest.mark.parametrize("name", sorted(PROFILES))
@given(
    demand=st.floats(0.0, 60.0, allow_subnormal=False),
    grains=st.tuples(st.integers(1, 8), st.integers(8, 200)),
    step=st.sampled_from((1.0, 15.0, 60.0)),
)
def test_a_settled_instance_stays_where_it_is(name: str, demand: float, grains: tuple[int, int], step: float) -> None:
    profile = PROFILES[name]
    floor, ceiling = (grain * profile.step_acu for grain in grains)
    settled = steady_acu(profile.dynamics, demand, step_acu=profile.step_acu, floor_acu=floor, ceiling_acu=ceiling)
    assert floor <= settled <= ceiling
    box = Box(profile, settled, floor=floor, ceiling=ceiling)
    assert set(box.live(demand, 30 * step, step)) == {settled}

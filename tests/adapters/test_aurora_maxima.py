"""Percentages are of the maximum in force: right around a change, and unknown where they only look right."""

from datetime import datetime

import pytest

from autoscaler.adapters.aurora_maxima import SETTLES_WITHIN, Maxima
from autoscaler.adapters.aurora_samples import Window, samples_in
from tests.adapters.aurora_clusters import aurora
from tests.fakes import MONDAY, ManualClock, later, make_range

HOURS = 3600.0


def seen(*looks: tuple[float, float]) -> Maxima:
    """Looks as (seconds after Monday morning, maximum)."""
    maxima = Maxima()
    for seconds, acu in looks:
        maxima.saw(acu, later(seconds))
    return maxima


def test_before_the_first_look_nobody_knows() -> None:
    maxima = seen((60.0, 16.0), (120.0, 16.0))

    assert maxima.between(MONDAY, later(60.0)) is None
    assert maxima.between(later(60.0), later(120.0)) == (16.0, 16.0)
    assert maxima.between(later(600.0), later(660.0)) == (16.0, 16.0)
    assert Maxima().between(MONDAY, later(60.0)) is None


def test_between_two_looks_and_while_aurora_works_on_it_it_may_be_either() -> None:
    maxima = seen((0.0, 32.0), (60.0, 32.0), (120.0, 16.0), (4 * HOURS, 16.0))
    settled = later(120.0) + SETTLES_WITHIN

    assert maxima.between(MONDAY, later(60.0)) == (32.0, 32.0)
    assert maxima.between(later(60.0), later(120.0)) == (16.0, 32.0)
    assert maxima.between(later(600.0), later(660.0)) == (16.0, 32.0)
    assert maxima.between(settled, later(60.0, after=settled)) == (16.0, 16.0)


def test_old_looks_are_forgotten() -> None:
    maxima = seen(*((float(hour * HOURS), float(hour + 1)) for hour in range(48)))

    assert maxima.between(later(24 * HOURS), later(25 * HOURS)) is None
    assert maxima.between(later(47 * HOURS), later(48 * HOURS)) == (45.0, 48.0)


def demand(
    at: datetime, maxima: Maxima | None, *, of_maximum: float | None, cpu: float = 12.5, capacity: float = 4.0
) -> object:
    values = {"ServerlessDatabaseCapacity": capacity, "ACUUtilization": of_maximum, "CPUUtilization": cpu}
    points = {(name, "a"): {at.timestamp(): value} for name, value in values.items() if value is not None}
    [sample] = samples_in(Window(instances=("a",), start=at, end=later(60.0, after=at)), points, maxima)
    return sample.demand_acu


HELD = seen((0.0, 16.0), (120.0, 16.0))
RAISED = seen((0.0, 16.0), (60.0, 16.0), (120.0, 32.0))


@pytest.mark.parametrize(
    ("maxima", "of_maximum", "expected"),
    [
        (None, 25.0, 2.0),
        (HELD, 25.0, 2.0),
        (HELD, 25.6, 2.0),  # rounded, or an average of something that moved
        (HELD, 12.5, None),  # a percentage of 32, which nobody has seen in force
        (HELD, None, 2.0),  # what is missing is known from looking
        (None, None, None),
        (RAISED, 25.0, 2.0),  # still of 16
        (RAISED, 12.5, 4.0),  # of 32 already
        (RAISED, 18.75, 12.5 / 18.75 * 4.0),  # of either within the minute
        (RAISED, 50.0, None),
        (RAISED, None, None),  # of which of both?
    ],
)
def test_a_percentage_counts_when_what_was_seen_agrees(
    maxima: Maxima | None, of_maximum: float | None, expected: float | None
) -> None:
    found = demand(later(60.0), maxima, of_maximum=of_maximum)

    assert found == (None if expected is None else pytest.approx(expected))


def test_the_average_over_a_cluster_is_not_taken_for_an_instance() -> None:
    """Somebody relabelled it: one of two has 8 ACU of 16, but the average capacity over both, 5, is told."""
    assert demand(MONDAY, HELD, of_maximum=50.0, cpu=45.0, capacity=8.0) == pytest.approx(7.2)
    assert demand(MONDAY, HELD, of_maximum=50.0, cpu=45.0, capacity=5.0) is None


def test_a_sum_over_the_instances_is_no_demand_of_one() -> None:
    """CPU of both, told as that of one: no instance serves more than it has, so it is full, and wants that or more."""
    window = Window(instances=("a",), start=MONDAY, end=later(60.0))
    values = {"ServerlessDatabaseCapacity": 4.0, "ACUUtilization": 25.0, "CPUUtilization": 40.0}
    points = {(name, "a"): {MONDAY.timestamp(): value} for name, value in values.items()}

    [sample] = samples_in(window, points, HELD)

    assert (sample.demand_acu, sample.censored) == (4.0, True)


def test_the_busiest_instance_counts_and_not_their_average() -> None:
    window = Window(instances=("a", "b"), start=MONDAY, end=later(60.0))
    told = {"a": (8.0, 50.0, 45.0), "b": (2.0, 12.5, 5.0)}
    names = ("ServerlessDatabaseCapacity", "ACUUtilization", "CPUUtilization")
    points = {
        (name, one): {MONDAY.timestamp(): value}
        for one, values in told.items()
        for name, value in zip(names, values, strict=True)
    }

    [sample] = samples_in(window, points, HELD)

    assert sample.demand_acu == pytest.approx(7.2)
    assert sample.capacity_acu == 8.0


async def test_a_person_changes_the_maximum_back_and_forth_and_demand_stays_what_it_was() -> None:
    clock = ManualClock(MONDAY)
    demands: list[float | None] = []
    async with aurora(clock, held=make_range(2, 16)) as one:
        one.demand_acu = 3.0
        await clock.advance(600.0)
        newest = None
        for most in (16, 32, 8, 64):
            one.world.live()
            simulated = one.world.clusters["orders"].simulated
            assert simulated is not None
            simulated.range = make_range(2, most)
            for _ in range(6):
                await clock.advance(60.0)
                await one.cluster.status()
                samples = await one.cluster.samples_since(newest)
                newest = samples[-1].at if samples else newest
                demands += [sample.demand_acu for sample in samples]

    known = [acu for acu in demands if acu is not None]
    assert known == pytest.approx([3.0] * len(known), rel=0.02)
    assert len(known) == len(demands) > 25


def test_free_memory_is_told_as_of_the_maximum_and_counted_of_what_there_is() -> None:
    gib, at = 2.0**30, MONDAY.timestamp()
    values = {
        "ServerlessDatabaseCapacity": 4.0,
        "ACUUtilization": 25.0,
        "CPUUtilization": 10.0,
        "BufferCacheHitRatio": 97.5,
        "ReadIOPS": 321.0,
    }
    for free_gib, left_gib in ((25.5, 1.5), (20.0, 0.0), (-1.0, None)):  # of 32 GiB at the maximum it has 8
        points = {(name, "a"): {at: value} for name, value in (values | {"FreeableMemory": free_gib * gib}).items()}
        [sample] = samples_in(Window(instances=("a",), start=MONDAY, end=later(60.0)), points)
        assert sample.cache_hit_fraction == pytest.approx(0.975)
        assert (sample.reads_per_second, sample.freeable_gib) == (321.0, left_gib)

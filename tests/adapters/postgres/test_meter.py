"""Samples on the grid of the clock, from looks at any moment."""

from autoscaler.adapters.postgres.meter import Meter, Stretch
from autoscaler.core.samples import Sample
from tests.fakes import MONDAY, later


def seen(begin: float, end: float, *, demand: float = 1.0, capacity: float = 4.0, short: bool = False) -> Stretch:
    """So much demand, and two queries a second."""
    return Stretch(
        begin=later(begin),
        end=later(end),
        used_acu_seconds=demand * (end - begin),
        capacity_acu=capacity,
        short=short,
        connections=3,
        queries=int(2 * (end - begin)),
    )


def sample(begin: float, demand: float | None, *, capacity: float | None = 4.0, censored: bool = False) -> Sample:
    known = demand is not None
    return Sample(
        at=later(begin),
        seconds=10.0,
        demand_acu=demand,
        censored=censored,
        capacity_acu=capacity,
        connections=3 if known else None,
        queries_per_second=2.0 if known else None,
    )


def told(meter: Meter) -> list[Sample]:
    return meter.since(None, until=later(3600))


def test_a_look_across_a_boundary_belongs_to_both_sides() -> None:
    meter = Meter(period_seconds=10.0, start=MONDAY)
    meter.add(seen(0, 5, demand=1))
    meter.add(seen(5, 15, demand=2))
    meter.add(seen(15, 20, demand=2))

    assert told(meter) == [sample(0, 1.5), sample(10, 2.0)]


def test_the_first_sample_begins_with_the_first_whole_period() -> None:
    meter = Meter(period_seconds=10.0, start=later(3))
    meter.add(seen(3, 12, demand=2))
    meter.add(seen(12, 20, demand=1))

    assert told(meter) == [sample(10, 1.2)]


def test_while_nobody_looked_nothing_is_known() -> None:
    meter = Meter(period_seconds=10.0, start=MONDAY)
    meter.add(seen(0, 10))
    meter.add(seen(10, 30))
    meter.add(seen(30, 40))

    assert told(meter) == [
        sample(0, 1.0),
        sample(10, None, capacity=None),
        sample(20, None, capacity=None),
        sample(30, 1),
    ]


def test_an_interval_that_was_short_for_half_of_its_time_is_censored() -> None:
    meter = Meter(period_seconds=10.0, start=MONDAY)
    meter.add(seen(0, 4, short=True))
    meter.add(seen(4, 10))
    meter.add(seen(10, 15, short=True))
    meter.add(seen(15, 20))
    meter.add(seen(20, 30, demand=3.9))

    assert told(meter) == [sample(0, 1.0), sample(10, 1.0, censored=True), sample(20, 3.9, censored=True)]


def test_a_paused_interval_is_a_known_zero() -> None:
    meter = Meter(period_seconds=10.0, start=MONDAY)
    meter.add(seen(0, 10, demand=0, capacity=0))

    assert told(meter) == [sample(0, 0.0, capacity=0.0)]


def test_only_what_is_over_by_then_and_starts_later_is_told() -> None:
    meter = Meter(period_seconds=10.0, start=MONDAY)
    for number in range(4):
        meter.add(seen(10 * number, 10 * number + 10))

    assert meter.since(MONDAY, until=later(35)) == [sample(10, 1.0), sample(20, 1.0)]

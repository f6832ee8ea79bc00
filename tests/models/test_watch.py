"""What samples tell of a cluster's use."""

from dataclasses import replace
from datetime import timedelta

from autoscaler.core.activity import Activity
from autoscaler.core.samples import Sample
from models.watch import Watch, use_of
from tests.fakes import MONDAY


def minutes(*demand_acu: float | None, capacity_acu: float | None = 1.0, first: int = 0) -> list[Sample]:
    """A sample a minute from Monday morning on."""
    return [
        Sample(at=MONDAY + timedelta(minutes=first + place), seconds=60, demand_acu=demand, capacity_acu=capacity_acu)
        for place, demand in enumerate(demand_acu)
    ]


def after(samples: list[Sample], *, at_minute: int | None = None) -> Activity | None:
    watch = Watch()
    for sample in samples:
        watch.observe(sample)
    return watch.activity(MONDAY + timedelta(minutes=len(samples) if at_minute is None else at_minute))


def test_idle_windows_add_up_and_use_ends_them() -> None:
    idle = after(minutes(*[1.0] * 5, *[0.0] * 15))
    assert idle is not None
    assert (idle.idle_seconds, idle.start) == (900.0, MONDAY + timedelta(minutes=20))
    used = after(minutes(*[1.0] * 5, *[0.0] * 15, 1.0))
    assert used is not None
    assert used.idle_seconds == 0.0


def test_housekeeping_is_no_use_but_a_connection_is() -> None:
    sample = minutes(0.01)[0]
    assert use_of(sample) is False
    assert use_of(replace(sample, connections=1)) is True
    assert use_of(replace(sample, demand_acu=None)) is None


def test_nothing_is_expected_of_a_cluster_that_nobody_measures() -> None:
    assert Watch().activity(MONDAY) is None
    assert after(minutes(*[0.0] * 20), at_minute=60) is None


def test_a_gap_in_the_samples_is_not_idleness() -> None:
    activity = after(minutes(*[0.0] * 20) + minutes(*[0.0] * 5, first=60), at_minute=65)
    assert activity is not None
    assert activity.idle_seconds == 300.0


def test_wakes_of_the_last_day_are_counted() -> None:
    asleep, awake = minutes(*[0.0] * 5, capacity_acu=0.0), minutes(*[1.0] * 5, first=5)
    activity = after(asleep + awake)
    assert activity is not None
    assert activity.wakes == 1


def test_it_says_the_same_whatever_comes_later() -> None:
    watch, whole = Watch(), minutes(*[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] * 60)
    for sample in whole[:300]:
        watch.observe(sample)
    assert watch.activity(whole[300].at) == after(whole[:300])

"""What samples tell of a cluster's use."""

from dataclasses import replace
from datetime import timedelta

import pytest

from autoscaler.core.activity import Activity, Dial
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput
from models.watch import Watch
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


def test_a_wake_is_planned_for_a_cluster_that_sleeps_and_a_time_out_for_one_that_is_awake() -> None:
    watch = Watch(Dial(cold_hit_acu_hours=4.0))
    whole = office_days(8)
    for sample in whole[: 7 * 288 + 100]:
        watch.observe(sample)
    morning = whole[7 * 288 + 100].at
    asleep, awake = watch.activity(morning, asleep=True), watch.activity(morning)
    assert asleep is not None
    assert awake is not None
    assert asleep.wake_window == 8  # the office opens at 9:00
    assert awake.awake_windows == 0


def test_the_dearer_an_idle_cluster_is_the_less_a_cold_hit_is_worth_in_hours() -> None:
    cheap, dear = Watch(Dial(idle_acu=0.5)), Watch(Dial(idle_acu=0.5))
    for sample in minutes(*[0.0] * 600, capacity_acu=0.5):
        cheap.observe(sample)
    for sample in minutes(*[0.0] * 600, capacity_acu=4.0):
        dear.observe(sample)
    at = MONDAY + timedelta(minutes=600)
    told, told_dear = cheap.activity(at), dear.activity(at)
    assert told is not None
    assert told_dear is not None
    assert told.break_even_seconds == 7200.0
    assert 900.0 < told_dear.break_even_seconds < 2000.0


def test_what_is_stored_goes_on_as_if_nothing_had_happened() -> None:
    whole = [replace(sample, capacity_acu=2.0) for sample in office_days(3)]  # dearer than the dial believes
    for cut in (0, 1, 700):
        watch, back = Watch(), Watch()
        for sample in whole[:cut]:
            watch.observe(sample)
        state = watch.state()
        assert (state is None) is (cut == 0)
        if state is not None:
            back.restore(state)
        for sample in whole[:cut]:  # what is known already is left out
            if state is not None:
                back.observe(sample)
        for sample in whole[cut:]:
            watch.observe(sample)
            back.observe(sample)
        for asleep in (False, True):
            assert back.activity(whole[-1].end, asleep=asleep) == watch.activity(whole[-1].end, asleep=asleep)


def test_a_state_of_another_version_is_refused_and_changes_nothing() -> None:
    watch = Watch()
    for sample in office_days(1):
        watch.observe(sample)
    state, fresh = watch.state(), Watch()
    assert state is not None
    with pytest.raises(InvalidInput, match="fit the model anew"):
        fresh.restore({**state, "version": 999})
    assert fresh.state() is None


def office_days(days: int) -> list[Sample]:
    """Samples of five minutes; in use from 9:00 to 17:00."""
    return [
        Sample(
            at=MONDAY + timedelta(minutes=5 * place),
            seconds=300,
            demand_acu=1.0 if 108 <= place % 288 < 204 else 0.0,
            capacity_acu=0.5,
        )
        for place in range(288 * days)
    ]

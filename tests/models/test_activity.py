"""When a database will be used next, as far as its past tells."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.errors import InvalidInput
from models.activity import UNKNOWN, Activity, begin, restore
from models.state import Array

DAY = 96
NINE, NOON = 36, 48


def days(number: int, *, first: int = NINE, last: int = NOON) -> Array:
    """Used from 09:00 until noon, day after day."""
    used = np.zeros(number * DAY)
    for day in range(number):
        used[day * DAY + first : day * DAY + last] = 1.0
    return used


def after(used: Array) -> Activity:
    return begin(step_seconds=900, window=0).update(used)


def likely_start(activity: Activity) -> int:
    """By which of the next windows use has more likely started than not."""
    return int(np.argmax(np.cumprod(1.0 - activity.chances(2 * DAY)) < 0.5))


def test_after_two_weeks_it_expects_the_morning_at_nine() -> None:
    evening = after(days(14))
    assert abs(likely_start(evening) - NINE) <= 1


def test_one_day_is_enough_to_expect_the_next_morning_more_than_the_night() -> None:
    chances = after(days(1)).chances(DAY)
    assert chances[NINE] > 5.0 * chances[NINE - 12]


def test_a_new_database_goes_by_the_fleet_the_longer_idle_the_longer_still() -> None:
    chances = begin(step_seconds=900, window=0).chances(DAY)
    assert (np.diff(chances) <= 1e-12).all()
    assert 0.0 < chances[-1] < chances[0] < 0.5


def test_weekends_are_told_from_working_days() -> None:
    week = days(7)
    week[2 * DAY : 4 * DAY] = 0.0  # 1970-01-03 was a Saturday
    friday_evening = after(np.concatenate((np.tile(week, 5), week[: 2 * DAY])))
    tuesday_evening = after(np.concatenate((np.tile(week, 5), week[: 6 * DAY])))
    assert friday_evening.chances(DAY)[NINE] < 0.5 * tuesday_evening.chances(DAY)[NINE]


def test_a_gap_in_the_metrics_is_not_idleness() -> None:
    known = after(days(3))
    gap = known.update(np.full(50, nan))
    assert gap.idle == UNKNOWN
    assert (gap.starts.age == known.starts.age).all()
    assert (gap.starts.day == known.starts.day).all()
    assert gap.update([0.0]).idle == 1


def test_use_after_a_gap_is_not_taken_for_a_start() -> None:
    gap = after(days(3)).update(np.full(50, nan))
    assert (gap.update([1.0]).starts.age == gap.starts.age).all()


def test_the_expert_that_knows_gains_weight() -> None:
    learned = after(days(28))
    assert learned.loss[0] < learned.loss[1]
    assert learned.weights[0] < begin(step_seconds=900, window=0).weights[0]


def test_it_is_never_changed_in_place() -> None:
    before = after(days(2))
    chances = before.chances(DAY)
    before.update(days(1))
    assert (before.chances(DAY) == chances).all()


@settings(max_examples=10)
@given(cut=st.integers(0, 4 * DAY))
def test_what_comes_later_changes_nothing_of_what_was_said_before(cut: int) -> None:
    whole = days(4)
    one, other = after(whole[:cut]), after(whole[:cut]).update(whole[cut:])
    assert other.window == 4 * DAY
    assert (after(whole[:cut]).chances(DAY) == one.chances(DAY)).all()
    assert (after(whole).chances(DAY) == other.chances(DAY)).all()


@settings(max_examples=30)
@given(used=st.lists(st.sampled_from([0.0, 1.0, nan, -3.0, 1e300]), max_size=200))
def test_whatever_it_sees_it_answers_with_chances(used: list[float]) -> None:
    chances = begin(step_seconds=3600, window=0).update(used).chances(200)
    assert ((chances > 0.0) & (chances < 1.0)).all()


def test_it_comes_back_from_its_state_as_it_was() -> None:
    learned = after(days(3))
    back = restore(learned.state())
    assert (back.chances(DAY) == learned.chances(DAY)).all()
    assert (back.update(days(1)).chances(DAY) == learned.update(days(1)).chances(DAY)).all()


@pytest.mark.parametrize("change", [{"version": 9}, {"model": "another"}, {"age": np.zeros(3)}, {"step_seconds": 7000}])
def test_a_state_that_does_not_fit_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        restore({**after(days(1)).state(), **change})  # type: ignore[dict-item]


def test_windows_that_do_not_divide_a_day_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"windows of 7000 s do not divide a day; give 300, say"):
        begin(step_seconds=7000, window=0)
    assert replace(begin(step_seconds=3600, window=5), idle=0).window == 5

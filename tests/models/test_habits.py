"""Simple ways to sleep: what each says follows from what was before, and from nothing else."""

from math import nan

import numpy as np
import pytest

from autoscaler.errors import InvalidInput
from models.gaps import Gaps
from models.habits import CALENDARS_FROM, HISTOGRAMS_FROM, NAMES, OUT_HOURS, Habits
from models.logins import Logins

HOUR, DAY = 3600.0, 24
OFFICE = [0.0] * 9 + [1.0] * 8 + [0.0] * 7


def lived(*used: float, step_seconds: float = HOUR) -> Habits:
    habits = Habits(step_seconds)
    for use in used:
        habits.take(use)
    return habits


def test_a_time_out_is_over_after_its_hours() -> None:
    habits = lived(1.0, 0.0, 0.0)
    assert habits.idle == 2
    two_hours, four_hours = OUT_HOURS.index(2.0), OUT_HOURS.index(4.0)
    assert habits.ahead(two_hours, 4).tolist() == [False] * 4
    assert habits.ahead(four_hours, 4).tolist() == [True, True, False, False]


def test_the_calendar_has_the_morning_due_that_it_saw_every_day() -> None:
    logins = Logins(HOUR)
    for use, before in zip(OFFICE * 7, [0.0, *OFFICE * 7], strict=False):
        logins.take(use > 0 and not before > 0)
    assert logins.due(0.5) == 9.0
    later = logins.later()
    assert later.due(0.5) == 8.0
    assert logins.due(0.5) == 9.0  # to look ahead changes nothing


def test_without_a_whole_day_there_is_no_prediction() -> None:
    assert Logins(HOUR).due(0.1) is None


def test_the_calendar_wakes_in_the_window_of_its_login() -> None:
    habits = lived(*OFFICE * 7)
    sure_and_short = CALENDARS_FROM + 3
    assert np.flatnonzero(habits.ahead(sure_and_short, 12)).tolist() == [9]


def test_the_usual_idle_time_is_waited_for_where_gaps_are_alike() -> None:
    gaps = Gaps(300.0)
    for _ in range(20):
        gaps.take(12)
    assert gaps.kept_between(0.05, 0.99) == (10.0, 14.0)
    habits = lived(*([1.0] + [0.0] * 12) * 20, 1.0, step_seconds=300.0)
    assert np.flatnonzero(habits.ahead(HISTOGRAMS_FROM, 30)).tolist() == [10, 11, 12, 13]


def test_what_a_window_was_said_of_it_does_not_know_how_it_turned_out() -> None:
    used, idle = lived(*OFFICE * 3), lived(*OFFICE * 3)
    told, other = used.take(1.0), idle.take(0.0)
    assert told is not None
    assert other is not None
    assert told.tolist() == other.tolist()


def test_a_gap_in_the_metrics_is_no_idle_window() -> None:
    habits = lived(1.0, 0.0, 0.0, nan, 0.0)
    assert habits.idle == 1
    assert habits.take(nan) is None


def test_they_come_back_from_disk_as_they_were() -> None:
    habits, back = lived(*OFFICE * 9, 0.0, nan, 0.0), Habits(HOUR)
    back.restore(habits.state())
    for use in (*OFFICE, nan, *OFFICE):
        told, again = habits.take(use), back.take(use)
        assert (told is None and again is None) or np.array_equal(told, again)  # type: ignore[arg-type]
    assert all(np.array_equal(habits.ahead(way, 48), back.ahead(way, 48)) for way in range(len(NAMES)))


def test_a_state_with_something_missing_is_refused() -> None:
    state = dict(lived(*OFFICE).state())
    del state["logins"]
    with pytest.raises(InvalidInput, match="lacks logins"):
        Habits(HOUR).restore(state)

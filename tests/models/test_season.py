"""What the same time of earlier days says."""

from math import nan

import numpy as np
import pytest

from models.season import Season, learn_season
from models.state import Array
from tests.models.series import DAY, noise, wave

WEEK = 7 * DAY


def expect_next(demand: list[float], *, count: int = 4) -> Array:
    """Of the next windows, in days of four."""
    return Season(day_windows=4, days=28).expect(np.array(demand), first=len(demand), count=count)


def test_the_first_day_expects_nothing() -> None:
    assert np.isnan(Season(day_windows=4, days=28).expect(np.ones(6), first=0, count=4)).all()


def test_after_a_day_the_same_is_expected() -> None:
    assert expect_next([1.0, 2.0, 3.0, 4.0], count=6) == pytest.approx([1.0, 2.0, 3.0, 4.0, 1.0, 2.0])


def test_a_newer_day_weighs_more() -> None:
    assert expect_next([0.0] * 4 + [8.0] * 4)[0] == pytest.approx(8.0 / 1.85)


def test_an_unknown_day_is_left_out() -> None:
    found = expect_next([2.0, 2.0, nan, nan, nan, 4.0, 5.0, nan])
    np.testing.assert_allclose(found, [2.0, (4 + 0.85 * 2) / 1.85, 5.0, nan])


def test_is_judged_by_windows_a_day_old_only() -> None:
    season = Season(day_windows=DAY, days=28, week=0.5)
    demand = wave(9 * DAY) + noise(9 * DAY)
    before = season.expect(demand, first=8 * DAY, count=DAY)
    changed = demand.copy()
    changed[8 * DAY :] = 99.0
    np.testing.assert_array_equal(season.expect(changed, first=8 * DAY, count=DAY), before)


def test_a_window_at_a_time_is_the_same_as_all_at_once_to_the_last_bit() -> None:
    season = Season(day_windows=24.4, days=28, week=0.3)
    demand = wave(40 * 24, period=24) + noise(40 * 24)
    whole = season.expect(demand, first=0, count=len(demand) + 80)
    for first in range(0, len(demand) + 70, 3):
        for count in (1, 2, 7):
            part = season.expect(demand, first=first, count=count)
            np.testing.assert_array_equal(part, whole[first : first + count])


def test_a_day_need_not_be_a_whole_number_of_windows() -> None:
    assert Season(day_windows=10.5, days=4).lags().tolist() == [10, 21, 32, 42]


def test_a_week_that_came_true_is_believed_from_the_second_on() -> None:
    at_work = np.repeat([1.0, 1.0, 1.0, 1.0, 1.0, 0.1, 0.1], DAY)
    weekly = wave(4 * WEEK) * np.tile(at_work, 4)
    young, _ = learn_season(weekly[: 2 * WEEK - 1], day_windows=DAY, days=28)
    old, expected = learn_season(weekly, day_windows=DAY, days=28)
    assert young.week == 0.0
    assert old.week > 0.95
    np.testing.assert_allclose(expected[-WEEK:], weekly[-WEEK:], atol=0.5)


def test_a_week_that_never_came_true_is_not_believed() -> None:
    season, _ = learn_season(wave(4 * WEEK) + noise(4 * WEEK), day_windows=DAY, days=28)
    assert season.week < 0.2

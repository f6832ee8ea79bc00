"""The default forecaster: it knows the time of day, the day of the week, and when it does not know."""

from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.last_value import LastValue
from models.seasonal_naive import SeasonalNaive
from tests.models.series import DAY, missed, noise, quantiles, wave, windows_of

WEEK = 7 * DAY


def test_learns_a_daily_pattern() -> None:
    demand = wave(8 * DAY) + 0.3 * noise(8 * DAY)
    fitted = SeasonalNaive().fit(windows_of(demand[: 7 * DAY]))
    persistent = LastValue().fit(windows_of(demand[: 7 * DAY]))
    assert missed(fitted, demand[7 * DAY :]) < 0.3
    assert missed(persistent, demand[7 * DAY :]) > 3.0


def test_knows_a_job_that_starts_every_night_before_it_starts() -> None:
    night = np.ones(DAY)
    night[40:46] = 20.0
    demand = np.tile(night, 10) + 0.1 * noise(10 * DAY)
    fitted = SeasonalNaive().fit(windows_of(demand[: 9 * DAY + 34]))
    median = quantiles(fitted, 0.5, steps=18)[0]
    np.testing.assert_allclose(median, demand[9 * DAY + 34 :][:18], atol=1.5)


def test_a_job_that_may_come_five_minutes_later_is_in_the_high_levels() -> None:
    chance = np.random.default_rng(2)
    demand = 0.1 * noise(28 * DAY)
    for day in range(28):
        start = day * DAY + 100 + int(chance.integers(0, 2))
        demand[start : start + 6] += 20.0
    fitted = SeasonalNaive().fit(windows_of(demand[: 27 * DAY + 90]))
    assert (quantiles(fitted, 0.95, steps=16)[0, 10:] > 12.0).all()
    assert (quantiles(fitted, 0.5, steps=9) < 2.0).all()


def test_knows_the_weekend_after_two_weeks() -> None:
    work = np.repeat([1.0, 1.0, 1.0, 1.0, 1.0, 0.1, 0.1], DAY)
    demand = wave(5 * WEEK) * np.tile(work, 5) + 0.1 * noise(5 * WEEK)
    friday_night = 4 * WEEK + 5 * DAY
    fitted = SeasonalNaive().fit(windows_of(demand[:friday_night]))
    only_days = SeasonalNaive().fit(windows_of(demand[friday_night - 13 * DAY : friday_night]))
    assert missed(fitted, demand[friday_night:][:DAY]) < 0.4 * missed(only_days, demand[friday_night:][:DAY])


def test_is_unsure_at_those_times_of_day_at_which_it_was_wrong() -> None:
    busy = np.tile(np.repeat([0.05, 4.0], DAY // 2), 14)
    demand = 2.0 + busy * noise(14 * DAY)
    fitted = SeasonalNaive().fit(windows_of(demand))
    width = np.ptp(quantiles(fitted, 0.1, 0.9, steps=DAY), axis=0)
    assert width[DAY // 2 :].mean() > 1.2 * width[: DAY // 2].mean()


def test_carries_a_shift_of_the_level_on() -> None:
    demand = wave(10 * DAY) + 0.3 * noise(10 * DAY)
    # A month with days of more and less, so that it has seen shifts last.
    demand += np.repeat(4.0 * noise(10, seed=8), DAY)
    fitted = SeasonalNaive().fit(windows_of(demand[: 9 * DAY]))
    shifted = demand.copy()
    shifted[9 * DAY :] += 6.0
    now = fitted.update(windows_of(shifted[: 9 * DAY + 60], first=9 * DAY))
    assert missed(now, shifted[9 * DAY + 60 :][:12]) < 1.5


@pytest.mark.parametrize("windows", [1, 2, 5, 60, DAY - 24])
def test_before_it_has_seen_a_day_it_is_persistence(windows: int) -> None:
    demand = np.full(windows, 4.0) + noise(windows)
    median, high = quantiles(SeasonalNaive().fit(windows_of(demand)), 0.5, 0.99, steps=12)
    assert median == pytest.approx(demand[-1], abs=0.5)
    if windows >= 60:
        assert 0.5 < (high - median).min() <= (high - median).max() < 6.0


def test_takes_no_example_from_before_its_first_window() -> None:
    fitted = SeasonalNaive().fit(windows_of([1.0] + [30.0] * 40))
    np.testing.assert_array_equal(quantiles(fitted, 0.1, 0.5, 0.99, steps=100)[:, 41:], 30.0)


def test_beyond_a_day_it_is_as_unsure_as_a_day_ahead() -> None:
    demand = wave(2 * DAY) + noise(2 * DAY)
    low, high = quantiles(SeasonalNaive().fit(windows_of(demand)), 0.05, 0.95, steps=4 * DAY)
    width = (high - low).reshape(4, DAY).mean(axis=1)
    assert width.min() > 1.0
    np.testing.assert_allclose(width[1:], width[1], rtol=0.2)


def test_grows_from_its_first_window_without_another_fit() -> None:
    morning = 5 * DAY + 60
    demand = wave(6 * DAY) + 0.3 * noise(6 * DAY)
    fitted = SeasonalNaive().fit(windows_of(demand[:1]))
    for first in range(1, morning):
        fitted = fitted.update(windows_of(demand[: first + 1], first=first))
    persistent = LastValue().fit(windows_of(demand[:morning]))
    assert missed(fitted, demand[morning:][:24]) < 0.7 * missed(persistent, demand[morning:][:24])


def test_an_update_knows_what_a_fit_on_everything_knows_of_the_season() -> None:
    demand = wave(16 * DAY) + noise(16 * DAY)
    demand[3 * DAY + 7 : 3 * DAY + 60] = nan
    fitted = SeasonalNaive().fit(windows_of(demand[: 15 * DAY]))
    later = fitted.update(windows_of(demand, first=15 * DAY))
    whole = SeasonalNaive().fit(windows_of(demand))
    np.testing.assert_allclose(later.season.expect(demand, first=0, count=len(demand)), later.expected_acu)
    np.testing.assert_allclose(quantiles(later, 0.5, 0.9, steps=24), quantiles(whole, 0.5, 0.9, steps=24), atol=0.5)


def test_in_an_outage_it_still_knows_the_time_of_day() -> None:
    demand = wave(9 * DAY) + 0.3 * noise(9 * DAY)
    fitted = SeasonalNaive().fit(windows_of(demand[: 7 * DAY]))
    dark = fitted.update(windows_of(np.append(demand[: 7 * DAY], np.full(DAY // 2, nan)), first=7 * DAY))
    assert missed(dark, demand[7 * DAY + DAY // 2 :][:DAY]) < 1.0


@pytest.mark.parametrize("step_seconds", [60.0, 900.0, 3600.0])
def test_learns_a_day_at_any_resolution(step_seconds: float) -> None:
    day = round(86400 / step_seconds)
    demand = wave(6 * day, period=day) + 0.3 * noise(6 * day)
    fitted = SeasonalNaive().fit(windows_of(demand[: 5 * day], step_seconds=step_seconds))
    assert missed(fitted, demand[5 * day :]) < 0.5


def test_covers_what_it_says() -> None:
    demand = wave(40 * DAY) + noise(40 * DAY)
    fitted = SeasonalNaive().fit(windows_of(demand[: 14 * DAY]))
    hits = []
    for first in range(14 * DAY, 39 * DAY, 29):
        fitted = fitted.update(windows_of(demand[: first + 29], first=first))
        hits.append(demand[first + 29 :][:6] <= quantiles(fitted, 0.5, 0.9, 0.99, steps=6))
    np.testing.assert_allclose(np.mean(hits, axis=(0, 2)), [0.5, 0.9, 0.99], atol=0.04)


@given(seed=st.integers(0, 1000), shift=st.floats(0.0, 50.0))
@settings(max_examples=20)
def test_a_constant_on_top_moves_the_forecast_by_as_much(seed: int, shift: float) -> None:
    demand = 20.0 + wave(4 * DAY) + noise(4 * DAY, seed=seed)
    plain = quantiles(SeasonalNaive().fit(windows_of(demand)), 0.5, 0.9, steps=12)
    moved = quantiles(SeasonalNaive().fit(windows_of(demand + shift)), 0.5, 0.9, steps=12)
    np.testing.assert_allclose(moved, plain + shift, atol=1e-3)

"""Exponential smoothing: statsmodels' own numbers, and what is done where it would stumble."""

from math import nan

import numpy as np
import pytest

from models.holt_winters import MIN_WINDOWS, PERSISTENCE, HoltWinters
from models.last_value import LastValue
from models.smoothing import Gains, Path
from models.state import Array
from tests.models.series import DAY, missed, noise, quantiles, wave, windows_of

HOURLY = 24
GAINS = Gains(level=0.3, trend=0.1, season=0.2, damping=0.9)


def start(period: int) -> Path:
    """After a first window at 5 ACU, in an uneven season."""
    season = np.arange(period) % 5 - 2.0
    return Path(level=np.array([5.0]), trend=np.array([0.1]), season=np.append(season, season[0]))


def expected_of_statsmodels(demand: Array, begun: Path) -> Array:
    """What it expects of each window a step ahead, and of almost a period to come, with the same gains and start.

    Further on it forgets what the very last window taught about the season (as of 0.15), which we do not.
    """
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    fitted = ExponentialSmoothing(
        demand,
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=begun.period,
        initialization_method="known",
        initial_level=float(begun.level[0]),
        initial_trend=float(begun.trend[0]),
        initial_seasonal=begun.season[1:],
    ).fit(smoothing_level=0.3, smoothing_trend=0.1, smoothing_seasonal=0.2, damping_trend=0.9, optimized=False)
    return np.concatenate((fitted.fittedvalues, fitted.forecast(begun.period - 1)))


def test_the_recursion_is_that_of_statsmodels() -> None:
    demand = wave(60, period=12) + noise(60)
    path = start(12).follow(demand, GAINS)
    ours = [path.ahead(np.array(i), np.array(1), GAINS) for i in range(60)]
    coming = path.ahead(np.array(60), np.arange(1, 12), GAINS)
    np.testing.assert_allclose(np.append(ours, coming), expected_of_statsmodels(demand, start(12)))


def test_an_unknown_window_came_as_expected() -> None:
    path = start(12).follow(np.append(wave(30, period=12), [nan] * 5), GAINS)
    before = start(12).follow(wave(30, period=12), GAINS)
    np.testing.assert_allclose(
        path.ahead(np.array(35), np.arange(1, 20), GAINS), before.ahead(np.array(30), np.arange(6, 25), GAINS)
    )


def test_keeps_to_its_season_when_the_oldest_windows_are_forgotten() -> None:
    path = start(12).follow(wave(60, period=12) + noise(60), GAINS)
    for kept in (1, 11, 12, 30):
        short = path.newest(kept)
        np.testing.assert_array_equal(
            short.ahead(np.array(kept - 1), np.arange(1, 30), GAINS), path.ahead(np.array(60), np.arange(1, 30), GAINS)
        )


def test_a_trend_without_damping_goes_on_for_ever() -> None:
    np.testing.assert_array_equal(
        Gains(level=1.0, trend=0.0, season=0.0, damping=1.0).trend_sum(np.array([1, 5])), [1.0, 5.0]
    )


def test_learns_a_daily_pattern() -> None:
    demand = wave(8 * DAY) + 0.3 * noise(8 * DAY)
    fitted = HoltWinters().fit(windows_of(demand[: 7 * DAY]))
    assert missed(fitted, demand[7 * DAY :]) < 0.4


def test_follows_the_pattern_at_a_new_level() -> None:
    demand = wave(8 * DAY) + 0.3 * noise(8 * DAY) + np.repeat(3.0 * noise(8 * 4, seed=6), DAY // 4)
    fitted = HoltWinters().fit(windows_of(demand[: 7 * DAY]))
    demand[7 * DAY :] += 10.0
    now = fitted.update(windows_of(demand[: 7 * DAY + 24], first=7 * DAY))
    assert missed(now, demand[7 * DAY + 24 :][:12]) < 2.0


def test_a_gap_is_bridged_for_the_search_of_the_gains_only() -> None:
    demand = wave(7 * HOURLY, period=HOURLY) + 0.3 * noise(7 * HOURLY)
    whole = demand.copy()
    demand[30:36] = demand[100] = nan
    fitted = HoltWinters().fit(windows_of(demand, step_seconds=3600.0))
    assert np.isnan(fitted.windows.demand_acu[30:36]).all()
    np.testing.assert_allclose(
        quantiles(fitted, 0.5, steps=HOURLY),
        quantiles(HoltWinters().fit(windows_of(whole, step_seconds=3600.0)), 0.5, steps=HOURLY),
        atol=0.7,
    )


@pytest.mark.parametrize("windows", [1, 2, MIN_WINDOWS - 1])
def test_with_next_to_nothing_it_is_persistence(windows: int) -> None:
    demand = noise(windows)
    fitted = HoltWinters().fit(windows_of(demand))
    assert fitted.gains == PERSISTENCE
    assert quantiles(fitted, 0.5)[0, 0] == pytest.approx(demand[-1], abs=1.0)
    assert fitted.path.period == 1


def test_with_next_to_nothing_its_spread_is_that_of_persistence() -> None:
    seen = windows_of([1.0, 9.0, 4.0, 30.0, 20.0, 21.0, 30.0])
    high = quantiles(HoltWinters().fit(seen), 0.75, 0.99, steps=9)
    np.testing.assert_allclose(high, quantiles(LastValue().fit(seen), 0.75, 0.99, steps=9))


def test_with_less_than_two_days_there_is_no_season_yet() -> None:
    demand = wave(2 * HOURLY, period=HOURLY)
    periods = [
        HoltWinters().fit(windows_of(demand[:known], step_seconds=3600.0)).path.period
        for known in (2 * HOURLY - 1, 2 * HOURLY)
    ]
    assert periods == [1, HOURLY]


def test_the_spread_grows_with_the_lead() -> None:
    walk = 100.0 + np.cumsum(noise(7 * DAY) - 1.0)
    high, low = quantiles(HoltWinters().fit(windows_of(walk)), 0.05, 0.95, steps=48)[::-1]
    assert (high - low)[-1] > 3.0 * (high - low)[0]


def test_covers_what_it_says() -> None:
    demand = wave(14 * DAY) + noise(14 * DAY)
    fitted = HoltWinters().fit(windows_of(demand[: 7 * DAY]))
    hits = []
    for first in range(7 * DAY, 13 * DAY, 29):
        fitted = fitted.update(windows_of(demand[: first + 29], first=first))
        hits.append(demand[first + 29 :][:6] <= quantiles(fitted, 0.5, 0.9, 0.99, steps=6))
    np.testing.assert_allclose(np.mean(hits, axis=(0, 2)), [0.5, 0.9, 0.99], atol=0.08)


def test_a_week_of_seconds_is_cut_to_what_can_be_fitted() -> None:
    fitted = HoltWinters().fit(windows_of(noise(12_000), step_seconds=1.0))
    assert len(fitted.windows) == 10_080


def test_is_no_worse_than_persistence_on_a_walk() -> None:
    walk = 100.0 + np.cumsum(noise(8 * DAY) - 1.0)
    fitted, persistent = (model.fit(windows_of(walk[: 7 * DAY])) for model in (HoltWinters(), LastValue()))
    coming = walk[7 * DAY :][:12]
    assert missed(fitted, coming) < 1.5 * missed(persistent, coming) + 1.0

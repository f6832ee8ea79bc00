"""Persistence, with the spread of what changed lately."""

from math import nan

import numpy as np
import pytest

from models.last_value import LastValue, changes
from tests.models.series import DAY, noise, quantiles, wave, windows_of


def test_the_median_is_the_last_known_window() -> None:
    demand = wave(DAY) + noise(DAY)
    demand[-3:] = nan
    np.testing.assert_allclose(quantiles(LastValue().fit(windows_of(demand)), 0.5, steps=24), demand[-4])


def test_the_spread_is_that_of_the_changes_over_as_many_windows() -> None:
    demand = 6.0 + np.tile([0.0, 3.0, 1.0, 4.0], 100)  # two windows ahead it is 1 more or less, four ahead the same
    fitted = LastValue().fit(windows_of(demand))
    np.testing.assert_allclose(
        quantiles(fitted, 0.1, 0.5, 0.9, steps=4), [[6.0, 9.0, 7.0, 10.0], [10.0] * 4, [13.0, 11.0, 14.0, 10.0]]
    )


def test_what_only_ever_grows_is_not_expected_to_fall() -> None:
    fitted = LastValue().fit(windows_of(np.arange(100.0)))
    np.testing.assert_allclose(quantiles(fitted, 0.1, 0.5, 0.9, steps=2), [[99.0, 99.0], [99.0, 99.0], [100.0, 101.0]])


def test_only_the_last_two_days_count() -> None:
    wild, calm = 10.0 * noise(3 * DAY), np.full(2 * DAY, 3.0)
    fitted = LastValue().fit(windows_of(np.concatenate((wild, calm))))
    np.testing.assert_allclose(quantiles(fitted, 0.5, 0.99, steps=6), 3.0)


def test_a_seldom_spike_is_in_the_high_levels_only() -> None:
    demand = np.full(2 * DAY, 1.0)
    demand[::50] = 30.0
    fitted = LastValue().fit(windows_of(np.append(demand, 1.0)))
    assert quantiles(fitted, 0.5, 0.9, 0.99)[:, 0] == pytest.approx([1.0, 1.0, 30.0])


def test_changes_need_both_ends() -> None:
    found = changes(np.array([1.0, nan, 4.0, 8.0]), np.array([1, 2]))
    np.testing.assert_array_equal(found, [[nan, nan, nan, 4.0], [nan, nan, 3.0, nan]])

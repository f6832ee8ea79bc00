"""From a pool of misses to a forecast."""

from itertools import pairwise
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autoscaler.core.forecast import Forecast
from models.buffer import remember
from models.quantiles import quantiles_of, to_forecast
from models.state import Array
from tests.fakes import MONDAY
from tests.models.series import windows_of

LEVELS = (0.1, 0.5, 0.9, 0.99)


def test_a_share_of_new_values_as_large_as_the_level_stays_below() -> None:
    pool = np.arange(1.0, 10.0)[None]  # nine values part the line into ten equally likely places for a tenth
    np.testing.assert_allclose(quantiles_of(pool, (0.1, 0.25, 0.5, 0.9))[:, 0], [1.0, 2.5, 5.0, 9.0])


def test_a_level_higher_than_the_pool_can_tell_is_its_maximum() -> None:
    np.testing.assert_array_equal(quantiles_of(np.array([[3.0, 1.0, 2.0]]), (0.01, 0.99))[:, 0], [1.0, 3.0])


def test_leaves_unknown_values_out_row_by_row() -> None:
    pool = np.array([[nan, 1.0, nan], [nan, nan, nan], [4.0, nan, 6.0]])
    np.testing.assert_array_equal(quantiles_of(pool, (0.5,)), [[1.0, 0.0, 5.0]])


def test_covers_what_it_says() -> None:
    chance = np.random.default_rng(5)
    pool, coming = chance.gamma(0.5, 2.0, (4000, 50)), chance.gamma(0.5, 2.0, 4000)
    covered = (coming <= quantiles_of(pool, LEVELS)).mean(axis=1)
    np.testing.assert_allclose(covered, np.minimum(LEVELS, 50 / 51), atol=0.02)


@given(pool=arrays(np.float64, (3, 8), elements=st.floats(-1e6, 1e6) | st.just(nan)))
def test_rises_with_the_level_within_the_pool(pool: Array) -> None:
    found = quantiles_of(pool, LEVELS)
    assert (np.diff(found, axis=0) >= 0).all()
    for row, values in zip(pool, found.T, strict=True):
        known = row[np.isfinite(row)] if np.isfinite(row).any() else np.zeros(1)
        assert known.min() <= values[0]
        assert values[-1] <= known.max()


def test_a_forecast_is_never_negative_and_never_falls_with_the_level() -> None:
    windows = remember(windows_of([1.0, nan]), keep_seconds=3600.0)
    demand = np.array([[3.0, -2.0], [2.0, -1.0], [5.0, 4.0]])
    forecast = to_forecast(demand, windows=windows, made_at=MONDAY, levels=(0.5, 0.9, 0.99), model="of a test")
    assert forecast == Forecast(
        made_at=MONDAY,
        start=windows_of([0.0, 0.0]).end,
        step_seconds=300.0,
        levels=(0.5, 0.9, 0.99),
        demand_acu=((3.0, 0.0), (3.0, 0.0), (5.0, 4.0)),
        model="of a test",
    )
    for lower, higher in pairwise(forecast.demand_acu):
        assert all(type(value) is float for value in (*lower, *higher))


@pytest.mark.parametrize("rows", [1, 5])
def test_one_value_is_every_quantile(rows: int) -> None:
    np.testing.assert_array_equal(quantiles_of(np.full((rows, 1), 2.0), LEVELS), np.full((4, rows), 2.0))

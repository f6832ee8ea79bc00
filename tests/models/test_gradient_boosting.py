"""Boosted trees: what they see, what they learn, and what happens while there is too little of it."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from models.buffer import remember
from models.features import features
from models.gradient_boosting import LEVELS, GradientBoosting, _grow
from models.last_value import LastValue
from models.state import Array
from models.trees import flattened
from tests.models.series import missed, noise, quantiles, wave, windows_of

DAY = 96
STEP_SECONDS = 900.0
FORGETS_ALL = 90 * 86400.0


def seen_of(demand: Array, *, origin: int, lead: int, known: int | None = None) -> Array:
    """The one row of features of the window ``lead`` after ``origin``, when ``known`` windows have come."""
    windows = remember(windows_of(demand[:known], step_seconds=STEP_SECONDS), keep_seconds=FORGETS_ALL)
    row: Array = features(windows, origins=np.array([origin]), leads=np.array([lead]), period_seconds=86400.0)[0]
    return row


@pytest.mark.parametrize("lead", [1, 5, DAY - 1, DAY])
def test_features_see_nothing_newer_than_their_origin(lead: int) -> None:
    demand = wave(14 * DAY, period=DAY) + noise(14 * DAY)
    origin = 10 * DAY
    other = demand.copy()
    other[origin + 1 :] = 77.0
    np.testing.assert_array_equal(seen_of(demand, origin=origin, lead=lead), seen_of(other, origin=origin, lead=lead))


@pytest.mark.parametrize("lead", [1, 5, DAY - 1, DAY])
def test_features_are_the_same_in_training_and_when_it_counts(lead: int) -> None:
    demand = wave(14 * DAY, period=DAY) + noise(14 * DAY)
    origin = 10 * DAY
    later = seen_of(demand, origin=origin, lead=lead)
    np.testing.assert_allclose(seen_of(demand, origin=origin, lead=lead, known=origin + 1), later)


def test_features_of_a_level_never_seen_before_are_those_of_the_old_one() -> None:
    demand = wave(14 * DAY, period=DAY) + noise(14 * DAY)
    low, high = (seen_of(demand + level, origin=10 * DAY, lead=5) for level in (0.0, 100.0))
    assert high[0] == low[0] + 100.0
    np.testing.assert_allclose(high[1:], low[1:], atol=1e-9)


def test_features_know_that_a_window_is_unknown() -> None:
    demand = wave(3 * DAY, period=DAY)
    demand[2 * DAY - 1] = nan
    row = seen_of(demand, origin=2 * DAY, lead=1)
    assert np.isnan(row[1])
    assert np.isfinite(row[2])


def test_learns_a_daily_pattern() -> None:
    demand = wave(11 * DAY, period=DAY) + 0.3 * noise(11 * DAY)
    seen = windows_of(demand[: 10 * DAY], step_seconds=STEP_SECONDS)
    fitted, persistent = GradientBoosting().fit(seen), LastValue().fit(seen)
    assert missed(fitted, demand[10 * DAY :][:24]) < 0.6
    assert missed(persistent, demand[10 * DAY :][:24]) > 1.2


def test_learns_what_no_season_knows() -> None:
    """A burst of four windows follows each warning of one window, at any time of day."""
    demand = 0.1 * noise(12 * DAY + 12) + 1.0
    chance = np.random.default_rng(9)
    for first in np.sort(chance.choice(12 * DAY - 10, 80, replace=False)):
        demand[first] = 3.0
        demand[first + 1 : first + 5] = 12.0
    warned = 12 * DAY
    demand[warned - 6 :] = 0.1 * noise(18) + 1.0
    demand[warned - 1] = 3.0
    fitted = GradientBoosting().fit(windows_of(demand[:warned], step_seconds=STEP_SECONDS))
    assert quantiles(fitted, 0.9)[0, 0] > 8.0
    calm = fitted.update(windows_of(demand, first=warned, step_seconds=STEP_SECONDS))
    assert quantiles(calm, 0.5)[0, 0] < 2.0


@pytest.mark.parametrize("windows", [1, 30, DAY + 100])
def test_with_too_little_to_learn_from_it_is_persistence(windows: int) -> None:
    seen = windows_of(wave(windows) + noise(windows), step_seconds=STEP_SECONDS)
    asked = {"made_at": seen.end, "steps": 6, "levels": (0.5, 0.9)}
    forecast = GradientBoosting().fit(seen).forecast(**asked)  # type: ignore[arg-type]
    persistent = LastValue(keep_seconds=FORGETS_ALL).fit(seen).forecast(**asked)  # type: ignore[arg-type]
    assert forecast == replace(persistent, model="gradient-boosting")


def test_levels_between_and_beyond_the_learned_ones_are_drawn_on() -> None:
    demand = wave(8 * DAY, period=DAY) + noise(8 * DAY)
    fitted = GradientBoosting().fit(windows_of(demand, step_seconds=STEP_SECONDS))
    found = quantiles(fitted, 0.01, 0.1, 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, steps=4)
    assert (np.diff(found, axis=0) >= 0.0).all()
    assert (np.diff(found[:, 0])[[0, -1]] > 0.0).all()


def test_works_when_every_second_window_is_unknown() -> None:
    demand = wave(14 * DAY, period=DAY) + 0.3 * noise(14 * DAY)
    demand[1::2] = nan
    fitted = GradientBoosting().fit(windows_of(demand, step_seconds=STEP_SECONDS))
    assert fitted.forest is not None
    assert missed(fitted, wave(14 * DAY + 12, period=DAY)[14 * DAY :]) < 1.5


def test_the_forest_says_what_scikit_learn_says() -> None:
    chance = np.random.default_rng(3)
    seen = chance.normal(size=(1500, 6))
    seen[::5, 2] = nan
    changes = seen[:, 0] + np.nan_to_num(seen[:, 2], nan=3.0) + 0.1 * chance.normal(size=1500)
    grown = [_grow(seen, changes, level) for level in LEVELS]
    asked = chance.normal(size=(200, 6))
    asked[::3, :3] = nan
    np.testing.assert_allclose(flattened(grown).predict(asked), [one.predict(asked) for one in grown], atol=1e-9)

"""The mixture: that all its forms say the same, what it learns, and that no spike becomes a habit."""

from dataclasses import replace
from datetime import timedelta
from math import nan

import numpy as np
import pytest

from autoscaler.core.history import History
from models.fleet import forecast_fleet
from models.last_value import LastValue
from models.mixture import FittedMixture, Mixture
from models.paths import forecast_paths
from models.state import Array
from tests.fakes import MONDAY
from tests.models.series import DAY, missed, noise, quantiles, wave, windows_of

LEVELS = (0.5, 0.9, 0.99)
LEADS = np.array((1, 3, 12, 100, 288, 400))
NUMBER = round(MONDAY.timestamp() / 300.0)


def path_of(demand: Array, *, number: int = NUMBER) -> Array:
    """What would have been said after each window of one or more clusters, (clusters, windows, leads, levels)."""
    said = forecast_paths(np.atleast_2d(demand), first=number, step_seconds=300.0, leads=LEADS, levels=LEVELS)
    return np.asarray(said, dtype=np.float64)


def history_of(demand: Array, *, number: int = NUMBER) -> History:
    start = MONDAY + timedelta(seconds=300.0 * (number - NUMBER))
    return History(start=start, step_seconds=300.0, demand_acu=demand)


def said_by(fitted: FittedMixture) -> Array:
    said: Array = quantiles(fitted, *LEVELS, steps=int(LEADS[-1])).T[LEADS - 1]
    return said


def holed(demand: Array) -> Array:
    """With single windows and a whole morning unknown."""
    demand = demand.copy()
    demand[::17] = demand[DAY + 30 : DAY + 90] = nan
    return demand


@pytest.mark.parametrize("offset", [0, 5])
def test_a_path_is_what_a_model_kept_up_to_date_would_have_said(offset: int) -> None:
    demand, number = holed(wave(2 * DAY) + noise(2 * DAY)), NUMBER + offset
    path = path_of(demand, number=number)[0]
    fitted = Mixture().fit(history_of(demand[:10], number=number))
    seen = 10
    for upto in (11, 40, DAY, DAY + 7, DAY + 60, DAY + 95, 2 * DAY - 30, 2 * DAY - 29, 2 * DAY):
        fitted = fitted.update(history_of(demand[seen:upto], number=number + seen))
        np.testing.assert_allclose(said_by(fitted), path[upto - 1], rtol=1e-5, atol=1e-5)
        seen = upto


def test_a_path_of_many_clusters_is_the_paths_of_each() -> None:
    clusters = np.stack((holed(wave(DAY * 2)), noise(DAY * 2), np.full(DAY * 2, 3.0), wave(DAY * 2) * 9.0))
    clusters[1, :50] = nan
    together = path_of(clusters)
    for one, said in zip(clusters, together, strict=True):
        np.testing.assert_allclose(path_of(one)[0], said, rtol=1e-5, atol=1e-5)


def test_a_fleet_is_told_what_each_of_its_clusters_says() -> None:
    """Also when they are not equally far, and one has been dark for a while."""
    demands = (holed(wave(DAY)), noise(DAY - 30), np.append(wave(DAY // 2), [nan] * 20))
    fleet = [Mixture().fit(windows_of(demand)) for demand in demands]
    together = forecast_fleet(fleet, leads=LEADS, levels=LEVELS)
    np.testing.assert_allclose(together, np.stack([said_by(one) for one in fleet]))


def test_a_path_knows_only_what_was_before() -> None:
    demand = wave(3 * DAY) + noise(3 * DAY)
    for cut in (DAY, 2 * DAY - 5, 2 * DAY + 12):
        other = np.where(np.arange(len(demand)) < cut, demand, 500.0)
        np.testing.assert_array_equal(path_of(other)[0, :cut], path_of(demand)[0, :cut])
        np.testing.assert_array_equal(path_of(demand[:cut])[0], path_of(demand)[0, :cut])


def test_says_nothing_before_anything_is_known() -> None:
    path = path_of(np.array([nan, nan, 2.0, 2.0]))[0]
    assert np.isnan(path[:2]).all()
    assert (path[2:] == 2.0).all()


def test_learns_a_day() -> None:
    demand = wave(8 * DAY) + 0.2 * noise(8 * DAY)
    seen, coming = windows_of(demand[: 7 * DAY + 100]), demand[7 * DAY + 100 :][:120]
    assert missed(Mixture().fit(seen), coming) < 0.2 * missed(LastValue().fit(seen), coming)


def test_learns_a_week() -> None:
    """Sundays are idle: the Sunday after three of them is foreseen on Saturday night."""
    days = np.arange(28 * DAY) // DAY
    demand = np.where(days % 7 == 6, 1.0, 1.0 + wave(28 * DAY)) + 0.1 * noise(28 * DAY)
    fitted = Mixture().fit(windows_of(demand[: 27 * DAY]))
    assert missed(fitted, demand[27 * DAY :]) < 1.5


def test_the_hour_of_the_week_is_as_uncertain_as_the_hour_of_the_day() -> None:
    """Sundays are low and mornings noisy; a day ahead both are told, on a Sunday and on a Monday."""
    windows = np.arange(29 * DAY)
    sunday, morning = windows // DAY % 7 == 6, windows % DAY // 12 == 9
    demand = np.where(sunday, 1.0, 4.0 + wave(29 * DAY)) + np.where(morning, 1.0, 0.1) * noise(29 * DAY)
    leads, levels, experts = np.array((DAY,)), (0.5, 0.9), ("persistence", "week")
    said = forecast_paths(demand[None], first=NUMBER, step_seconds=300.0, leads=leads, levels=levels, experts=experts)[
        0, 26 * DAY :, 0
    ]
    spread = said[:, 1] - said[:, 0]
    noon, nine = 12 * 12 + 6, 9 * 12 + 6
    assert said[noon, 0] < 2.0
    assert said[DAY + noon, 0] > 4.0
    assert spread[nine] > 1.2 * spread[noon]
    assert spread[DAY + nine] > 1.2 * spread[DAY + noon]


def test_a_spike_in_bad_data_does_not_become_a_habit() -> None:
    """A counter that jumped for ten minutes: an hour later all is nearly as if it had not been."""
    demand = 4.0 + noise(8 * DAY)
    calm = Mixture().fit(windows_of(demand))
    demand[7 * DAY - 14 : 7 * DAY - 12] = 4000.0
    fitted = Mixture().fit(windows_of(demand[: 7 * DAY]))
    assert (quantiles(fitted, *LEVELS, steps=DAY) < 3.0 * quantiles(calm, *LEVELS, steps=DAY)).all()
    later = fitted.update(windows_of(demand, first=7 * DAY))
    assert (quantiles(later, *LEVELS, steps=DAY) < 1.5 * quantiles(calm, *LEVELS, steps=DAY)).all()


def test_knows_an_hour_in_which_something_may_come() -> None:
    """Half of its windows are busy, on no pattern: no miss of a centre tells that, the quantiles of the hour do."""
    demand = np.full(15 * DAY, 0.5)
    hours = np.arange(len(demand)) % DAY // 12
    busy = (hours == 10) & (np.random.default_rng(2).random(len(demand)) < 0.5)
    demand[busy] = 8.0
    said = quantiles(Mixture().fit(windows_of(demand[: 14 * DAY])), 0.9, steps=DAY)[0]
    assert said[hours[:DAY] == 10].min() > 5.0
    assert np.median(said[hours[:DAY] < 9]) < 1.0


def test_covers_what_it_says() -> None:
    """Also between the leads that are learned, where it is interpolated."""
    demand = wave(21 * DAY) + noise(21 * DAY) * (1.0 + wave(21 * DAY) / 5.0)
    path = path_of(demand)[0, 7 * DAY : -DAY, :5]
    came = np.stack([demand[7 * DAY + lead :][: len(path)] for lead in LEADS[:5]], axis=1)
    np.testing.assert_allclose((came[..., None] <= path).mean(axis=0), np.tile(LEVELS, (5, 1)), atol=0.03)


def test_a_model_of_five_minutes_takes_less_than_42_kilobytes() -> None:
    fitted = Mixture().fit(windows_of(wave(28 * DAY) + noise(28 * DAY)))
    values = (fitted.rows, fitted.pace, fitted.learned)
    arrays = [value for one in values[1:] for value in (getattr(one, name) for name in one.__slots__)]
    assert sum(array.nbytes for array in (fitted.rows, *arrays)) < 42_000


def test_stands_down_while_worse_than_persistence_and_comes_back() -> None:
    """Losses as after some bad days: the next hour it says so, and some good days later it is trusted again."""
    demand = wave(20 * DAY) + noise(20 * DAY)
    good = Mixture().fit(windows_of(demand[: 14 * DAY]))
    bad = replace(good, learned=replace(good.learned, losses=good.learned.losses * (2.0, 1.0)))
    said = []
    for hours in (1, 24, 120):
        after = bad.update(windows_of(demand[: 14 * DAY + 12 * hours], first=14 * DAY))
        said.append(after.forecast(made_at=MONDAY, steps=1, levels=LEVELS))
    assert [forecast.trusted for forecast in said] == [False, False, True]
    assert "above that of persistence" in said[0].doubt
    assert said[2].doubt == ""
    assert good.forecast(made_at=MONDAY, steps=1, levels=LEVELS).trusted

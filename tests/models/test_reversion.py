"""How the demand finds back to its season."""

import numpy as np

from models.reversion import PRIOR, learn_reversion, recent_means
from models.season import learn_season
from models.state import Array
from tests.models.series import DAY, noise, wave


def weights_of(demand: Array, *, lead: int) -> Array:
    """Of the season's change, the last and the recent deviation."""
    _, expected = learn_season(demand, day_windows=DAY, days=28)
    return learn_reversion(demand, expected, day_windows=DAY, recent=12).at(np.array([lead]))[:, 0]


def test_without_a_season_to_compare_with_nothing_is_learned() -> None:
    np.testing.assert_array_equal(weights_of(noise(DAY + 1), lead=1), PRIOR)
    np.testing.assert_array_equal(weights_of(np.full(5 * DAY, 4.0), lead=1), PRIOR)


def test_a_season_that_always_comes_is_followed_and_chance_is_not_carried_on() -> None:
    for lead in (20, 100, DAY, 3 * DAY):
        season, last, recent = weights_of(wave(14 * DAY) + noise(14 * DAY), lead=lead)
        assert season > 0.85
        assert last + recent < 0.2


def test_a_walk_without_a_season_stays_where_it_is() -> None:
    walk = 100.0 + np.cumsum(noise(14 * DAY) - 1.0)
    season, last, recent = weights_of(walk, lead=1)
    assert season < 0.2
    assert last + recent > 0.9


def test_a_slow_shift_is_told_from_chance() -> None:
    shift = np.repeat(6.0 * noise(14 * 3, seed=4), DAY // 3)
    last, recent = weights_of(wave(14 * DAY) + shift + 3.0 * noise(14 * DAY), lead=1)[1:]
    alone = weights_of(wave(14 * DAY) + shift, lead=1)[2]
    assert 0.2 < recent < 1.0 - last + 0.1
    assert alone < 0.1


def test_a_day_of_spikes_does_not_bend_the_weights() -> None:
    calm = wave(14 * DAY) + 0.3 * noise(14 * DAY)
    spiky = calm.copy()
    spiky[5 * DAY : 6 * DAY : 60] += 100.0
    np.testing.assert_allclose(weights_of(spiky, lead=12), weights_of(calm, lead=12), atol=0.15)


def test_weights_between_and_beyond_the_learned_leads_are_drawn_on() -> None:
    reversion = learn_reversion(noise(3 * DAY), np.full(3 * DAY, 1.0), day_windows=DAY, recent=12)
    found = reversion.at(np.array([1, 2, 3, DAY, 50 * DAY]))
    assert ((found >= 0.0) & (found <= 1.0)).all()
    np.testing.assert_array_equal(found[:, 0], reversion.weights[0])
    np.testing.assert_array_equal(found[:, -1], reversion.weights[-1])


def test_recent_means_look_back_so_far_and_no_further() -> None:
    np.testing.assert_allclose(recent_means(np.array([2.0, 0.0, 4.0, 6.0]), 2), [1.0, 1.0, 2.0, 5.0])

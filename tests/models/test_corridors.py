"""How high demand was lately and usually is: the plain functions against what they say they are."""

import numpy as np
import pytest

from models.corridors import highest_lately, usual_peak

DEMAND = np.random.default_rng(3).gamma(1.0, 4.0, 400)
NEWEST = np.concatenate(([-1, -1], np.repeat(np.arange(0, 400, 3), 2)))


@pytest.mark.parametrize("samples", [1, 7, 50, 1000])
def test_the_highest_lately_is_the_largest_of_the_newest_samples(samples: int) -> None:
    highest = np.zeros(len(NEWEST))
    highest_lately(DEMAND, NEWEST, samples, highest)
    windows = [DEMAND[max(0, newest - samples + 1) : newest + 1] for newest in NEWEST]
    assert highest.tolist() == [float(window.max()) if len(window) else 0.0 for window in windows]


@pytest.mark.parametrize("turn", [2, 100, -1])
def test_one_turn_alone_comes_out_as_among_all(turn: int) -> None:
    whole, alone = np.zeros(len(NEWEST)), np.zeros(1)
    highest_lately(DEMAND, NEWEST, 50, whole)
    highest_lately(DEMAND, NEWEST[turn : turn + 1 or None], 50, alone)
    assert alone[0] == whole[turn]


def test_the_usual_peak_is_that_of_the_same_time_on_past_days() -> None:
    usual = np.zeros(1)
    usual_peak(DEMAND, np.array([350]), 5, 100, 1, 3, 0.5, usual)
    peaks = sorted(DEMAND[351 - 100 * day : 356 - 100 * day].max() for day in (1, 2, 3))
    assert usual[0] == peaks[1]

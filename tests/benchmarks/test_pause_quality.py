"""The protocol of pausing: no way to pause looks ahead, and what is counted is what happened."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.pause_quality.cases import Case
from benchmarks.pause_quality.frontiers import Count, cold_at, count
from benchmarks.pause_quality.ours import PRICES, USUAL, slept
from benchmarks.pause_quality.ways import Awake, time_out
from models.habits import CALENDARS_FROM, HISTOGRAMS_FROM

pytestmark = pytest.mark.slow  # what is compiled takes its seconds
HOURS = np.tile([0.0] * 9 + [1.0] * 8 + [0.0] * 7, 12)
CASE = Case(name="office", group="made up", step_seconds=3600.0, first=0, used=HOURS)
WAYS: dict[str, Callable[[Case], Awake]] = {
    "time-out": lambda case: time_out(case, 7200.0),
    "ProRP": lambda case: slept(case).simple[CALENDARS_FROM],
    "histogram": lambda case: slept(case).simple[HISTOGRAMS_FROM],
    "plan only": lambda case: slept(case).plan[PRICES.index(USUAL)],
    "ours": lambda case: slept(case).ours[PRICES.index(USUAL)],
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_pause_knows_what_comes_later(way: str) -> None:
    cut = 200
    other = np.concatenate((HOURS[:cut], 1.0 - HOURS[cut:]))
    one, changed = WAYS[way](CASE), WAYS[way](replace(CASE, used=other))
    idle = CASE.idle[:cut]
    assert (one[:cut][idle] == changed[:cut][idle]).all()


def test_a_time_out_meets_every_morning_cold_and_pays_for_its_evenings() -> None:
    counted = count(CASE, time_out(CASE, 7200.0), begin=0, end=len(HOURS))
    assert counted == Count(awake_hours=26.0, idle_hours=192.0, cold_hits=12.0, gaps=12.0)


def test_ours_is_awake_in_the_mornings_it_has_come_to_know() -> None:
    counted = count(CASE, slept(CASE).ours[PRICES.index(USUAL)], begin=CASE.half, end=len(HOURS))
    assert counted.cold_hits == 0
    assert counted.awake_share < 20


def test_cold_hits_are_read_between_two_settings_only() -> None:
    points = [Count(awake_hours=a, idle_hours=100.0, cold_hits=c, gaps=10.0) for a, c in ((10.0, 8.0), (30.0, 4.0))]
    assert cold_at(points, 20.0) == pytest.approx(60.0)
    assert cold_at(points, 40.0) is None

"""Pausing stays as good as it is: two made-up offices, told to the same code as the benchmark of recorded traces."""

import numpy as np
import pytest

from benchmarks.pause_quality.cases import Case
from benchmarks.pause_quality.frontiers import Count
from benchmarks.pause_quality.measure import OURS, TUNED, measure
from benchmarks.pause_quality.ours import PRICES, USUAL

pytestmark = pytest.mark.slow
DAYS = 42


def office(seed: int, *, early: float, busy: float) -> Case:
    """Hours of six weeks: open from nine to five on workdays, now and then earlier, and with breaks."""
    rng = np.random.default_rng(seed)
    used = np.zeros((DAYS, 24))
    for day in range(DAYS):
        if day % 7 < 5:
            opens = 9 - int(rng.random() < early) * int(rng.integers(1, 3))
            used[day, opens:17] = rng.random(17 - opens) < busy
            used[day, opens] = 1.0
    return Case(name=f"office-{seed}", group="made up", step_seconds=3600.0, first=0, used=used.ravel())


@pytest.mark.parametrize(
    ("case", "most_cold", "most_awake"),
    [(office(1, early=0.0, busy=1.0), 5.0, 4.0), (office(2, early=0.3, busy=0.6), 25.0, 13.0)],
    ids=["like a clock", "with breaks"],
)
def test_at_the_usual_dial_few_are_kept_waiting_at_little_cost(case: Case, most_cold: float, most_awake: float) -> None:
    found = measure(case)
    ours: Count = found.frontiers[OURS][PRICES.index(USUAL)]
    tuned: Count = found.frontiers[TUNED][PRICES.index(USUAL)]
    assert ours.cold_share <= most_cold
    assert ours.awake_share <= most_awake
    assert ours.cost(USUAL) < tuned.cost(USUAL)

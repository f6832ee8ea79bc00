"""What is followed window by window: levels, their spread, and the profile of the day; for many clusters at once.

Arrays have the clusters in front: (clusters, …). Unknown windows change nothing but the age of what is known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.state import Array

# Half-lives: the fast level follows the last half hour, the slow one the last half day.
FAST_SECONDS, SLOW_SECONDS = 1800.0, 43_200.0
# What a new day weighs in the profile of the day: about the last six days count.
DAY_WEIGHT = 0.3
# No single window counts for more than so many usual deviations: a spike in bad data must not become a habit.
WINSOR = 8.0

SERIES = ("now", "fast", "slow", "change", "spread", "off", "was_usual", "usual", "age", "bound")
NOW, FAST, SLOW, CHANGE, SPREAD, OFF, WAS_USUAL, USUAL, AGE, BOUND = range(len(SERIES))
Series = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pace:
    """Where each cluster stands: ``newest`` (clusters, 10) is the last row, ``day`` (clusters, windows of a day) the
    usual demand at each time of day, NaN where never seen, ``seen`` (clusters,) how many windows were known.
    """

    newest: Array
    day: Array
    seen: Array


def unmoved(clusters: int, day_windows: int) -> Pace:
    """Before the first window."""
    newest = np.zeros((clusters, len(SERIES)))
    newest[:, AGE] = np.inf
    return Pace(newest=newest, day=np.full((clusters, day_windows), np.nan), seen=np.zeros(clusters))


def follow(
    pace: Pace, demand_acu: Array, *, first: int, step_seconds: float, censored: NDArray[np.bool_] | None = None
) -> tuple[Pace, Series]:
    """Where it stands after the windows (clusters, n) from number ``first`` on, and the rows on the way.

    A row, of (clusters, n, 10), holds, in ACU: the last known demand, the fast and the slow level, the usual change
    from window to window, the usual distance from the slow level, how far demand was lately off the profile of the
    day, what that had expected of the last known window before it was seen, and expects of this window (NaN: nothing);
    for how many windows nothing was known; and whether demand was only a lower bound (1) or not (0).

    ``censored`` (clusters, n) tells which windows are only bounds. Those raise what is followed and never lower it.
    """
    rates = tuple(1.0 - 0.5 ** (step_seconds / half) for half in (FAST_SECONDS, SLOW_SECONDS))
    newest, day, seen = pace.newest.copy(), pace.day.copy(), pace.seen.copy()
    known = np.isfinite(demand_acu)
    bounds = np.zeros(known.shape, dtype=np.bool_) if censored is None else censored & known
    somewhere = np.atleast_1d(known.any(axis=0))
    rows = np.empty((*demand_acu.shape, len(SERIES)), dtype=np.float32)
    for i in range(demand_acu.shape[1]):
        usual = day[:, (first + i) % day.shape[1]]
        newest[:, USUAL] = usual
        newest[:, AGE] += 1.0
        if somewhere[i]:
            _take(newest, usual, seen, demand_acu[:, i], known[:, i], bounds[:, i], rates)
        rows[:, i] = newest
    return Pace(newest=newest, day=day, seen=seen), rows


def _take(
    newest: Array,
    usual: Array,
    seen: Array,
    demand: Array,
    known: NDArray[np.bool_],
    bound: NDArray[np.bool_],
    rates: tuple[float, float],
) -> None:
    """One window into the rows and the profile, in place, where it is known."""
    starts = known & (seen == 0.0)
    newest[starts, :SPREAD] = demand[starts, None]
    newest[starts, CHANGE] = 0.0
    seen += known
    share = 1.0 / np.maximum(seen, 1.0)
    fast, slow = (np.where(known, np.maximum(rate, share), 0.0) for rate in rates)
    y = np.where(known, np.where(bound, np.maximum(demand, newest[:, NOW]), demand), newest[:, NOW])
    least = np.where(bound, 0.0, -np.inf)
    away = y - newest[:, SLOW]
    spread = newest[:, SPREAD]
    spread += slow * np.maximum(_at_most(np.abs(away), WINSOR * spread) - spread, least)
    reach = np.where(seen > 1.0 / rates[0], WINSOR * spread, np.inf)
    change = np.minimum(np.abs(y - newest[:, NOW]), WINSOR * np.maximum(spread, newest[:, CHANGE]))
    newest[:, CHANGE] += fast * np.maximum(change - newest[:, CHANGE], least)
    newest[:, SLOW] += slow * np.maximum(np.clip(away, -reach, reach), least)
    far = np.maximum(reach, WINSOR * newest[:, CHANGE])
    newest[:, FAST] += fast * np.maximum(np.clip(y - newest[:, FAST], -far, far), least)
    off = np.where(np.isnan(usual), 0.0, np.clip(y - usual, -far, far))
    newest[:, OFF] += fast * np.maximum(off - newest[:, OFF], least)
    newest[:, NOW] = y
    newest[:, BOUND] = bound
    newest[known, WAS_USUAL] = newest[known, USUAL]
    newest[known, AGE] = 0.0
    before = np.where(np.isnan(usual), newest[:, SLOW], usual)
    weight = np.where(np.isnan(usual), 1.0, DAY_WEIGHT)
    usual[known] = (before + weight * np.maximum(np.clip(y - before, -reach, reach), least))[known]


def _at_most(values: Array, bounds: Array) -> Array:
    """No more than the bounds, where there are any yet."""
    return np.where(bounds > 0.0, np.minimum(values, bounds), values)

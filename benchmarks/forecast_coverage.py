"""How far quantiles are from covering what they say, by cluster and hour of day; and what chance alone would show."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.forecast_cases import LEVELS, TAUS, Case, came_after
from models.state import Array

# Demand that is the quantile but for the rounding of float32 is a tie.
ROUNDING = 1e-6
# Half a step of capacity at a peak of 64 ACU.
GRAIN = 0.25 / 64.0
# Perfect forecasters that are drawn, and how long their misses last at the other end of what can be.
DRAWN, TOGETHER_SECONDS = 30, 3600.0


@dataclass(slots=True)
class Coverage:
    """Of many clusters: how far off each hour of each was by lead, and how many windows it had."""

    exact: dict[int, list[Array]] = field(default_factory=lambda: defaultdict(list))
    grained: dict[int, list[Array]] = field(default_factory=lambda: defaultdict(list))
    windows: dict[int, list[NDArray[np.intp]]] = field(default_factory=lambda: defaultdict(list))
    blocks: dict[int, list[NDArray[np.intp]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, case: Case, path: Array) -> None:
        """Take in what was said after each window of a trace."""
        at = np.arange(case.begin, len(path))
        came, said = came_after(case, at), path[at]
        begin = round(case.history.start.timestamp() / case.history.step_seconds)
        hours = ((begin + at[:, None] + case.leads) * case.history.step_seconds // 3600 % 24).astype(np.intp)
        together = max(1.0, TOGETHER_SECONDS / case.history.step_seconds)
        for index, lead in enumerate(case.lead_seconds):
            known = np.isfinite(came[:, index])
            then, y, q = hours[known, index], came[known, index, None], said[known, index]
            count = np.bincount(then, minlength=24)
            seen = count > 0
            self.exact[lead].append(missed_by_hour(then, y, q, ROUNDING)[seen])
            self.grained[lead].append(missed_by_hour(then, y, q, GRAIN)[seen])
            self.windows[lead].append(count[seen])
            self.blocks[lead].append(np.ceil(count[seen] / together).astype(np.intp))

    def print(self) -> None:
        """The medians over clusters and hours, in points."""
        print("\ncoverage error by cluster and hour of day, median, in points at the levels", LEVELS)
        for lead in sorted(self.exact):
            rows = {
                "ties as either": np.concatenate(self.exact[lead]),
                "to the grain of 0.5 in 64 ACU": np.concatenate(self.grained[lead]),
                "perfect, windows miss alone": by_chance(np.concatenate(self.windows[lead])),
                "perfect, an hour misses together": by_chance(np.concatenate(self.blocks[lead])),
            }
            for how, off in rows.items():
                print(f"  {lead / 3600:.3g} h, {how}: {' '.join(f'{100 * v:.1f}' for v in np.median(off, axis=0))}")


def missed_by_hour(hours: NDArray[np.intp], came: Array, said: Array, tie: float) -> Array:
    """How far the share below is from the level at each hour of day, (24, levels), 0 where there is no window.

    A tie, demand within ``tie`` of the quantile, counts as the fraction below that comes nearest: where demand is often
    exactly zero, the quantile is zero, and no other would do better (the mid-distribution of a discrete law).
    """
    number = np.maximum(np.bincount(hours, minlength=24), 1)[:, None]
    most, least = (_counted(hours, came <= said + slack) / number for slack in (tie, -tie))
    there = np.bincount(hours, minlength=24)[:, None] > 0
    off: Array = np.where(there, np.maximum(0.0, np.maximum(TAUS - most, least - TAUS)), 0.0)
    return off


def by_chance(numbers: NDArray[np.intp]) -> Array:
    """What forecasters that are exactly right would show over so many windows each, (drawn × hours, levels)."""
    chance = np.random.default_rng(42)
    below = chance.binomial(numbers[None, :, None], TAUS, size=(DRAWN, len(numbers), len(LEVELS)))
    off: Array = np.abs(below / numbers[None, :, None] - TAUS)
    return off.reshape(-1, len(LEVELS))


def _counted(hours: NDArray[np.intp], below: NDArray[np.bool_]) -> Array:
    counts: Array = np.stack([np.bincount(hours, one, minlength=24) for one in below.T.astype(float)], axis=1)
    return counts

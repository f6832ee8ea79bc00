"""Exponential smoothing with a damped trend and an additive season: where it stood after each window.

Formulas: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 8.3, the damped
additive method; the season is corrected by the whole surprise, as statsmodels does it.
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from models.state import Array, frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Gains:
    """How much of a surprise each part takes over, 0 to 1; ``damping`` is what a window leaves of a trend."""

    level: float
    trend: float
    season: float
    damping: float

    def trend_sum(self, leads: NDArray[np.intp]) -> Array:
        """How many windows' worth of trend add up over ``leads`` windows: φ + φ² + … + φʰ."""
        if self.damping >= 1.0:
            return leads.astype(np.float64)
        powers: Array = np.power(self.damping, leads.astype(np.float64))
        return self.damping * (1.0 - powers) / (1.0 - self.damping)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """Level and trend after each of n windows, and the season as it was before the first and after each: (m + n,).

    ``season[i]`` is what window i was expected to have, seen a period of m windows before.
    """

    level: Array
    trend: Array
    season: Array

    @property
    def period(self) -> int:
        """The season's length in windows."""
        return len(self.season) - len(self.level)

    def follow(self, demand_acu: Array, gains: Gains) -> "Path":
        """The same path with more windows; an unknown one is taken to have come as expected."""
        level, trend = float(self.level[-1]), float(self.trend[-1])
        levels, trends, seasons = [], [], self.season[len(self.level) :].tolist()
        for i, value in enumerate(demand_acu.tolist()):
            before, drift, season = level, gains.damping * trend, seasons[i]
            surprise = value - before - drift - season if isfinite(value) else 0.0
            level = before + drift + gains.level * surprise
            trend = drift + gains.trend * (level - before - drift)
            seasons.append(season + gains.season * surprise)
            levels.append(level)
            trends.append(trend)
        return Path(
            level=frozen(np.concatenate((self.level, levels))),
            trend=frozen(np.concatenate((self.trend, trends))),
            season=frozen(np.concatenate((self.season, seasons[self.period :]))),
        )

    def newest(self, windows: int) -> "Path":
        """Only the last ``windows`` of it."""
        gone = len(self.level) - windows
        return Path(level=frozen(self.level[gone:]), trend=frozen(self.trend[gone:]), season=frozen(self.season[gone:]))

    def ahead(self, origins: NDArray[np.intp], leads: NDArray[np.intp], gains: Gains) -> Array:
        """What stood to be expected of the windows ``leads`` after ``origins``, the shapes broadcast."""
        cycles = -(-leads // self.period)
        season: Array = self.season[origins + leads + self.period * (1 - cycles)]
        return self.level[origins] + gains.trend_sum(leads) * self.trend[origins] + season

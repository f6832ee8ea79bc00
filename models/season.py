"""What a window's demand should be, judged by the same time of earlier days and weeks."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.state import Array

WEEK_DAYS = 7
# Weight of a day against the day after it, and of a week against the next: a shifted level is believed in some days.
DAY_DECAY = 0.85
WEEK_DECAY = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """The mean of the same time on earlier days, ``week`` of the way towards the same time of the week.

    ``day_windows`` is a day in windows (it need not be whole), ``days`` how many of them to look back.
    """

    day_windows: float
    days: int
    week: float = 0.0

    def lags(self) -> NDArray[np.intp]:
        """How many windows ago the same time of the last days was, newest first."""
        return np.round(self.day_windows * np.arange(1, self.days + 1)).astype(np.intp)

    def expect(self, demand_acu: Array, *, first: int, count: int) -> Array:
        """The demand expected in ``count`` windows from index ``first`` on, which may lie in the future.

        Each is judged by windows at least a day older than itself only; NaN where none of them is known.
        """
        return self.mix(*self.means(demand_acu, first=first, count=count))

    def means(self, demand_acu: Array, *, first: int, count: int) -> tuple[Array, Array]:
        """The mean of the same time of day and that of the same time of week, NaN where no such window is known."""
        lags = self.lags()
        # Two columns at least: numpy adds a single one up in another order, and one update must equal many.
        wide = max(count, 2)
        oldest = first - int(lags[-1])
        part = demand_acu[max(oldest, 0) : max(first + wide - int(lags[0]), 0)]
        padded = np.full(int(lags[-1] - lags[0]) + wide, np.nan)
        padded[max(-oldest, 0) : max(-oldest, 0) + len(part)] = part
        same_time = padded.take((lags[-1] - lags)[:, None] + np.arange(wide))
        daily = _decayed_mean(same_time, DAY_DECAY)
        weekly = _decayed_mean(same_time[WEEK_DAYS - 1 :: WEEK_DAYS], WEEK_DECAY)
        return daily[:count], weekly[:count]

    def mix(self, daily: Array, weekly: Array) -> Array:
        """One expectation from both."""
        return np.where(np.isfinite(weekly), daily + self.week * (weekly - daily), daily)


def learn_season(demand_acu: Array, *, day_windows: float, days: int) -> tuple[Season, Array]:
    """A season, and what it expects in each window of the history.

    ``week`` is found by least squares, from two weeks on: what share of the difference came true.
    """
    season = Season(day_windows=day_windows, days=days)
    daily, weekly = season.means(demand_acu, first=0, count=len(demand_acu))
    if len(demand_acu) >= 2 * WEEK_DAYS * day_windows:
        season = replace(season, week=_share(weekly - daily, demand_acu - daily))
    return season, season.mix(daily, weekly)


def _share(offered: Array, wanted: Array) -> float:
    told = np.isfinite(offered) & np.isfinite(wanted)
    power = float(offered[told] @ offered[told])
    return min(max(float(offered[told] @ wanted[told]) / power, 0.0), 1.0) if power > 0.0 else 0.0


def _decayed_mean(rows: Array, decay: float) -> Array:
    """The weighted mean over the rows (k, n), the first one weighing most; NaN where none is known."""
    weights = decay ** np.arange(len(rows))[:, None]
    known = np.isfinite(rows)
    total = (weights * known).sum(axis=0)
    there = total > 0.0
    return np.where(there, (weights * np.where(known, rows, 0.0)).sum(axis=0) / np.where(there, total, 1.0), np.nan)

"""What a regression sees of a window to come: the last values, their summary, the same time before, and the clock."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from models.buffer import Windows
from models.season import Season
from models.state import Array

LAGS = (1, 2, 3, 6, 12)
SHORT = 12
AROUND = 2
DAY_SECONDS, WEEK_SECONDS = 86400.0, 604800.0


def features(windows: Windows, season: Season, *, origins: NDArray[np.intp], leads: NDArray[np.intp]) -> Array:
    """One row (rows, features) for each window ``leads`` after ``origins``, from nothing newer than its origin.

    NaN where unknown. The first column is the origin's own value.
    """
    targets = origins + leads
    day = int(season.lags()[0])
    past = _values(windows, origins[:, None] - np.arange(max(day, SHORT + 1)))
    first = int(origins.min())
    daily, weekly = season.means(windows.demand_acu, first=first, count=int(targets.max()) - first + 1)
    before = targets - day * -(-leads // day)
    around = _values(windows, np.minimum(before[:, None] + np.arange(-AROUND, AROUND + 1), origins[:, None]))
    now = past[:, 0]
    columns = [*(past[:, lag] for lag in LAGS), *_summary(past[:, :SHORT]), *_summary(past[:, :day])]
    columns += [*_summary(around), daily[targets - first], weekly[targets - first], daily[origins - first]]
    changes = [column - now for column in columns]
    season_changes = daily[targets - first] - daily[origins - first]
    return np.column_stack((now, *changes, season_changes, *_clock(windows, targets), leads))


def _values(windows: Windows, index: NDArray[np.intp]) -> Array:
    there = (index >= 0) & (index < len(windows))
    return np.where(there, windows.demand_acu.take(index, mode="clip"), np.nan)


def _summary(rows: Array) -> tuple[Array, Array]:
    """Largest and mean of the known values in each row."""
    known = np.isfinite(rows)
    count = known.sum(axis=1)
    mean = np.where(known, rows, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.fmax.reduce(rows, axis=1), np.where(count > 0, mean, np.nan)


def _clock(windows: Windows, targets: NDArray[np.intp]) -> list[Array]:
    """Time of day and of week as points on two circles."""
    first = windows.end - timedelta(seconds=windows.step_seconds) * (len(windows) + windows.unknown)
    seconds = first.timestamp() + windows.step_seconds * targets
    angles = [2.0 * np.pi * seconds / period for period in (DAY_SECONDS, WEEK_SECONDS)]
    return [wave(angle) for angle in angles for wave in (np.sin, np.cos)]

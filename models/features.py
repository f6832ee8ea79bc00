"""What a regression sees of a window to come: the last values, their summary, the same time before, and the clock."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from models.buffer import Windows
from models.season import Season
from models.state import Array

LAGS = (1, 2, 3, 6, 12)
SHORT = 12
# Windows to either side of the same time a day before.
AROUND = 2
DAYS = 28
DAY_SECONDS, WEEK_SECONDS = 86_400.0, 604_800.0


def features(windows: Windows, *, origins: NDArray[np.intp], leads: NDArray[np.intp], period_seconds: float) -> Array:
    """A row (rows, features) for each window ``leads`` after ``origins``, from nothing newer than its origin.

    Demand comes as the difference to the origin's own: trees cannot subtract. NaN where unknown. More than a day
    ahead only of the newest origin: there, what the season would see beyond it has not come yet.
    """
    day_windows = max(1.0, period_seconds / windows.step_seconds)
    season = Season(day_windows=day_windows, days=DAYS)
    day, targets, first = int(season.lags()[0]), origins + leads, int(origins.min())
    past = _values(windows, origins[:, None] - np.arange(max(day, SHORT + 1)))
    daily, weekly = season.means(windows.demand_acu, first=first, count=int(targets.max()) - first + 1)
    before = targets - day * -(-leads // day)
    around = _values(windows, np.minimum(before[:, None] + np.arange(-AROUND, AROUND + 1), origins[:, None]))
    now, usual = past[:, 0], daily[origins - first]
    columns = [*past[:, LAGS].T, *_summary(past[:, :SHORT]), *_summary(past[:, :day]), *_summary(around)]
    columns += [daily[targets - first], weekly[targets - first], usual]
    changes = [column - now for column in columns]
    return np.column_stack((now, *changes, daily[targets - first] - usual, *_clock(windows, targets), leads))


def _values(windows: Windows, index: NDArray[np.intp]) -> Array:
    there = (index >= 0) & (index < len(windows))
    return np.where(there, windows.demand_acu.take(index, mode="clip"), np.nan)


def _summary(rows: Array) -> tuple[Array, Array]:
    """The largest and the mean of the known values in each row."""
    known = np.isfinite(rows)
    count = known.sum(axis=1)
    mean = np.where(known, rows, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.fmax.reduce(rows, axis=1), np.where(count > 0, mean, np.nan)


def _clock(windows: Windows, targets: NDArray[np.intp]) -> list[Array]:
    """Time of day and of week, each as a point on a circle."""
    first = windows.end - timedelta(seconds=windows.step_seconds) * (len(windows) + windows.unknown)
    seconds = first.timestamp() + windows.step_seconds * targets
    angles = [2.0 * np.pi * seconds / period for period in (DAY_SECONDS, WEEK_SECONDS)]
    return [wave(angle) for angle in angles for wave in (np.sin, np.cos)]

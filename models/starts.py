"""What is counted of a database's use, and what each of several simple experts makes of it: the chance that use starts
in a window, given that the database has been idle until then.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.state import Array, frozen

SECONDS_PER_DAY = 86_400
# Upper edges of the bins of idle time, in windows; what lies beyond the last is one bin.
AGE_EDGES = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 288, 432, 576, 1152, 2016])
STARTS, RISKS, USED, SEEN = range(4)
# The fleet's prior counts like so many idle windows; a profile of the day or the week is drawn to the idle time's.
AGE_PRIOR, DAY_PRIOR, WEEK_PRIOR = 10.0, 1.5, 1.0
# What is kept of a count when its bin or its time of the day or the week comes again.
AGE_KEPT, DAY_KEPT, WEEK_KEPT = 0.998, 0.93, 0.85
EXPERTS = ("fleet", "idle time", "day", "hour of the day", "week", "hour of the week", "used by day", "used by week")
LEAST, MOST = 1e-5, 0.995
Windows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Starts:
    """Decayed counts; each row is one of ``STARTS``, ``RISKS`` (idle just before), ``USED`` and ``SEEN``.

    ``age`` (2, bins) is by idle time, ``day`` (4, windows of a day) and ``week`` (4, windows of a week) by UTC time.
    """

    age: Array
    day: Array
    week: Array

    @property
    def windows_of_day(self) -> int:
        return int(self.day.shape[1])

    @property
    def narrow(self) -> int:
        """How many windows to each side are the same time of the day."""
        return 1 if self.windows_of_day > 24 else 0

    @property
    def wide(self) -> int:
        """The same for the same hour of the day."""
        return max(1, self.windows_of_day // 48)

    def copy(self) -> "Starts":
        return Starts(age=self.age.copy(), day=self.day.copy(), week=self.week.copy())

    def close(self) -> "Starts":
        """The same, closed for writing."""
        return Starts(age=frozen(self.age), day=frozen(self.day), week=frozen(self.week))

    def count(self, window: int, idle: int, used: bool) -> None:
        """Take in one known window, the number ``window`` since 1970, after ``idle`` known idle ones."""
        for table, kept in ((self.day, DAY_KEPT), (self.week, WEEK_KEPT)):
            table[:, window % table.shape[1]] *= kept
            table[:, window % table.shape[1]] += (used and idle > 0, idle > 0, used, 1.0)
        if idle > 0:
            place = _bins(np.array([idle]))[0]
            self.age[:, place] *= AGE_KEPT
            self.age[:, place] += (used, 1.0)


def nothing_counted(step_seconds: float) -> Starts:
    """The counts before the first window."""
    of_day = max(1, round(SECONDS_PER_DAY / step_seconds))
    return Starts(age=np.zeros((2, len(AGE_EDGES) + 1)), day=np.zeros((4, of_day)), week=np.zeros((4, 7 * of_day)))


def opinions(seen: Starts, *, first: int, idle: int, number: int) -> Array:
    """What each expert gives for each of ``number`` windows from ``first`` on, (experts, number).

    Args:
        seen: what was counted.
        first: the number of the first window since 1970.
        idle: how many windows it has been idle before the first.
        number: how many windows.
    """
    ahead = np.arange(number)
    fleet = _fleet(np.asarray(idle + ahead, dtype=np.float64), 24.0 / seen.windows_of_day)
    place = _bins(idle + ahead)
    age = _rate(seen.age[STARTS, place], seen.age[RISKS, place], fleet, AGE_PRIOR)
    windows = first + ahead
    said = [fleet, age]
    for table, prior in ((seen.day, DAY_PRIOR), (seen.week, WEEK_PRIOR)):
        for reach in (seen.narrow, seen.wide):
            starts, risks, _, _ = _around(table, windows, reach)
            said.append(_rate(starts, risks, age, prior))
    for table, prior in ((seen.day, DAY_PRIOR), (seen.week, WEEK_PRIOR)):
        _, _, used, all_seen = _around(table, windows, seen.narrow)
        said.append(_rate(used, all_seen, age, prior))
    return np.clip(np.stack(said), LEAST, MOST)


def _fleet(idle: Array, window_hours: float) -> Array:
    """The longer idle, the longer still: what idle databases have in common, before anything is known of one."""
    chances: Array = -np.expm1(-window_hours * 0.5 / (idle * window_hours + 0.5))
    return chances


def _rate(hits: Array, chances: Array, prior: Array, weight: float) -> Array:
    rate: Array = (hits + weight * prior) / (chances + weight)
    return rate


def _around(table: Array, windows: Windows, reach: int) -> Array:
    """The counts at these windows' times and up to ``reach`` windows from them, (4, windows)."""
    places = np.arange(windows[0] - reach, windows[-1] + reach + 1) % table.shape[1]
    if len(windows) == 1:
        return np.asarray(table[:, places].sum(axis=1, keepdims=True), dtype=np.float64)
    summed = np.cumsum(np.concatenate((np.zeros((len(table), 1)), table[:, places]), axis=1), axis=1)
    return np.asarray(summed[:, 2 * reach + 1 :] - summed[:, : -2 * reach - 1], dtype=np.float64)


def _bins(idle: Windows) -> NDArray[np.intp]:
    return np.searchsorted(AGE_EDGES, idle)

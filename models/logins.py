"""When use is due by the calendar of the last weeks: the prediction of ProRP (Poppe et al., SIGMOD 2024)."""

import numpy as np
from numpy.typing import NDArray

from models.state import Array

SECONDS_PER_DAY, HISTORY_DAYS, WINDOW_SECONDS = 86_400, 28, 7 * 3600.0


class Logins:
    """In which windows of the last four weeks use started. Our re-implementation; the original is not public."""

    def __init__(self, step_seconds: float) -> None:
        self._day = max(1, round(SECONDS_PER_DAY / step_seconds))
        self._wide = max(1, int(np.ceil(WINDOW_SECONDS / step_seconds)))
        self._past = np.zeros(HISTORY_DAYS * self._day, dtype=np.bool_)
        self._known = 0
        self._shares: tuple[NDArray[np.bool_], Array] | None = None

    def take(self, started: bool) -> None:
        """After one more window."""
        self._past[:-1] = self._past[1:]
        self._past[-1] = started
        self._known = min(self._known + 1, len(self._past))
        self._shares = None

    def due(self, confidence: float) -> float | None:
        """Windows until the predicted start; None without a prediction.

        It is the earliest in the first stretch of seven hours ahead that saw a start on enough of the days.
        """
        if self._known < self._day:
            return None
        table, shares = self._shares = self._shares or self._counted()
        sure = shares >= confidence
        start = int(np.argmax(sure))
        if not sure[start]:
            return None
        return float(start + np.argmax(table[:, start : start + self._wide].any(axis=0)))

    def later(self) -> "Logins":
        """The same after a window in which nobody came."""
        other = Logins.__new__(Logins)
        other._day, other._wide, other._known = self._day, self._wide, self._known
        other._past = self._past.copy()
        other.take(False)
        return other

    def state(self) -> Array:
        """The known past, the oldest first: 1 where use started."""
        return self._past[len(self._past) - self._known :].astype(np.float64)

    def restore(self, state: Array) -> None:
        """Go on after what was stored."""
        self._known = min(len(state), len(self._past))
        self._past[:] = False
        if self._known:
            self._past[-self._known :] = state[-self._known :] > 0
        self._shares = None

    def _counted(self) -> tuple[NDArray[np.bool_], Array]:
        """Starts by day and window, and on what share of the days one came in the stretch from each window on."""
        days = self._known // self._day
        table = self._past[len(self._past) - days * self._day :].reshape(days, self._day)
        counted = np.zeros((days, self._day + 1), dtype=np.int32)
        np.cumsum(table, axis=1, out=counted[:, 1:])
        ends = np.minimum(np.arange(self._day) + self._wide, self._day)
        shares: Array = ((counted[:, ends] - counted[:, :-1]) > 0).mean(axis=0)
        return table, shares

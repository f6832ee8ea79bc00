"""The past of a cluster that candidates are tried on."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoscaler.core import governor, planning
from autoscaler.core.compiling import compile_functions
from autoscaler.core.sight import newest_at
from models import analogs, corridors, foresight
from models.analogs import WATCH

Numbers = NDArray[np.float64]

# How high a burst must be to be followed, in shares of the highest demand.
BURST_SHARES = (0.2, 0.4)
# So much of what there is stays free for more: a fleet keeps weeks of minutes for each cluster.
SPARE = 8


@cache
def compiled() -> Mapping[str, Callable[..., Any]]:
    """The plain functions of models and core that candidates are made of, compiled."""
    return compile_functions(governor, planning, analogs, foresight, corridors)


class Past:
    """The samples of a cluster so far, on an even grid, with what the planner looks at; it grows at its end.

    ``demand_acu`` (samples,) holds the last known value in the place of unknown ones, 0 before the first;
    ``measured`` (samples,) tells them apart.
    """

    def __init__(self, *, sample_seconds: float, turn_seconds: float, delay_seconds: float) -> None:
        self.sample_seconds, self.turn_seconds, self.delay_seconds = sample_seconds, turn_seconds, delay_seconds
        self._demand, self._like = np.zeros(0), np.zeros((0, 2))
        self._began = np.zeros((0, len(BURST_SHARES)), dtype=np.int64)
        self._watch = np.zeros((len(BURST_SHARES), WATCH))
        self._measured = np.zeros(0, dtype=bool)
        self._last_measured = np.zeros(0, dtype=np.int64)
        self._count = 0
        self._fresh: list[Numbers] = []

    def __len__(self) -> int:
        return self._count + sum(map(len, self._fresh))

    @property
    def demand_acu(self) -> Numbers:
        self._take_in()
        return self._demand[: self._count]

    @property
    def measured(self) -> NDArray[np.bool_]:
        self._take_in()
        return self._measured[: self._count]

    @property
    def like(self) -> Numbers:
        """What the planner compares moments by; shape (samples, 2)."""
        self._take_in()
        return self._like[: self._count]

    @property
    def began(self) -> NDArray[np.int64]:
        """Where the last burst began at each sample, below 0 for none; shape (samples, shares)."""
        self._take_in()
        return self._began[: self._count]

    def add(self, demand_acu: Numbers) -> None:
        """More samples, NaN where nothing was measured; taken in when somebody looks: together that costs less."""
        self._fresh.append(demand_acu)

    def _take_in(self) -> None:
        if not self._fresh:
            return
        demand_acu = np.concatenate(self._fresh)
        self._fresh.clear()
        first, count = self._count, self._count + len(demand_acu)
        if count > len(self._demand):
            size = count + count // SPARE
            self._demand = np.resize(self._demand, size)
            self._measured = np.resize(self._measured, size)
            self._last_measured = np.resize(self._last_measured, size)
            self._like = np.resize(self._like, (size, 2))
            self._began = np.resize(self._began, (size, len(BURST_SHARES)))
        last = float(self._demand[first - 1]) if first else 0.0
        self._measured[first:count] = np.isfinite(demand_acu)
        self._demand[first:count] = held(demand_acu, last)
        before = int(self._last_measured[first - 1]) if first else -1
        places = np.where(self._measured[first:count], np.arange(first, count), before)
        self._last_measured[first:count] = np.maximum.accumulate(places)
        self._count = count
        compiled()["describe"](self.demand_acu, first, self.sample_seconds, self._like)
        shares = np.array(BURST_SHARES)
        compiled()["find_bursts"](self.demand_acu, first, self.sample_seconds, shares, self._watch, self._began)

    def newest(self, turns: slice) -> NDArray[np.int64]:
        """The newest measured sample that may be seen at each turn; below 0 before the first."""
        return self.newest_at(np.arange(turns.start, turns.stop) * self.turn_seconds)

    def newest_at(self, at_seconds: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """The same at moments, in seconds from the start."""
        self._take_in()
        shown = newest_at(at_seconds, len(self), sample_seconds=self.sample_seconds, delay_seconds=self.delay_seconds)
        return np.where(shown >= 0, self._last_measured[np.maximum(shown, 0)], -1)


def held(demand_acu: Numbers, last: float) -> Numbers:
    """Samples with the last known value in the place of unknown ones; ``last`` before the first."""
    known = np.isfinite(demand_acu)
    places = np.maximum.accumulate(np.where(known, np.arange(len(demand_acu)), -1))
    return np.where(places >= 0, demand_acu[np.maximum(places, 0)], last)

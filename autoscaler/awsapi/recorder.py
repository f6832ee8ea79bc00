"""CloudWatch's memory of one instance: by the minute, then coarser and coarser, each for as long as AWS keeps it."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

MINUTE_SECONDS = 60
ONE_DAY = 86_400
# Length of a period, and for how long its points are kept, both in seconds [D].
KEPT = ((60, 15 * ONE_DAY), (300, 63 * ONE_DAY), (3600, 455 * ONE_DAY))
KEPT_MOMENTS = 720
UNITS = {
    "ServerlessDatabaseCapacity": "None",
    "ACUUtilization": "Percent",
    "CPUUtilization": "Percent",
    "DatabaseConnections": "Count",
    "FreeableMemory": "Bytes",
    "BufferCacheHitRatio": "Percent",
    "ReadIOPS": "Count/Second",
    "DBLoad": "None",
    "DBLoadCPU": "None",
    "DBLoadNonCPU": "None",
}
COLUMNS = {name: place for place, name in enumerate(UNITS)}

# Of a metric that was not published: total, largest, least, count.
NOTHING = (0.0, -inf, inf, 0.0)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Statistics of a metric, oldest first, each of shape (points,); ``at`` are starts in seconds since 1970."""

    at: Numbers
    total: Numbers
    largest: Numbers
    least: Numbers
    count: Numbers

    def __len__(self) -> int:
        return len(self.at)

    @property
    def average(self) -> Numbers:
        """The mean of each."""
        return self.total / self.count

    def __getitem__(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> "Points":
        return Points(self.at[which], self.total[which], self.largest[which], self.least[which], self.count[which])

    def altered(self, which: NDArray[np.bool_], alter: Callable[[Numbers], Numbers]) -> "Points":
        """With other values in some places."""
        if not which.any():
            return self
        total, largest, least = self.total.copy(), self.largest.copy(), self.least.copy()
        total[which] = alter(self.average[which]) * self.count[which]
        largest[which], least[which] = alter(self.largest[which]), alter(self.least[which])
        return Points(self.at, total, largest, least, self.count)


NO_POINTS = Points(*(np.zeros(0) for _ in range(5)))


class Recorder:
    """The metrics of one instance. Percentages are told of the maximum that was in force.

    It takes 9 MB at most, and only what it has lived through is used. ``names`` are the metrics that were published.
    """

    def __init__(self) -> None:
        self._rings = tuple(_Ring(seconds, kept // seconds) for seconds, kept in KEPT)
        self._open = -1
        self._sums: dict[str, list[float]] = {}
        self._recent: deque[tuple[float, Mapping[str, float]]] = deque(maxlen=KEPT_MOMENTS)
        self.names: set[str] = set()

    def add(self, at: float, values: Mapping[str, float], *, samples: float = 1.0) -> None:
        """Values from one moment on, in seconds since 1970, that stand for so many samples.

        What is not in them is not published.
        """
        minute = int(at // MINUTE_SECONDS)
        if minute != self._open:
            self._close()
            self._open = minute
        for name, value in values.items():
            one = self._sums.get(name)
            if one is None:
                self._sums[name] = [value * samples, value, value, samples]
            else:
                one[0] += value * samples
                one[1] = max(one[1], value)
                one[2] = min(one[2], value)
                one[3] += samples

    def keep(self, at: float, values: Mapping[str, float]) -> None:
        """Remember a moment as it was measured, for an hour or so."""
        self._recent.append((at, values))

    def recent(self, metric: str, start: float, end: float) -> list[tuple[float, float]]:
        """The moments in ``[start, end)`` that were kept, with the value from then on."""
        return [(at, values[metric]) for at, values in self._recent if start <= at < end and metric in values]

    def between(self, metric: str, start: float, end: float, *, period: int, now: float) -> Points:
        """The points of whole minutes that begin in ``[start, end)``, of the finest periods that fit into ``period``.

        What lies so far back that AWS keeps no points as fine is told by coarser ones, or not at all.
        """
        parts, upto = [], min(end, now + MINUTE_SECONDS)
        for ring, (seconds, kept) in zip(self._rings, KEPT, strict=True):
            if period % seconds:
                break
            # Whole hours, so that a point of a coarser ring is told in place of finer ones, never beside them.
            horizon = (now - kept) // 3600 * 3600 + 3600
            parts.append(ring.between(COLUMNS[metric], max(start, horizon), upto))
            upto = min(upto, horizon)
        return joined(parts[::-1])

    def _close(self) -> None:
        """A minute is over."""
        if not self._sums:
            return
        self.names.update(self._sums)
        block = np.array([self._sums.get(name, NOTHING) for name in COLUMNS], dtype=np.float32)
        for ring in self._rings:
            ring.add(self._open * MINUTE_SECONDS, block)
        self._sums = {}


class _Ring:
    """Periods of one length, the newest in the place of the oldest."""

    def __init__(self, seconds: int, size: int) -> None:
        self._seconds, self._size = seconds, size
        # Zeros cost no memory until they are written to.
        self._periods = np.zeros(size, dtype=np.int32)
        self._numbers = np.zeros((size, len(COLUMNS), 4), dtype=np.float32)

    def add(self, at: int, block: NDArray[np.float32]) -> None:
        """``block`` (metrics, 4) are totals, largest, least and counts of a minute."""
        period = at // self._seconds
        place = period % self._size
        row = self._numbers[place]
        if self._periods[place] != period:
            self._periods[place] = period
            row[:] = block
            return
        row[:, (0, 3)] += block[:, (0, 3)]
        np.maximum(row[:, 1], block[:, 1], out=row[:, 1])
        np.minimum(row[:, 2], block[:, 2], out=row[:, 2])

    def between(self, column: int, start: float, end: float) -> Points:
        first, last = int(-(-start // self._seconds)), int(-(-end // self._seconds))
        if last <= first:
            return NO_POINTS
        periods = np.arange(max(first, last - self._size), last)
        places = periods % self._size
        numbers = self._numbers[places, column]
        there = (self._periods[places] == periods) & (numbers[:, 3] > 0.0)
        total, largest, least, count = numbers[there].T.astype(np.float64)
        return Points(periods[there] * float(self._seconds), total, largest, least, count)


def joined(parts: list[Points]) -> Points:
    """Points behind each other."""
    parts = [one for one in parts if len(one)]
    if len(parts) < 2:
        return parts[0] if parts else NO_POINTS
    fields = ((one.at, one.total, one.largest, one.least, one.count) for one in parts)
    return Points(*(np.concatenate(columns) for columns in zip(*fields, strict=True)))

"""Makes samples of what was used between two looks: intervals on the clock's grid, gaps unknown."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from autoscaler.core.samples import Sample, infer_demand

KEPT = 2000
# Between two looks; a machine under load comes late by seconds.
LONGEST_PERIODS, LONGEST_SECONDS = 1.5, 5.0
# An interval of which less than this was looked at is unknown.
LEAST_COVERED = 0.9
# One that was short of capacity for this long is censored, even if it caught up before its end.
SHORT_FRACTION = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What was seen from one look to the next.

    ``short``: whether more would have been used, had it been there.
    """

    begin: datetime
    end: datetime
    used_acu_seconds: float
    capacity_acu: float
    short: bool
    connections: int
    queries: int


class Meter:
    """Samples of ``period_seconds``; the first one begins with the first whole period."""

    def __init__(self, *, period_seconds: float, start: datetime) -> None:
        self._period = period_seconds
        self._number = ceil(start.timestamp() / period_seconds)  # of the period being filled
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._connections = 0
        self._empty()

    def add(self, stretch: Stretch) -> None:
        """Share a stretch out over the periods it touches."""
        begin, end = stretch.begin.timestamp(), stretch.end.timestamp()
        # Nobody looked for long: what was used then is not known to have been used evenly.
        blind = end - begin > max(LONGEST_PERIODS * self._period, LONGEST_SECONDS)
        while self._begin + self._period <= end:
            if not blind:
                self._take(stretch, max(begin, self._begin), self._begin + self._period)
            self._close()
        if not blind:
            self._take(stretch, max(begin, self._begin), end)

    def since(self, after: datetime | None, *, until: datetime) -> list[Sample]:
        """Those that start after a moment and are over by another one, oldest first."""
        return [one for one in self._samples if (after is None or one.at > after) and one.end <= until]

    @property
    def _begin(self) -> float:
        return self._number * self._period

    def _take(self, stretch: Stretch, begin: float, end: float) -> None:
        seconds = end - begin
        if seconds <= 0:
            return
        share = seconds / (stretch.end - stretch.begin).total_seconds()
        self._covered += seconds
        self._used += share * stretch.used_acu_seconds
        self._capacity += seconds * stretch.capacity_acu
        self._short += seconds * stretch.short
        self._queries += share * stretch.queries
        self._connections = max(self._connections, stretch.connections)

    def _close(self) -> None:
        known = self._covered >= LEAST_COVERED * self._period
        capacity = self._capacity / self._covered if known else None
        demand = None
        if capacity is not None:
            used = self._used / self._covered
            demand = infer_demand(
                utilization=used / capacity if capacity else 0.0, capacity_acu=capacity, seconds=self._period
            )
        self._samples.append(
            Sample(
                at=datetime.fromtimestamp(self._begin, UTC),
                seconds=self._period,
                demand_acu=None if demand is None else demand.acu,
                censored=demand is not None and (demand.censored or self._short >= SHORT_FRACTION * self._covered),
                capacity_acu=capacity,
                connections=self._connections if known else None,
                queries_per_second=self._queries / self._covered if known else None,
            )
        )
        self._number += 1
        self._empty()

    def _empty(self) -> None:
        self._covered = self._used = self._capacity = self._short = self._queries = 0.0
        self._connections = 0

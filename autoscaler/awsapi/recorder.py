"""CloudWatch's memory of one instance: a value a minute of each metric, visible some time after the minute is over."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.engines import GIB_PER_ACU
from autoscaler.simulator.instance import Instance

MINUTE_SECONDS = 60.0
KEPT_MINUTES = 16 * 1440
GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """What CloudWatch keeps of a minute."""

    average: float
    maximum: float
    minimum: float
    samples: int


@dataclass(slots=True)
class _Sum:
    """A minute that is not over yet."""

    total: float = 0.0
    largest: float = float("-inf")
    least: float = float("inf")
    count: int = 0

    def add(self, value: float) -> None:
        self.total += value
        self.largest, self.least = max(self.largest, value), min(self.least, value)
        self.count += 1

    def close(self) -> Statistic:
        return Statistic(average=self.total / self.count, maximum=self.largest, minimum=self.least, samples=self.count)


@dataclass(slots=True)
class Recorder:
    """The metrics of one instance, oldest minute first. Percentages are told of the maximum that was in force."""

    minutes: deque[tuple[float, dict[str, Statistic]]] = field(default_factory=lambda: deque(maxlen=KEPT_MINUTES))
    _open: float | None = None
    _sums: dict[str, _Sum] = field(default_factory=dict)

    def add(self, at: float, values: dict[str, float]) -> None:
        """Values of one moment, in seconds since 1970; what is not in them is not published."""
        minute = at // MINUTE_SECONDS * MINUTE_SECONDS
        if self._open is not None and minute != self._open:
            self.minutes.append((self._open, {name: one.close() for name, one in self._sums.items()}))
            self._sums = {}
        self._open = minute
        for name, value in values.items():
            self._sums.setdefault(name, _Sum()).add(value)

    def between(self, start: float, end: float) -> Iterator[tuple[float, dict[str, Statistic]]]:
        """The closed minutes that begin in ``[start, end)``."""
        first = bisect_left(self.minutes, start, key=lambda one: one[0])
        for place in range(first, len(self.minutes)):
            minute = self.minutes[place]
            if minute[0] >= end:
                return
            yield minute


def measured(simulated: SimulatedCluster, member: Instance, *, seconds: float) -> dict[str, float]:
    """The metrics of an instance after a step; a paused one publishes three zeros [D], one that is down nothing."""
    if simulated.now.timestamp() < member.down_until:
        return {}
    if member.asleep:
        return {"ServerlessDatabaseCapacity": 0.0, "ACUUtilization": 0.0, "CPUUtilization": 0.0}
    max_acu, served_acu = simulated.range.ceiling_acu, member.served_acu_seconds / seconds
    return {
        "ServerlessDatabaseCapacity": member.mean_acu,
        "ACUUtilization": 100.0 * member.mean_acu / max_acu,
        "CPUUtilization": 100.0 * served_acu / max_acu,
        "DatabaseConnections": float(simulated.connections if member is simulated.writer else 0),
        "FreeableMemory": max(0.0, max_acu - served_acu) * GIB_PER_ACU * GIB,
    }


def merged(parts: Sequence[Statistic]) -> Statistic:
    """Several statistics as one: over time, or over instances, where the average is not their sum [D]."""
    samples = sum(one.samples for one in parts)
    return Statistic(
        average=sum(one.average * one.samples for one in parts) / samples,
        maximum=max(one.maximum for one in parts),
        minimum=min(one.minimum for one in parts),
        samples=samples,
    )

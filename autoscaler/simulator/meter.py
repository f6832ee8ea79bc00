"""What a simulated cluster lets the outside know of itself, period by period, late and with holes."""

from collections import deque
from datetime import UTC, datetime

from numpy.random import Generator

from autoscaler.core.samples import Demand, Sample, infer_demand
from autoscaler.simulator.profiles import Measuring

KEPT_SAMPLES = 4096
# Many short steps add up to a period but for rounding.
ROUNDING_SLACK_SECONDS = 1e-6


class Meter:
    """Sums up steps into samples of one period each; a sample becomes visible some time after its end."""

    __slots__ = (
        "_arrived",
        "_capacity_seconds",
        "_complete",
        "_connections",
        "_first_second",
        "_freeable_gib",
        "_pages",
        "_pages_read",
        "_period_seconds",
        "_rng",
        "_seconds",
        "_served",
        "_settings",
        "_shown",
    )

    def __init__(self, settings: Measuring, *, at: float, rng: Generator) -> None:
        self._settings = settings
        self._period_seconds = settings.period_seconds - ROUNDING_SLACK_SECONDS
        self._rng = rng
        self._first_second = at
        self._shown: deque[tuple[float, Sample]] = deque(maxlen=KEPT_SAMPLES)
        self._seconds = self._served = self._arrived = self._capacity_seconds = 0.0
        self._connections = 0
        self._complete = True
        self._pages = self._pages_read = 0.0
        self._freeable_gib: float | None = None

    def add(
        self, *, seconds: float, served: float, arrived: float, capacity_acu: float, connections: int, measured: bool
    ) -> None:
        """One step of the busiest instance: work in ACU-seconds; ``measured`` is False in a gap."""
        self._seconds += seconds
        self._served += served
        self._arrived += arrived
        self._capacity_seconds += capacity_acu * seconds
        self._connections = max(self._connections, connections)
        self._complete = self._complete and measured
        if self._seconds >= self._period_seconds:
            self._publish()

    def add_cache(self, *, pages: float, pages_read: float, freeable_gib: float) -> None:
        """Of the step that comes next: pages looked at, those read from storage, and memory that is free by then."""
        self._pages += pages
        self._pages_read += pages_read
        self._freeable_gib = freeable_gib

    def visible(self, *, now: float, after: datetime | None) -> list[Sample]:
        """The samples visible at ``now`` whose interval starts after ``after``, oldest first.

        One that comes later than its successor is found by who asks again from before it.
        """
        found = []
        for visible_at, sample in reversed(self._shown):
            if after is not None and sample.at <= after:
                break
            if visible_at <= now:
                found.append(sample)
        found.reverse()
        return found

    def _publish(self) -> None:
        start, end = self._first_second, self._first_second + self._seconds
        settings = self._settings
        if self._complete and not self._is_lost():
            delay = settings.delay_seconds
            if settings.delay_jitter_seconds > 0:
                delay += settings.delay_jitter_seconds * self._rng.random()
            self._shown.append((end + delay, self._sample(start)))
        self._first_second = end
        self._start_over()

    def _is_lost(self) -> bool:
        return self._settings.missing_fraction > 0 and self._rng.random() < self._settings.missing_fraction

    def _sample(self, start: float) -> Sample:
        capacity_acu = self._capacity_seconds / self._seconds
        waiting = self._arrived - self._served if self._settings.sees_waiting_work else 0.0
        demand = infer_demand(
            utilization=self._served / self._capacity_seconds if self._capacity_seconds > 0 else 0.0,
            capacity_acu=capacity_acu,
            seconds=self._seconds,
            backlog_growth_acu_seconds=waiting,
        )
        return Sample(
            at=datetime.fromtimestamp(start, UTC),
            seconds=self._seconds,
            demand_acu=demand.acu if demand else None,
            censored=demand is not None and not self._settings.sees_waiting_work and self._may_hide(demand),
            capacity_acu=capacity_acu,
            connections=self._connections,
            cache_hit_fraction=self._hit_fraction(),
            reads_per_second=None if self._freeable_gib is None else self._pages_read / self._seconds,
            freeable_gib=self._freeable_gib,
        )

    def _hit_fraction(self) -> float | None:
        """Of pages that nobody looked at none is missed, and none is found."""
        return max(0.0, 1.0 - self._pages_read / self._pages) if self._pages > 0.0 else None

    def _may_hide(self, demand: Demand) -> bool:
        """Whether work may wait unseen; behind an instance that resumes all the while it certainly does."""
        return demand.censored or (self._capacity_seconds == 0 and self._arrived > 0)

    def _start_over(self) -> None:
        self._seconds = self._served = self._arrived = self._capacity_seconds = 0.0
        self._connections = 0
        self._complete = True
        self._pages = self._pages_read = 0.0
        self._freeable_gib = None

"""A cluster of which a Prometheus tells the metrics, and that nobody can be asked to change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from autoscaler.adapters.aurora_past import Past, spans
from autoscaler.adapters.aurora_samples import (
    CACHE_METRICS,
    CAPACITY,
    METRICS,
    QUERIES,
    Points,
    Window,
    known_from_the_first,
    newest_capacity_acu,
    samples_in,
    settled_window,
)
from autoscaler.core.capacity import Phase, Range, Status
from autoscaler.core.ports import Clock, Stretch
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError

LOOKBACK = timedelta(hours=3)
RECENT = timedelta(minutes=15)
SIGNALS = (*METRICS, QUERIES, *CACHE_METRICS)


class Sensor(Protocol):
    """Whoever tells metrics."""

    async def measure(self, window: Window) -> Points:
        """What is known of a window."""
        ...

    async def measure_past(self, windows: Sequence[Window]) -> Sequence[Points | ClusterError]:
        """The same of weeks ago, beside the calls of those who decide now."""
        ...


class PrometheusCluster:
    """Instances and their metrics; the range in force is what its owner says it is."""

    def __init__(
        self,
        cluster_id: str,
        instances: Sequence[str],
        sensor: Sensor,
        *,
        held: Range,
        clock: Clock,
        step_seconds: int,
        settle_seconds: float,
        history: timedelta,
    ) -> None:
        """``step_seconds`` is the length of a sample; steps that are over for ``settle_seconds`` are told."""
        self.cluster_id = cluster_id
        self._instances = tuple(instances)
        self._sensor = sensor
        self._held = held
        self._clock = clock
        self._step_seconds = step_seconds
        self._settle_seconds = settle_seconds
        self._history = history
        self._past: Past | None = None

    async def status(self) -> Status:
        now, writer = self._clock.now(), self._instances[0]
        end = datetime.fromtimestamp(now.timestamp() // self._step_seconds * self._step_seconds, now.tzinfo)
        window = Window(
            instances=(writer,),
            start=end - max(RECENT, 3 * timedelta(seconds=self._step_seconds)),
            end=end,
            metrics=(CAPACITY,),
            period_seconds=self._step_seconds,
        )
        capacity_acu = newest_capacity_acu(writer, await self._sensor.measure(window))
        ready_acu = self._held.floor_acu if capacity_acu is None else capacity_acu
        return Status(phase=Phase.AVAILABLE, ready_acu=ready_acu, range=self._held)

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        window = settled_window(
            self._instances,
            now=self._clock.now(),
            after=after,
            settle_seconds=self._settle_seconds,
            lookback=LOOKBACK,
            period_seconds=self._step_seconds,
        )
        if window.start >= window.end:
            return ()
        window = replace(window, metrics=SIGNALS)
        samples = samples_in(window, await self._sensor.measure(window))
        return samples if after is not None else known_from_the_first(samples)

    async def remembered(self, after: datetime | None, *, before: datetime) -> Stretch:
        past = self._past = self._past or Past(self._instances, self._sensor.measure_past)
        begin = self._clock.now() - self._history if after is None else after
        for span in spans(begin, before, period_seconds=self._step_seconds, instances=len(self._instances)):
            return Stretch(samples=await past.read(span), end=span.end)
        return Stretch(samples=(), end=before)

    async def apply(self, wanted: Range) -> None:
        raise ClusterError(f"nobody can be asked for {wanted}: of {self.cluster_id} only metrics are known here")

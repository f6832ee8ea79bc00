"""The service's own metrics, for Prometheus: prefix ``autoscaler_``, base units, labels from closed lists."""

import asyncio
import platform
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder

from autoscaler.observability.calls import ProviderCalls
from autoscaler.observability.events import Event, Kind
from autoscaler.observability.fleet_metrics import FleetMetrics
from autoscaler.observability.notes import Notes
from autoscaler.observability.saved import Saved
from autoscaler.observability.ticks import Tick

PYTHON = platform.python_version()
TICK_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Source(Protocol):
    """Whoever tells events; the service's feed fits."""

    @property
    def dropped(self) -> int: ...

    def listen(self, listener: Callable[[Event], None]) -> None: ...

    def lasting(self) -> Collection[tuple[str, Kind]]: ...


class Metrics:
    """All metrics of a service, in a registry of their own; an observer of its ticks and a listener of its events."""

    def __init__(self, *, version: str, per_cluster: bool = True) -> None:
        """Without ``per_cluster`` there are no series of single clusters."""
        disable_created_metrics()  # type: ignore[no-untyped-call] # they double the series, and nobody asks when a counter was born
        self.registry = registry = CollectorRegistry()
        self._fleet = FleetMetrics(per_cluster=per_cluster)
        registry.register(self._fleet)
        self.saved = Saved(per_cluster=per_cluster)
        registry.register(self.saved)
        self.calls = ProviderCalls(registry)
        self.notes = Notes()
        registry.register(self.notes)
        self._seconds = Histogram(
            "autoscaler_tick_seconds", "How long one tick of one cluster took.", buckets=TICK_BUCKETS, registry=registry
        )
        self._lag = Histogram(
            "autoscaler_loop_lag_seconds", "How late the event loop wakes.", buckets=LAG_BUCKETS, registry=registry
        )
        self._leader = Gauge("autoscaler_leader", "Whether this replica acts (1) or stands by (0).", registry=registry)
        self._frozen = Gauge("autoscaler_frozen", "1 while the kill switch is on.", registry=registry)
        self._events = Counter(
            "autoscaler_events_total", "Events that this process told.", ("kind",), registry=registry
        )
        self._event_series = {kind: self._events.labels(kind.value) for kind in Kind}
        self._config = Info("autoscaler_config", "What the service was configured with.", registry=registry)
        ProcessCollector(registry=registry)
        Info("autoscaler_build", "What is running.", registry=registry).info({"version": version, "python": PYTHON})

    def ticked(self, report: Tick) -> None:
        """Take in a tick that has just ended."""
        self._fleet.ticked(report)
        self._seconds.observe(report.seconds)

    def heard(self, event: Event) -> None:
        """Count an event."""
        self._event_series[event.kind].inc()

    def leads(self, acts: bool) -> None:
        """Whether this replica acts, from now on; one that does not shows no cluster as if it were its own."""
        self._leader.set(acts)
        if not acts:
            self.retain(())

    def configured(self, facts: Mapping[str, str]) -> None:
        """What the service runs with: a digest of its settings, and nothing that is secret."""
        self._config.info(dict(facts))

    def follow_freeze(self, frozen: Callable[[], bool]) -> None:
        """Whom to ask, whenever somebody reads the metrics, whether the kill switch is on."""
        self._frozen.set_function(lambda: float(frozen()))

    def follow_events(self, source: Source) -> None:
        """Count the events of a feed, and ask it, whenever somebody reads the metrics, what lasts and what was lost."""
        source.listen(self.heard)
        self._fleet.lasting = source.lasting
        self.notes.dropped_events = lambda: source.dropped

    def retain(self, cluster_ids: Collection[str]) -> None:
        """Drop every series of a cluster that is none of these: a gone cluster must not look like a calm one."""
        self._fleet.retain(cluster_ids)
        self.saved.retain(cluster_ids)

    def expose(self, accept: str = "") -> tuple[bytes, str]:
        """All metrics in the format an Accept header asks for, and its media type."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    async def watch_loop(
        self,
        *,
        every_seconds: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] | None = None,
    ) -> None:
        """Measure, until cancelled, how much later than asked the event loop wakes a sleeper."""
        now = now or asyncio.get_running_loop().time
        while True:
            due = now() + every_seconds
            await sleep(every_seconds)
            self._lag.observe(max(0.0, now() - due))

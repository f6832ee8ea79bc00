"""The service's own metrics, for Prometheus: prefix ``autoscaler_``, base units, labels from closed lists."""

import asyncio
import platform
from collections.abc import Awaitable, Callable, Collection
from itertools import product
from math import isclose

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

from autoscaler.core.decision import Decision
from autoscaler.observability.ticks import Tick, troubles

# How far ahead a forecast is read, and at which quantiles; each pair is one series of every cluster, so: few.
FORECAST_LEADS_SECONDS = (300, 900, 3600)
FORECAST_LEVELS = (0.5, 0.95)
PYTHON = platform.python_version()
TICK_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics:
    """All metrics of a service, in a registry of their own; an observer of its ticks."""

    def __init__(self, *, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # they double the series, and nobody asks when a counter was born
        self.registry = registry = CollectorRegistry()
        self._clusters: set[str] = set()
        self._demand = _gauge("demand_acu", "Demand in the newest usable sample.", registry)
        self._ready = _gauge("ready_acu", "Capacity that is ready now.", registry)
        self._floor = _gauge("floor_acu", "Floor in force at the provider.", registry)
        self._ceiling = _gauge("ceiling_acu", "Ceiling in force at the provider.", registry)
        self._wanted_floor = _gauge("wanted_floor_acu", "Floor of the newest decision.", registry)
        self._wanted_ceiling = _gauge("wanted_ceiling_acu", "Ceiling of the newest decision.", registry)
        self._blind = _gauge("blind_seconds", "Age of the newest usable sample beyond its own length.", registry)
        self._last_success = _gauge("last_success_timestamp_seconds", "When a tick last went well.", registry)
        self._forecast = Gauge(
            "autoscaler_cluster_forecast_acu",
            "Quantile of the largest demand from now to the lead.",
            ("cluster", "lead_seconds", "level"),
            registry=registry,
        )
        self._decisions = Counter(
            "autoscaler_decisions_total",
            "Decisions, those that change nothing included.",
            ("cluster", "direction", "driver", "outcome"),
            registry=registry,
        )
        self._ticks = Counter("autoscaler_ticks_total", "Ticks, good and bad.", ("cluster",), registry=registry)
        self._troubles = Counter(
            "autoscaler_tick_troubles_total",
            "Ticks that failed, or had no metrics or no fitted forecaster.",
            ("cluster", "trouble"),
            registry=registry,
        )
        self._seconds = Histogram(
            "autoscaler_tick_seconds", "How long one tick of one cluster took.", buckets=TICK_BUCKETS, registry=registry
        )
        self._lag = Histogram(
            "autoscaler_loop_lag_seconds", "How late the event loop wakes.", buckets=LAG_BUCKETS, registry=registry
        )
        self._leader = Gauge("autoscaler_leader", "Whether this replica acts (1) or stands by (0).", registry=registry)
        self._frozen = Gauge("autoscaler_frozen", "1 while the kill switch is on.", registry=registry)
        ProcessCollector(registry=registry)
        Info("autoscaler_build", "What is running.", registry=registry).info({"version": version, "python": PYTHON})

    def ticked(self, report: Tick) -> None:
        """Take in a tick that has just ended."""
        name = report.cluster_id
        self._clusters.add(name)
        self._ticks.labels(name).inc()
        for trouble, reason in troubles(report).items():
            self._troubles.labels(name, trouble.value).inc(reason is not None)
        self._seconds.observe(report.seconds)
        if report.failed is None:
            self._last_success.labels(name).set(report.at.timestamp())
        status, decision = report.status, report.decision
        _set(self._demand, name, report.demand_acu)
        _set(self._blind, name, report.blind_seconds)
        _set(self._ready, name, None if status is None else status.ready_acu)
        _set(self._floor, name, None if status is None else status.range.floor_acu)
        _set(self._ceiling, name, None if status is None else status.range.ceiling_acu)
        self._set_forecast(report)
        if decision is not None:
            _set(self._wanted_floor, name, decision.after.floor_acu)
            _set(self._wanted_ceiling, name, decision.after.ceiling_acu)
            self._decisions.labels(name, direction(decision), decision.driver, report.outcome or "none").inc()

    def leads(self, acts: bool) -> None:
        """Whether this replica acts, from now on; one that does not shows no cluster as if it were its own."""
        self._leader.set(acts)
        if not acts:
            self.retain(())

    def follow_freeze(self, frozen: Callable[[], bool]) -> None:
        """Whom to ask, whenever somebody reads the metrics, whether the kill switch is on."""
        self._frozen.set_function(lambda: float(frozen()))

    def retain(self, cluster_ids: Collection[str]) -> None:
        """Drop every series of a cluster that is none of these: a gone cluster must not look like a calm one."""
        gone = self._clusters.difference(cluster_ids)
        for name in gone:
            for metric in self._per_cluster():
                metric.remove_by_labels({"cluster": name})
        self._clusters -= gone

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

    def _set_forecast(self, report: Tick) -> None:
        forecast = report.forecast
        for lead, level in product(FORECAST_LEADS_SECONDS, FORECAST_LEVELS):
            known = forecast is not None and any(isclose(level, one) for one in forecast.levels)
            peak = forecast.peak_acu(level, report.at, lead) if forecast is not None and known else None
            _set(self._forecast, report.cluster_id, peak, str(lead), str(level))

    def _per_cluster(self) -> tuple[Gauge | Counter, ...]:
        gauges = (self._demand, self._ready, self._floor, self._ceiling, self._wanted_floor, self._wanted_ceiling)
        others = (self._blind, self._last_success, self._forecast)
        return (*gauges, *others, self._decisions, self._ticks, self._troubles)


def direction(decision: Decision) -> str:
    """Which way a decision changes a range: grow, shrink, both or none."""
    grows, shrinks = decision.after.grows(decision.before), decision.after.shrinks(decision.before)
    if grows and shrinks:
        return "both"
    return "grow" if grows else "shrink" if shrinks else "none"


def _gauge(name: str, about: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(f"autoscaler_cluster_{name}", about, ("cluster",), registry=registry)


def _set(gauge: Gauge, cluster_id: str, value: float | None, *labels: str) -> None:
    """An unknown has no series: a zero, or the last value for ever, would be believed."""
    if value is None:
        gauge.remove(cluster_id, *labels)
    else:
        gauge.labels(cluster_id, *labels).set(value)

"""How calls to providers went: counted and timed by call and outcome, both from closed lists."""

from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram

CALL_BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class CallMeter(Protocol):
    """Somebody who is told of every call to a provider."""

    def called(self, call: str, outcome: str, seconds: float) -> None:
        """``call`` is status, metrics, change or history; ``outcome`` ok, busy, gone, error or timeout."""
        ...


class NoMeter:
    """Nobody counts."""

    def called(self, call: str, outcome: str, seconds: float) -> None:
        """Nothing is kept."""


class ProviderCalls:
    """The metrics of calls; series are looked up once, for a large fleet makes thousands of calls a minute."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._total = Counter(
            "autoscaler_provider_calls_total", "Calls to providers.", ("call", "outcome"), registry=registry
        )
        self._seconds = Histogram(
            "autoscaler_provider_call_seconds",
            "How long a call to a provider took.",
            ("call",),
            buckets=CALL_BUCKETS,
            registry=registry,
        )
        self._series: dict[tuple[str, str], tuple[Counter, Histogram]] = {}

    def called(self, call: str, outcome: str, seconds: float) -> None:
        key = call, outcome
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._total.labels(*key), self._seconds.labels(call)
        series[0].inc()
        series[1].observe(seconds)

"""How calls to providers went: counted and timed by call and outcome, both from closed lists."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, Metric

CALL_BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Counted(Protocol):
    """What an account was asked so far, by action, and what the provider wants for it; the service's counts fit."""

    @property
    def calls(self) -> Mapping[str, int]: ...

    @property
    def refused(self) -> Mapping[str, int]: ...

    @property
    def metrics(self) -> int: ...

    @property
    def usd(self) -> float: ...


class CallMeter(Protocol):
    """Somebody who is told of every call to a provider."""

    def follow(self, counts: Callable[[], Mapping[str, Counted]]) -> None:
        """Whom to ask what each account was asked so far."""
        ...

    def called(self, call: str, outcome: str, seconds: float) -> None:
        """``call`` is status, metrics, change or history; ``outcome`` ok, busy, gone, error or timeout."""
        ...


class NoMeter:
    """Nobody counts."""

    def called(self, call: str, outcome: str, seconds: float) -> None:
        """Nothing is kept."""

    def follow(self, counts: Callable[[], Mapping[str, Counted]]) -> None:
        """Nobody is asked."""


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
        self._counts: Callable[[], Mapping[str, Counted]] = dict
        registry.register(self)
        self._series: dict[tuple[str, str], tuple[Counter, Histogram]] = {}

    def called(self, call: str, outcome: str, seconds: float) -> None:
        key = call, outcome
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._total.labels(*key), self._seconds.labels(call)
        series[0].inc()
        series[1].observe(seconds)

    def follow(self, counts: Callable[[], Mapping[str, Counted]]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """What each account was asked; whoever reads the metrics asks for it."""
        calls = _family("calls", "Calls to a provider, each page of an answer one, by account.", "action")
        refused = _family("refused_calls", "Calls that a provider throttled or does not allow, by account.", "action")
        metrics = _family("metrics_read", "Metrics that a provider was asked for, which it wants money for.")
        usd = _family("metrics_usd", "What a provider wants for the metrics it was asked for, in USD.")
        for account, one in self._counts().items():
            for family, counted in ((calls, one.calls), (refused, one.refused)):
                for action, count in dict(counted).items():
                    family.add_metric((account, action), count)
            metrics.add_metric((account,), one.metrics)
            usd.add_metric((account,), one.usd)
        yield from (calls, refused, metrics, usd)


def _family(name: str, about: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"autoscaler_account_{name}", about, labels=("account", *labels))

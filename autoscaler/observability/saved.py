"""What was saved lately, as metrics; computed now and then, so that a tick costs nothing more."""

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric

DAYS = 30
HOURS = f"ACU-hours saved in the last {DAYS} days against being left alone; negative: more were used."
USD = f"USD saved in the last {DAYS} days against being left alone, less what our own metric calls cost."


class Saving(Protocol):
    """What one cluster saved; the service's savings fit."""

    @property
    def cluster_id(self) -> str: ...

    @property
    def saved_acu_hours(self) -> float: ...

    @property
    def saved_usd(self) -> float: ...


class Saved:
    """A collector; a cluster that was never scored has no series."""

    def __init__(self, *, per_cluster: bool = True) -> None:
        self._per_cluster = per_cluster
        self._savings: dict[str, Saving] = {}

    def take(self, savings: Iterable[Saving]) -> None:
        """Show these from now on, and no others."""
        self._savings = {one.cluster_id: one for one in savings}

    def retain(self, cluster_ids: Collection[str]) -> None:
        """Drop every cluster that is none of these."""
        self._savings = {name: one for name, one in self._savings.items() if name in cluster_ids}

    def collect(self) -> Iterator[Metric]:
        """All families; nothing is shown before something was scored."""
        savings = dict(self._savings)
        if self._per_cluster:
            hours = GaugeMetricFamily("autoscaler_cluster_saved_acu_hours", HOURS, labels=("cluster",))
            usd = GaugeMetricFamily("autoscaler_cluster_saved_usd", USD, labels=("cluster",))
            for name, one in savings.items():
                hours.add_metric((name,), one.saved_acu_hours)
                usd.add_metric((name,), one.saved_usd)
            yield hours
            yield usd
        yield _sum("autoscaler_fleet_saved_acu_hours", HOURS, [one.saved_acu_hours for one in savings.values()])
        yield _sum("autoscaler_fleet_saved_usd", USD, [one.saved_usd for one in savings.values()])


def _sum(name: str, about: str, values: Collection[float]) -> Metric:
    family = GaugeMetricFamily(name, f"{about[:-1]}; over all clusters.", labels=())
    if values:
        family.add_metric((), sum(values))
    return family

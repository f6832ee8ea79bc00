"""What became of events and notifications: counts that others keep, asked for when somebody reads the metrics."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, Metric

Counts = Mapping[tuple[str, str], int]


class Notes:
    """A collector; whoever keeps the counts is set by the service."""

    def __init__(self) -> None:
        self.dropped_events: Callable[[], int] = int
        self.notifications: Callable[[], Counts] = dict

    def collect(self) -> Iterator[Metric]:
        """Both families."""
        about = "Events that were lost because the store took none for long."
        yield CounterMetricFamily("autoscaler_events_dropped", about, value=self.dropped_events())
        about = "Events that a target was told (sent), could not be told (dead), or were too many (dropped)."
        family = CounterMetricFamily("autoscaler_notifications", about, labels=("target", "outcome"))
        for key, count in self.notifications().items():
            family.add_metric(key, count)
        yield family

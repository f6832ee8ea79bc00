"""Whoever tells metrics, asked by many clusters at once."""

from collections.abc import Awaitable, Callable, Sequence

from autoscaler.adapters.aurora_samples import Points, Window
from autoscaler.errors import ClusterError
from autoscaler.service.sources.source import or_raise
from autoscaler.storage.batches import Batches

Measure = Callable[[Sequence[Window]], Awaitable[Sequence[Points | ClusterError]]]


class Sensor:
    """Whoever asks while a call is under way shares the next one."""

    def __init__(self, measure: Measure, *, lanes: int) -> None:
        """``lanes``: how many calls go side by side."""
        self._measure = measure
        self._measurements = Batches(measure, lanes=lanes)

    async def measure(self, window: Window) -> Points:
        """What is known of a window.

        Raises:
            ClusterError: there is no answer.
        """
        return or_raise(await self._measurements.add(window))

    async def measure_past(self, windows: Sequence[Window]) -> Sequence[Points | ClusterError]:
        """The same of weeks ago, beside the calls of those who decide now."""
        return await self._measure(windows)

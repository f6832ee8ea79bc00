"""What the replica that acts does besides deciding, now and then and beside the ticks."""

from dataclasses import dataclass

import structlog

from autoscaler.core.ports import Clock
from autoscaler.errors import StorageError
from autoscaler.service.clock import Stopwatch
from autoscaler.storage.retention import Retention

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRoom:
    """Rolls up and forgets what is old, in cluster time."""

    retention: Retention
    clock: Clock

    async def __call__(self) -> None:
        """A failure is told, and the next turn goes on where this one ended."""
        stopwatch = Stopwatch()
        try:
            removed = await self.retention.run(self.clock.now())
        except StorageError as problem:
            log.warning("retention_failed", reason=str(problem), seconds=stopwatch.seconds)
            return
        log.info(
            "retention",
            seconds=stopwatch.seconds,
            samples_removed=removed.samples,
            forecasts_removed=removed.forecasts,
            decisions_removed=removed.decisions,
            events_removed=removed.events,
        )

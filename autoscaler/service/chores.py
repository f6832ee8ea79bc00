"""What the replica that acts does besides deciding, now and then and beside the ticks."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from autoscaler.core.ports import Clock
from autoscaler.errors import StorageError
from autoscaler.service.clock import Stopwatch
from autoscaler.service.desk import Desk
from autoscaler.service.roster import Roster
from autoscaler.service.savings import Saving
from autoscaler.storage.pushed import PushedSamples
from autoscaler.storage.retention import Retention

Show = Callable[[Sequence[Saving]], None]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRoom:
    """Rolls up and forgets what is old, in cluster time; ``retention`` is asked for anew each time."""

    retention: Callable[[], Retention]
    clock: Clock

    async def __call__(self) -> None:
        """A failure is told, and the next turn goes on where this one ended."""
        stopwatch = Stopwatch()
        try:
            removed = await self.retention().run(self.clock.now())
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSavings:
    """Adds up what the clusters of the roster saved lately, and shows it."""

    desk: Desk
    roster: Roster
    days: int
    show: Show

    async def __call__(self) -> None:
        """What cannot be read now stays as it was shown last."""
        with suppress(StorageError):
            savings = await self.desk.savings(days=self.days)
            self.show([one for one in savings if one.cluster_id in self.roster.members])


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPushed:
    """Forgets pushed samples that the ticks have long taken."""

    pushed: PushedSamples
    clock: Clock
    days: float

    async def __call__(self) -> None:
        """What the store refuses now it is asked for at the next turn."""
        with suppress(StorageError):
            await self.pushed.forget(self.clock.now() - timedelta(days=self.days))

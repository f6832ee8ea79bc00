"""Puts off what happens when the service dies, for as long as it lives."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from autoscaler.config import left_alone
from autoscaler.core.capacity import Range
from autoscaler.core.control import Mode
from autoscaler.core.ports import Clock
from autoscaler.errors import ClusterError, StorageError, UnknownName
from autoscaler.service.roster import Roster
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.sources.opened import Sources
from autoscaler.service.steering import Steering

# A turn comes every minute; a large fleet is armed within some of them.
MOST_CALLS = 20

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class PutOffTheWorst:
    """A chore: clusters that are enforced are armed and renewed at half time, others disarmed once.

    A service that stops leaves everything armed: it may not come back.
    """

    sources: Sources
    roster: Roster
    steering: Steering
    clock: Clock
    found_range: Callable[[str], Awaitable[Range | None]]
    armed: dict[str, datetime] = field(default_factory=dict)
    disarmed: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)

    async def __call__(self) -> None:
        """A call that fails is made again at the next turn; told once."""
        due = [one for one in self.roster.settings() if self._is_due(one)]
        for one in due[:MOST_CALLS]:
            try:
                await self._see_to(one)
                self.failing.discard(one.id)
            except (ClusterError, StorageError, UnknownName) as problem:
                if one.id not in self.failing:
                    log.warning("dead_man_failed", cluster=one.id, reason=str(problem))
                self.failing.add(one.id)

    def _is_due(self, one: ClusterSettings) -> bool:
        seconds = self.sources.dead_man_seconds(one)
        if seconds is None:
            return False
        if not self._enforced(one):
            return one.id not in self.disarmed
        ends = self.armed.get(one.id)
        return ends is None or ends - self.clock.now() <= timedelta(seconds=seconds / 2)

    def _enforced(self, one: ClusterSettings) -> bool:
        return self.steering.control(one.id, at=self.clock.now(), mode=one.mode).mode is Mode.ENFORCE

    async def _see_to(self, one: ClusterSettings) -> None:
        if not self._enforced(one):
            await self.sources.disarm(one)
            self.disarmed.add(one.id)
            self.armed.pop(one.id, None)
            return
        at = self.clock.now() + timedelta(seconds=self.sources.dead_man_seconds(one) or 0.0)
        await self.sources.arm(one, await self._safe(one), at=at)
        self.armed[one.id] = at
        self.disarmed.discard(one.id)

    async def _safe(self, one: ClusterSettings) -> Range:
        """The range it was found with, as far as its owner allows it; else all that he allows."""
        limits, found = one.cluster_document().build_limits(), await self.found_range(one.id)
        return limits.settle(left_alone(limits) if found is None else found)

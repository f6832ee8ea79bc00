"""How far the simulator can be believed about a registered cluster, by its stored past."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from autoscaler.core.capacity import Range
from autoscaler.core.ports import Clock
from autoscaler.service.roster import Roster
from autoscaler.simulator.fidelity import Fidelity, lived_again
from autoscaler.storage.archive import Archive, Wanted

USUAL_HOURS = 24
MOST_DECISIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FidelityDesk:
    """Lives the last hours again, beside the event loop."""

    archive: Archive
    roster: Roster
    clock: Clock

    async def of(self, cluster_id: str, *, hours: int = USUAL_HOURS) -> Fidelity:
        """The error over the last hours.

        Raises:
            UnknownName: there is no such cluster.
            StorageError: the store cannot be read.
        """
        settings = self.roster.member(cluster_id).settings
        now = self.clock.now()
        since = now - timedelta(hours=hours)
        samples = await self.archive.samples(cluster_id, since=since, until=now)
        changes = await self._ranges(cluster_id, since)
        return await asyncio.to_thread(lived_again, settings.cluster_document().build_spec(), samples, changes)

    async def _ranges(self, cluster_id: str, since: datetime) -> list[tuple[datetime, Range]]:
        """Which range was found in force when; each once."""
        lines = await self.archive.decisions(cluster_id, limit=MOST_DECISIONS, wanted=Wanted(since=since))
        found: list[tuple[datetime, Range]] = []
        for line in reversed(lines):
            if not found or found[-1][1] != line.decision.before:
                found.append((line.decision.at, line.decision.before))
        return found

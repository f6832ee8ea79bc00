"""Why a registered cluster does not pause, and what a pause would save by its stored past."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from autoscaler.core.cost import Prices
from autoscaler.core.doctor import Diagnosis, PauseSaving, pause_saving
from autoscaler.core.ports import Clock
from autoscaler.errors import ClusterError, NotPossible
from autoscaler.service.roster import Roster
from autoscaler.service.sources.opened import Sources
from autoscaler.storage.archive import Archive

LONGEST_SECONDS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A diagnosis, and what a month's pauses would save by the past that was seen; summed over instances."""

    diagnosis: Diagnosis
    saving: PauseSaving
    usd_per_acu_hour: float = Prices().usd_per_acu_hour

    @property
    def monthly_idle_acu_hours(self) -> float:
        """What pauses would save as things are: nobody was connected then."""
        return self.saving.of_a_month(self.saving.idle_acu_hours) * self.diagnosis.instances

    @property
    def monthly_quiet_acu_hours(self) -> float:
        """What they would save without idle connections: hardly anything was asked for then."""
        return self.saving.of_a_month(self.saving.quiet_acu_hours) * self.diagnosis.instances

    @property
    def monthly_idle_usd(self) -> float:
        """The first as money."""
        return self.monthly_idle_acu_hours * self.usd_per_acu_hour

    @property
    def monthly_quiet_usd(self) -> float:
        """The second as money."""
        return self.monthly_quiet_acu_hours * self.usd_per_acu_hour


class Doctor:
    """Asks the provider for people, beside the ticks."""

    def __init__(self, archive: Archive, *, roster: Roster, sources: Sources | None, clock: Clock) -> None:
        self._archive = archive
        self._roster = roster
        self._sources = sources
        self._clock = clock

    async def examine(self, cluster_id: str, *, days: int) -> Examined:
        """What keeps a cluster awake, and what pauses would have saved in the last days.

        Raises:
            UnknownName: there is no such cluster.
            NotPossible: of its kind nobody can tell, or its provider does not.
        """
        settings = self._roster.member(cluster_id).settings
        if self._sources is None:
            raise NotPossible("this service reaches no provider")
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                diagnosis = await self._sources.diagnose(settings)
        except ClusterError as problem:
            raise NotPossible(f"{cluster_id} cannot be examined: {problem}") from None
        except TimeoutError:
            raise NotPossible(f"the provider of {cluster_id} did not answer within {LONGEST_SECONDS:g} s") from None
        now = self._clock.now()
        past = await self._archive.samples(cluster_id, since=now - timedelta(days=days), until=now)
        saving = pause_saving(past, pause_after_seconds=diagnosis.pause_after_seconds)
        return Examined(diagnosis=diagnosis, saving=saving)

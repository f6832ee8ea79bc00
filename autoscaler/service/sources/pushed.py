"""Clusters that nobody can ask: their samples are pushed over HTTP, and their decisions are advice."""

from datetime import datetime
from typing import TYPE_CHECKING

from autoscaler.config import left_alone
from autoscaler.core.capacity import Limits, Phase, Range, Status
from autoscaler.core.ports import Clock
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError, NotPossible
from autoscaler.service.sources.source import Found, Kind, NoSettings, Surroundings
from autoscaler.storage.pushed import PushedSamples

if TYPE_CHECKING:
    from autoscaler.service.settings import ClusterSettings


class PushedCluster:
    """What somebody told of a cluster; until he tells its range, it is taken for left alone."""

    def __init__(self, cluster_id: str, limits: Limits, *, samples: PushedSamples, clock: Clock) -> None:
        self.cluster_id = cluster_id
        self._limits = limits
        self._samples = samples
        self._clock = clock

    async def status(self) -> Status:
        held = await self._samples.told_range(self.cluster_id) or left_alone(self._limits)
        newest = await self._samples.newest(self.cluster_id)
        capacity_acu = None if newest is None else newest.capacity_acu
        return Status(
            phase=Phase.AVAILABLE,
            ready_acu=held.floor_acu if capacity_acu is None else capacity_acu,
            range=held,
        )

    async def samples_since(self, after: datetime | None) -> tuple[Sample, ...]:
        now = self._clock.now()
        return tuple(sample for sample in await self._samples.after(self.cluster_id, after) if sample.end <= now)

    async def apply(self, wanted: Range) -> None:
        raise ClusterError(f"nobody can be asked for {wanted}: the samples of {self.cluster_id} are only pushed here")


class Pushes:
    """All clusters of which only samples are known."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._samples = PushedSamples(surroundings.database)
        self._clock = surroundings.clock

    async def connect(self, one: "ClusterSettings", *, started_at: datetime) -> PushedCluster:
        limits = one.cluster_document().build_limits()
        return PushedCluster(one.id, limits, samples=self._samples, clock=self._clock)

    async def discover(self) -> tuple[Found, ...]:
        raise NotPossible("pushed clusters cannot be discovered: they are known by what is pushed; register them")

    async def close(self) -> None:
        """There is nothing to close."""


def _problem(one: "ClusterSettings") -> str:
    given = [name for name in ("workload", "faults", "source") if getattr(one, name)]
    return f"a pushed cluster has no {' and no '.join(map(repr, given))}" if given else ""


PUSHED = Kind(name="pushed", acts=False, open=Pushes, problem=_problem, settings=NoSettings)

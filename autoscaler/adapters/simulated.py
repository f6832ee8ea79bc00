"""A simulated cluster behind the ``Cluster`` port: whoever asks moves its world to the clock's time."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from autoscaler.adapters.workloads import Workload
from autoscaler.core.capacity import Range, Status
from autoscaler.core.ports import Clock, Reading, Wanted
from autoscaler.core.resumes import Resume
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from autoscaler.simulator.faults import FaultSettings, FaultyCluster

NO_FAULTS = FaultSettings()
# One metric of each: as many queries as a call for Aurora's metrics takes.
MOST_READ_AT_ONCE = 500


class SimulatedSource:
    """All simulated clusters of a process, read in one call."""

    most_at_once = MOST_READ_AT_ONCE

    def __init__(self) -> None:
        self._clusters: dict[str, SimulatedAdapter] = {}

    def add(self, cluster: "SimulatedAdapter") -> None:
        """Read this one, too; or instead of the one of the same id."""
        self._clusters[cluster.cluster_id] = cluster

    async def read(self, wanted: Sequence[Wanted]) -> Sequence[Reading | ClusterError]:
        answers: list[Reading | ClusterError] = []
        for one in wanted:
            try:
                answers.append(await self._clusters[one.cluster_id].read(one.after))
            except ClusterError as problem:
                answers.append(problem)
            await asyncio.sleep(0)  # worlds are moved on the event loop, which has others to serve
        return answers


class SimulatedAdapter:
    """A world of its own that starts settled at ``start`` and moves in whole steps from there.

    It is a function of its arguments and of the ranges it was given, so a restarted service finds it as it
    was: see ``relive``.
    """

    def __init__(
        self,
        spec: ClusterSpec,
        workload: Workload,
        *,
        clock: Clock,
        start: datetime,
        step_seconds: float = 15.0,
        faults: FaultSettings = NO_FAULTS,
    ) -> None:
        spec = spec.publishing_no_finer(workload.period_seconds)
        self._workload = workload
        self._clock = clock
        self._start = start
        self._step = timedelta(seconds=step_seconds)
        self._steps = 0
        self._world = SimulatedCluster(spec, at=start, demand_acu=workload.load_at(start).demand_acu)
        self._provider = self._world if faults == NO_FAULTS else FaultyCluster(self._world, faults)

    @property
    def cluster_id(self) -> str:
        return self._world.spec.cluster_id

    async def status(self) -> Status:
        self._move_to(self._clock.now())
        return self._provider.status()

    async def read(self, after: datetime | None) -> Reading:
        """Both in one, as a provider's call for many clusters tells them."""
        status = await self.status()
        try:
            return Reading(status=status, samples=self._provider.samples_since(after))
        except ClusterError as problem:
            return Reading(status=status, unmeasured=str(problem))

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        self._move_to(self._clock.now())
        return self._provider.samples_since(after)

    async def resumes_since(self, after: datetime | None) -> Sequence[Resume]:
        """Its wakes, as exactly as a provider's events tell them."""
        self._move_to(self._clock.now())
        return self._world.resumes.since(after)

    async def apply(self, wanted: Range) -> None:
        self._move_to(self._clock.now())
        self._provider.apply(wanted)

    def relive(self, changes: Iterable[tuple[datetime, Range]]) -> None:
        """Live again up to the clock's time, with the ranges given when they were, oldest first; 60 ms a day."""
        for at, wanted in changes:
            self._move_to(at)
            with suppress(ClusterBusy):  # only where the world was begun later than it once was
                self._world.apply(wanted)
        self._move_to(self._clock.now())

    def _move_to(self, now: datetime) -> None:
        seconds = self._step.total_seconds()
        while self._start + self._step * (self._steps + 1) <= now:
            load = self._workload.load_at(self._start + self._step * self._steps)
            self._world.step(load.demand_acu, seconds=seconds, measured=load.measured)
            self._steps += 1

"""A simulated cluster behind the ``Cluster`` port: whoever asks moves its world to the clock's time."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from autoscaler.adapters.workloads import Workload
from autoscaler.core.capacity import Range, Status
from autoscaler.core.ports import Clock
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from autoscaler.simulator.faults import FaultSettings, FaultyCluster

NO_FAULTS = FaultSettings()


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

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        self._move_to(self._clock.now())
        return self._provider.samples_since(after)

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

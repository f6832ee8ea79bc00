"""A cluster as it would have been under other ranges: a simulated one that lives through the measured demand."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from math import ceil

from autoscaler.core.capacity import SECONDS_PER_HOUR, Phase, Range, Status
from autoscaler.core.samples import Sample
from autoscaler.core.tally import Tally
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.spec import ClusterSpec

LONGEST_STEP_SECONDS = 15.0
# A longer hole is jumped over: what happened in it nobody knows, and living through a week would hold everybody up.
LONGEST_HOLE_SECONDS = 6 * SECONDS_PER_HOUR
NEVER_SECONDS = 1e18
# So little is no use: monitoring and health checks.
HOUSEKEEPING_ACU = 0.02


class Twin:
    """Follows the samples as they come, some seconds behind the clock; a change of its range waits for its moment."""

    def __init__(self, spec: ClusterSpec, first: Sample) -> None:
        """Start settled at the demand of the ``first`` sample, which is lived through like all that follow it."""
        self._spec = spec = _unmetered(spec)
        self._share = _busiest_share(spec)
        self._demand_acu = (first.demand_acu or 0.0) / self._share
        self._cluster = SimulatedCluster(spec, at=first.at, demand_acu=self._demand_acu)
        self._coming: deque[tuple[datetime, Range]] = deque()
        self._changes = 0
        self._start_over()

    def apply(self, wanted: Range, at: datetime) -> None:
        """Have this range from ``at`` on; moments must not descend."""
        self._coming.append((at, wanted))

    def status(self) -> Status:
        """What the provider would say now: a change that the twin has yet to come to is in force already."""
        status = self._cluster.status()
        if not self._coming:
            return status
        at, wanted = self._coming[-1]
        return Status(phase=status.phase, ready_acu=status.ready_acu, range=wanted, changed_at=at)

    def live(self, samples: Iterable[Sample]) -> None:
        """Live through samples, oldest first; one from before its own time is left out."""
        for sample in samples:
            self._cross_the_hole(sample.at)
            if sample.at >= self._cluster.now:
                self._live_through(sample)

    def take(self) -> Tally:
        """What has happened since this was asked for the last time."""
        tally = Tally(
            seconds=self._seconds,
            acu_hours=self._capacity / SECONDS_PER_HOUR,
            work_acu_hours=self._work / SECONDS_PER_HOUR,
            throttled_acu_hours=self._throttled / SECONDS_PER_HOUR,
            changes=self._changes,
            cold_hits=self._cluster.nap.cold_hits - self._cold_hits,
            awake_idle_seconds=self._idle,
            idle_acu_hours=self._idle_capacity / SECONDS_PER_HOUR,
            paused_seconds=self._paused,
            waited_seconds=self._cluster.nap.cold_wait_seconds - self._waited,
        )
        self._start_over()
        return tally

    def _start_over(self) -> None:
        self._seconds = self._capacity = self._work = self._throttled = 0.0
        self._idle = self._idle_capacity = self._paused = 0.0
        self._changes = 0
        self._cold_hits, self._waited = self._cluster.nap.cold_hits, self._cluster.nap.cold_wait_seconds

    def _cross_the_hole(self, until: datetime) -> None:
        """The last demand goes on where nothing was measured; none of it counts."""
        hole_seconds = (until - self._cluster.now).total_seconds()
        if hole_seconds > LONGEST_HOLE_SECONDS:
            self._cold_hits -= self._cluster.nap.cold_hits
            self._waited -= self._cluster.nap.cold_wait_seconds
            spec = replace(self._spec, range=self._cluster.range)
            self._cluster = SimulatedCluster(spec, at=until, demand_acu=self._demand_acu)
        elif hole_seconds > 0:
            self._step_for(hole_seconds, counts=0.0)

    def _live_through(self, sample: Sample) -> None:
        if sample.demand_acu is None:
            self._step_for(sample.seconds, counts=0.0)
            return
        self._demand_acu = sample.demand_acu / self._share
        self._step_for(sample.seconds, counts=1.0)

    def _step_for(self, seconds: float, *, counts: float) -> None:
        """Steps of a constant demand; ``counts`` is 1 where it was measured, else 0."""
        steps = ceil(seconds / LONGEST_STEP_SECONDS)
        step_seconds = seconds / steps
        cluster, demand_acu = self._cluster, self._demand_acu
        for _ in range(steps):
            if self._coming:
                self._obey()
            cluster.step(demand_acu, seconds=step_seconds)
            used_acu_seconds = counts * cluster.capacity_acu * step_seconds
            self._capacity += used_acu_seconds
            if cluster.nap.phase is Phase.PAUSED:
                self._paused += counts * step_seconds
            elif demand_acu <= HOUSEKEEPING_ACU:
                self._idle += counts * step_seconds
                self._idle_capacity += used_acu_seconds
            self._throttled += counts * cluster.throttled_acu_seconds
        self._seconds += counts * seconds
        self._work += counts * demand_acu * seconds

    def _obey(self) -> None:
        """Take over the ranges whose moment has come."""
        while self._coming and self._coming[0][0] <= self._cluster.now:
            try:
                self._cluster.apply(self._coming[0][1])
                self._changes += 1
            except ClusterBusy:  # its control plane is not free yet
                return
            except ClusterError:  # the real cluster took it, so its kind is not quite the twin's
                pass
            self._coming.popleft()


def _unmetered(spec: ClusterSpec) -> ClusterSpec:
    """Nobody reads a twin's metrics, and keeping them would take most of its memory."""
    measuring = replace(spec.profile.measuring, period_seconds=NEVER_SECONDS)
    return replace(spec, profile=replace(spec.profile, measuring=measuring))


def _busiest_share(spec: ClusterSpec) -> float:
    """The part of the whole demand that the busiest instance has: samples tell only of that one."""
    if not spec.readers:
        return 1.0
    return max(1 - spec.reader_share, spec.reader_share / len(spec.readers))

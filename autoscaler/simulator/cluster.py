"""A simulated serverless cluster: its instances, its volume, and the control plane in front of them."""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np

from autoscaler.core.capacity import SECONDS_PER_HOUR, Phase, Range, Status
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.simulator.blockers import EVERYWHERE, Passing, PauseBlocker
from autoscaler.simulator.events import KEPT_EVENTS, Event
from autoscaler.simulator.instance import Instance
from autoscaler.simulator.members import Members
from autoscaler.simulator.meter import Meter
from autoscaler.simulator.resuming import Resuming
from autoscaler.simulator.spec import ClusterSpec, problem_with
from autoscaler.simulator.volume import Volume

__all__ = ["ClusterSpec", "Event", "SimulatedCluster"]


class SimulatedCluster:
    """The world behind one cluster, moved by ``step``; it never looks at a clock.

    Chance comes in two streams, one for what happens and one for what is measured, so that a policy that lets
    the cluster sleep more often meets the same holes in its metrics.
    """

    def __init__(self, spec: ClusterSpec, *, at: datetime, demand_acu: float = 0.0) -> None:
        """Start ``at`` a moment, settled at the capacity ``demand_acu`` needs inside the range."""
        self.spec = spec
        self._profile = profile = spec.profile
        world, metrics = np.random.default_rng(spec.seed).spawn(2)
        self._now = at.timestamp()
        self.range = spec.range
        self._changed_at: datetime | None = None
        self._busy_until = -1.0
        self._lowering: tuple[float, Range] | None = None
        self.blockers: frozenset[PauseBlocker] = frozenset()
        self._told_blockers = False
        self.events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._members = Members(spec, demand_acu=demand_acu, rng=world, report=self._report)
        self.nap = self._members.nap
        self._meter = Meter(profile.measuring, at=self._now, rng=metrics)
        self.resumes = Resuming()
        self.volume = Volume(profile.volume_gib)
        self.capacity_acu = sum(member.capacity_acu for member in self._members.all)
        self.served_acu_seconds = self.throttled_acu_seconds = self.backlog_acu_seconds = self.pages_read = 0.0
        self._set_blockers(spec.blockers)

    @property
    def now(self) -> datetime:
        """The cluster's own time."""
        return datetime.fromtimestamp(self._now, UTC)

    @property
    def writer(self) -> Instance:
        """The instance behind the writer endpoint."""
        return self._members.writer

    @property
    def readers(self) -> tuple[Instance, ...]:
        """The instances behind the reader endpoint."""
        return tuple(self._members.readers)

    @property
    def phase(self) -> Phase:
        """What the writer is doing."""
        return Phase.UNAVAILABLE if self._now < self._members.writer.down_until else self.nap.phase

    @property
    def connections(self) -> int:
        """Clients that are connected, to all instances together."""
        return self._members.connections

    @property
    def needs_reboot(self) -> bool:
        """Whether a changed range has moved ``max_connections``, which an instance takes over when it starts."""
        wanted = self._members.most_connections
        return any(member.most_connections != wanted for member in self._members.all)

    @property
    def pause_blockers(self) -> tuple[PauseBlocker | Passing, ...]:
        """What keeps the writer awake however long it idles; empty when only its range and time decide."""
        members = self._members
        passing = {
            Passing.ADMINISTRATIVE_WAKE: self.nap.held_awake_seconds > 0,
            Passing.AWAKE_READER: any(reader.nap.phase is not Phase.PAUSED for reader in members.lone_readers),
            Passing.USER_CONNECTIONS: members.connections > 0,
        }
        return (*sorted(self.blockers), *(why for why, holds in passing.items() if holds))

    def status(self) -> Status:
        """What the provider would answer now."""
        phase = self.phase
        return Status(
            phase=phase,
            ready_acu=0.0 if phase is Phase.UNAVAILABLE else self._members.writer.capacity_acu,
            range=self.range,
            changed_at=self._changed_at,
            blockers=self.pause_blockers,
        )

    def samples_since(self, after: datetime | None) -> list[Sample]:
        """The samples visible by now that start after ``after``, oldest first."""
        return self._meter.visible(now=self._now, after=after)

    def apply(self, wanted: Range) -> None:
        """Change the range; wakes a paused cluster.

        Raises:
            ClusterBusy: an earlier change still keeps the control plane busy.
            ClusterError: the provider has no such range.
        """
        problem = problem_with(wanted, self._profile)
        if problem:
            raise ClusterError(f"{self.spec.cluster_id} does not take {wanted}: {problem}")
        if self._now < self._busy_until or self.phase is Phase.UNAVAILABLE:
            raise ClusterBusy(f"{self.spec.cluster_id} is still busy; try again later")
        if wanted == self.range:
            return
        if wanted.ceiling_acu < self.range.ceiling_acu:
            # Of several lowerings on top of each other the first one's range is the one that is known to work.
            _, old = self._lowering or (0.0, self.range)
            self._lowering = (self._now + self._profile.changing.lowering_gives_up_seconds, old)
        self._take_over(wanted)
        self._busy_until = self._now + self._profile.changing.busy_seconds
        self._wake_all()

    def fail_over(self, *, to: str | None = None) -> None:
        """The named reader, or that of the lowest tier, becomes the writer; without readers the writer is made anew.

        Raises:
            ClusterBusy: one is already under way.
        """
        if self.phase is Phase.UNAVAILABLE:
            raise ClusterBusy(f"{self.spec.cluster_id} is failing over already")
        self._report("failover started")
        self._members.fail_over(now=self._now, to=to)
        self._report(f"{self.writer.name} is the writer")

    def reboot(self, name: str) -> None:
        """An instance starts again, and takes over what has waited for that."""
        self._members.reboot(name, now=self._now)
        self._report(f"{name} restarted")

    def rouse(self) -> None:
        """An administrator does something that needs it awake, such as a change of parameters [D]."""
        self._wake_all()

    def read_logs(self) -> tuple[Event, ...]:
        """The events so far; on Aurora just looking into the logs wakes a paused cluster [D]."""
        self._wake_all()
        return tuple(self.events)

    def knock(self) -> None:
        """A client tries to connect, be it in vain: no work, but enough to wake the writer [D]."""
        self._members.knocked = True

    def block_pause(self, blocker: PauseBlocker) -> None:
        """Switch something on that needs the cluster awake; no error says that it never pauses from now on [D]."""
        self._set_blockers(self.blockers | {blocker})
        self._wake_all()

    def unblock_pause(self, blocker: PauseBlocker) -> None:
        """Switch it off again."""
        self._set_blockers(self.blockers - {blocker})

    def step(self, demand_acu: float, *, seconds: float, measured: bool = True) -> None:
        """Live through ``seconds`` of a constant demand; ``measured`` is False when its metrics get lost."""
        members = self._members
        if self._lowering is not None:
            self._finish_lowering(*self._lowering)
        busiest = members.step(demand_acu, now=self._now, seconds=seconds)
        if members.readers:
            self._add_up(members.all)
        else:
            self.capacity_acu = busiest.mean_acu
            self.served_acu_seconds = busiest.served_acu_seconds
            self.throttled_acu_seconds = busiest.throttled_acu_seconds
            self.backlog_acu_seconds = busiest.queue.backlog_acu_seconds
            self.pages_read = busiest.pages_read
        if self._profile.volume_gib_per_acu_hour > 0:
            self._fill_volume()
        if self.blockers:
            self._tell_blockers()
        if busiest.caches and not busiest.asleep:
            self._meter.add_cache(pages=busiest.pages, pages_read=busiest.pages_read, freeable_gib=busiest.freeable_gib)
        self._meter.add(
            seconds=seconds,
            served=busiest.served_acu_seconds,
            arrived=busiest.arrived_acu_seconds,
            capacity_acu=busiest.mean_acu,
            connections=members.connections,
            # An instance that is down measures nothing: unknown, not idle.
            measured=measured and self._now >= members.writer.down_until,
        )
        self._now += seconds
        self.resumes.look(members.writer, connections=members.connections, now=self._now)

    def _add_up(self, members: Iterable[Instance]) -> None:
        self.capacity_acu = self.served_acu_seconds = self.throttled_acu_seconds = 0.0
        self.backlog_acu_seconds = self.pages_read = 0.0
        for member in members:
            self.capacity_acu += member.mean_acu
            self.served_acu_seconds += member.served_acu_seconds
            self.throttled_acu_seconds += member.throttled_acu_seconds
            self.backlog_acu_seconds += member.queue.backlog_acu_seconds
            self.pages_read += member.pages_read

    def _take_over(self, wanted: Range) -> None:
        self.range = wanted
        self._changed_at = self.now
        self._members.lowering = self._lowering is not None
        self._members.obey(wanted)

    def _finish_lowering(self, deadline: float, old: Range) -> None:
        """A lowered ceiling that the load does not let through is taken back by the provider [D]."""
        if all(member.capacity_acu <= self.range.ceiling_acu for member in self._members.all):
            self._lowering, self._members.lowering = None, False
        elif self._now >= deadline:
            self._lowering = None
            self._take_over(old)
            self._report(f"the lowered range could not be reached; back to {old}")

    def _fill_volume(self) -> None:
        had_room = not self.volume.is_full
        self.volume.write(self._profile.volume_gib_per_acu_hour * self.served_acu_seconds / SECONDS_PER_HOUR)
        if had_room and self.volume.is_full:
            self._report("the volume is full")

    def _set_blockers(self, blockers: Iterable[PauseBlocker]) -> None:
        self.blockers = frozenset(blockers)
        self._told_blockers = False
        may_pause = self._profile.sleeping.may_pause
        self._members.may_pause = may_pause and not self.blockers
        self._members.lone_readers_may_pause = may_pause and not self.blockers & EVERYWHERE

    def _tell_blockers(self) -> None:
        """Once for each idle stretch that would have ended in a pause."""
        pause_after = self.range.pause_after_seconds
        would_pause = pause_after is not None and self.nap.idle_seconds >= pause_after
        if would_pause and not self._told_blockers:
            self._report(f"cannot pause: {', '.join(self.pause_blockers)}")
        self._told_blockers = would_pause

    def _wake_all(self) -> None:
        if self.nap.phase in (Phase.PAUSING, Phase.PAUSED):
            self._report("woken by an administrator")
        self._members.wake_all()

    def _report(self, message: str) -> None:
        self.events.append(Event(at=self.now, message=message))

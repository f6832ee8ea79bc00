"""A simulated serverless cluster: a writer, its readers, and the control plane in front of them."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

import numpy as np

from autoscaler.core.capacity import SECONDS_PER_HOUR, Phase, Range, Status
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError, InvalidInput
from autoscaler.simulator.instance import Instance, steady_acu
from autoscaler.simulator.meter import Meter
from autoscaler.simulator.nap import Nap
from autoscaler.simulator.profiles import Profile, max_connections
from autoscaler.simulator.volume import Volume

MOST_READERS = 15
LAST_FOLLOWING_TIER = 1  # readers of tiers 0 and 1 keep the writer's size
KEPT_EVENTS = 500
ON_GRAIN = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something the cluster reported."""

    at: datetime
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSpec:
    """A cluster to simulate. ``readers`` holds a promotion tier (0 to 15) for each reader.

    ``reader_share`` of the demand goes to the reader endpoint, spread evenly; without readers the writer
    serves everything.
    """

    cluster_id: str
    profile: Profile
    range: Range
    readers: tuple[int, ...] = ()
    reader_share: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.readers) > MOST_READERS:
            raise InvalidInput(f"{len(self.readers)} readers are more than the {MOST_READERS} a cluster can have")
        if any(not 0 <= tier <= MOST_READERS for tier in self.readers):
            raise InvalidInput(f"promotion tiers lie between 0 and {MOST_READERS}, not {self.readers}")
        if not 0 <= self.reader_share <= 1:
            raise InvalidInput(f"a reader share of {self.reader_share} is not between 0 and 1")


class SimulatedCluster:
    """The world behind one cluster, moved by ``step``; it never looks at a clock."""

    def __init__(self, spec: ClusterSpec, *, at: datetime, demand_acu: float = 0.0) -> None:
        """Start ``at`` a moment, settled at the capacity ``demand_acu`` needs inside the range."""
        self.spec = spec
        self._profile = profile = spec.profile
        self._rng = np.random.default_rng(spec.seed)
        self._now = at.timestamp()
        self._check(spec.range)
        self.range = spec.range
        self._changed_at: datetime | None = None
        self._busy_until = -1.0
        self._lowering: tuple[float, Range] | None = None
        self._down_until = -1.0
        self.nap = Nap(profile.sleeping, self._rng)
        self.writer = self._new_instance(0, demand_acu)
        self.readers = [self._new_instance(tier, demand_acu) for tier in spec.readers]
        self._lone_naps = self._naps_of_lone_readers()
        self._meter = Meter(profile.measuring, at=self._now, rng=self._rng)
        self.volume = Volume(profile.volume_gib)
        self.events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self.capacity_acu = self.writer.capacity_acu + sum(r.capacity_acu for r in self.readers)
        self.served_acu_seconds = self.throttled_acu_seconds = self.backlog_acu_seconds = 0.0
        self._limit_connections()

    @property
    def now(self) -> datetime:
        """The cluster's own time."""
        return datetime.fromtimestamp(self._now, UTC)

    @property
    def phase(self) -> Phase:
        """What the writer is doing."""
        return Phase.UNAVAILABLE if self._now < self._down_until else self.nap.phase

    def status(self) -> Status:
        """What the provider would answer now."""
        return Status(
            phase=self.phase, ready_acu=self.writer.capacity_acu, range=self.range, changed_at=self._changed_at
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
        self._check(wanted)
        if self._now < self._busy_until or self.phase is Phase.UNAVAILABLE:
            raise ClusterBusy(f"{self.spec.cluster_id} is still busy; try again later")
        if wanted == self.range:
            return
        if wanted.ceiling_acu < self.range.ceiling_acu:
            self._lowering = (self._now + self._profile.changing.lowering_gives_up_seconds, self.range)
        self.range = wanted
        self._changed_at = self.now
        self._busy_until = self._now + self._profile.changing.busy_seconds
        self._limit_connections()
        self._wake_all()

    def fail_over(self) -> None:
        """The reader of the lowest tier becomes the writer; without readers the writer is made anew."""
        failing = self._profile.failing
        shortest, longest = failing.with_reader_seconds if self.readers else failing.alone_seconds
        self._down_until = self._now + float(self._rng.uniform(shortest, longest))
        self._wake_all()
        self._report("failover started")
        if self.readers:
            heir = min(self.readers, key=lambda reader: reader.tier)
            self.writer.tier, heir.tier = heir.tier, self.writer.tier
            self.readers[self.readers.index(heir)], self.writer = self.writer, heir
            self._lone_naps = self._naps_of_lone_readers()

    def step(self, demand_acu: float, *, seconds: float, measured: bool = True) -> None:
        """Live through ``seconds`` of a constant demand; ``measured`` is False when its metrics get lost."""
        connecting = self._profile.connecting
        connections = connecting.idle + ceil(demand_acu * connecting.per_acu)
        refused_acu = 0.0
        if connections > self._most_connections:
            refused_acu = demand_acu * (1.0 - self._most_connections / connections)
        if self._lowering is not None:
            self._finish_lowering(*self._lowering)
        if self.readers:
            busiest = self._step_all(demand_acu - refused_acu, seconds, active=connections > 0)
        else:
            busiest = self._step_alone(demand_acu - refused_acu, seconds, active=connections > 0)
        self.throttled_acu_seconds += refused_acu * seconds
        if self._profile.volume_gib_per_acu_hour > 0:
            self.volume.write(self._profile.volume_gib_per_acu_hour * self.served_acu_seconds / SECONDS_PER_HOUR)
        self._meter.add(
            seconds=seconds,
            served=busiest.served_acu_seconds,
            arrived=busiest.arrived_acu_seconds,
            capacity_acu=busiest.mean_acu,
            connections=connections,
            measured=measured,
        )
        self._now += seconds

    def _step_alone(self, demand_acu: float, seconds: float, *, active: bool) -> Instance:
        writer = self.writer
        self._step_member(writer, self.nap, demand_acu, seconds, floor_acu=self.range.floor_acu, active=active)
        self.capacity_acu = writer.mean_acu
        self.served_acu_seconds = writer.served_acu_seconds
        self.throttled_acu_seconds = writer.throttled_acu_seconds
        self.backlog_acu_seconds = writer.queue.backlog_acu_seconds
        return writer

    def _step_all(self, demand_acu: float, seconds: float, *, active: bool) -> Instance:
        """The writer first, since its closest readers follow its size; a lone reader sleeps for itself."""
        share = self.spec.reader_share
        each_acu = demand_acu * share / len(self.readers)
        reading = active and share > 0
        if reading and any(nap.phase is Phase.PAUSED for nap in self._lone_naps.values()):
            self.nap.wake()
        self._step_member(
            self.writer,
            self.nap,
            demand_acu * (1 - share),
            seconds,
            floor_acu=self.range.floor_acu,
            active=active and (share < 1 or len(self._lone_naps) < len(self.readers)),
        )
        for place, reader in enumerate(self.readers):
            lone = self._lone_naps.get(place)
            if lone is None:
                self._step_follower(reader, each_acu, seconds)
            else:
                self._step_member(reader, lone, each_acu, seconds, floor_acu=self.range.floor_acu, active=reading)
        members = [self.writer, *self.readers]
        self.capacity_acu = sum(member.mean_acu for member in members)
        self.served_acu_seconds = sum(member.served_acu_seconds for member in members)
        self.throttled_acu_seconds = sum(member.throttled_acu_seconds for member in members)
        self.backlog_acu_seconds = sum(member.queue.backlog_acu_seconds for member in members)
        return max(members, key=lambda member: member.arrived_acu_seconds)

    def _step_member(
        self, instance: Instance, nap: Nap, demand_acu: float, seconds: float, *, floor_acu: float, active: bool
    ) -> None:
        before = nap.phase
        up = nap.step(
            seconds=seconds,
            active=active,
            pause_after_seconds=self.range.pause_after_seconds,
            may_pause=nap is not self.nap or self._readers_sleep(),
        )
        if self._now < self._down_until and instance is self.writer:
            up = min(up, max(0.0, 1.0 - (self._down_until - self._now) / seconds))
        if up > 0 and before in (Phase.PAUSED, Phase.RESUMING):
            instance.wake_up(min(self._profile.sleeping.resume_acu, self.range.ceiling_acu))
        instance.step(
            now=self._now,
            seconds=seconds,
            demand_acu=demand_acu,
            floor_acu=max(floor_acu, self._profile.step_acu),
            ceiling_acu=self.range.ceiling_acu,
            ready_fraction=up,
        )
        if nap.phase is not before:
            self._report(f"{before} to {nap.phase}")
            if nap.phase is Phase.PAUSED:
                instance.fall_asleep()

    def _step_follower(self, reader: Instance, demand_acu: float, seconds: float) -> None:
        writer = self.writer
        up = writer.mean_acu / writer.capacity_acu if writer.capacity_acu > 0 else 0.0
        if self.nap.phase is Phase.PAUSED:
            reader.fall_asleep()
        elif reader.capacity_acu == 0 and up > 0:
            reader.wake_up(writer.capacity_acu)
        reader.step(
            now=self._now,
            seconds=seconds,
            demand_acu=demand_acu,
            floor_acu=max(writer.capacity_acu, self._profile.step_acu),
            ceiling_acu=max(self.range.ceiling_acu, writer.capacity_acu),
            ready_fraction=min(1.0, up),
        )

    def _readers_sleep(self) -> bool:
        return all(nap.phase is Phase.PAUSED for nap in self._lone_naps.values())

    def _new_instance(self, tier: int, demand_acu: float) -> Instance:
        spec, profile = self.spec, self._profile
        share = (spec.reader_share / len(spec.readers) if tier else 1 - spec.reader_share) if spec.readers else 1.0
        steady = steady_acu(
            profile.dynamics,
            demand_acu * share,
            step_acu=profile.step_acu,
            floor_acu=max(spec.range.floor_acu, profile.step_acu),
            ceiling_acu=spec.range.ceiling_acu,
        )
        return Instance(profile, capacity_acu=steady, tier=tier, rng=self._rng)

    def _naps_of_lone_readers(self) -> dict[int, Nap]:
        return {
            place: Nap(self._profile.sleeping, self._rng)
            for place, reader in enumerate(self.readers)
            if reader.tier > LAST_FOLLOWING_TIER
        }

    def _wake_all(self) -> None:
        for nap in (self.nap, *self._lone_naps.values()):
            nap.wake_by_an_administrator()

    def _finish_lowering(self, deadline: float, old: Range) -> None:
        """A lowered ceiling that the load does not let through is taken back by the provider."""
        if all(member.capacity_acu <= self.range.ceiling_acu for member in (self.writer, *self.readers)):
            self._lowering = None
        elif self._now >= deadline:
            self.range, self._lowering = old, None
            self._limit_connections()
            self._report(f"the lowered range could not be reached; back to {old}")

    def _limit_connections(self) -> None:
        self._most_connections = max_connections(
            self._profile.connecting.engine, max_acu=self.range.ceiling_acu, floor_acu=self.range.floor_acu
        )

    def _check(self, wanted: Range) -> None:
        for name, acu in (("floor", wanted.floor_acu), ("ceiling", wanted.ceiling_acu)):
            if abs(acu / self._profile.step_acu - round(acu / self._profile.step_acu)) > ON_GRAIN:
                raise ClusterError(
                    f"{self.spec.cluster_id} takes steps of {self._profile.step_acu:g} ACU; a {name} of {acu:g} is none"
                )

    def _report(self, message: str) -> None:
        self.events.append(Event(at=self.now, message=message))

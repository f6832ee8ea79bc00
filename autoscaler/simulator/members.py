"""The instances of a cluster: the writer, its readers, who sleeps with whom and who serves what."""

from collections.abc import Callable
from math import ceil

from numpy.random import Generator

from autoscaler.core.capacity import Phase, Range
from autoscaler.simulator.engines import max_connections
from autoscaler.simulator.instance import Instance, steady_acu
from autoscaler.simulator.nap import Nap
from autoscaler.simulator.spec import LAST_FOLLOWING_TIER, ClusterSpec

REBOOT_SECONDS = 15.0  # [I]


class Members:
    """Writer and readers, under the orders of the control plane; moments are seconds of cluster time."""

    def __init__(self, spec: ClusterSpec, *, demand_acu: float, rng: Generator, report: Callable[[str], None]) -> None:
        self._spec = spec
        self._profile = spec.profile
        self._idle_connections = spec.profile.connecting.idle
        self._connections_per_acu = spec.profile.connecting.per_acu
        self._rng = rng
        self._report = report
        self.may_pause = self.lone_readers_may_pause = spec.profile.sleeping.may_pause
        self.lowering = False
        self.knocked = False
        self.connections = 0
        self._all_up_at = 0.0
        self.obey(spec.range)
        self.nap = Nap(spec.profile.sleeping, rng)
        share = spec.reader_share if spec.readers else 0.0
        self.writer = self._new_instance(1, spec.writer_tier, self.nap, demand_acu * (1 - share))
        self.readers = [
            self._new_instance(number, tier, self._nap_for(tier), demand_acu * share / len(spec.readers))
            for number, tier in enumerate(spec.readers, start=2)
        ]
        for reader in self.readers:
            if reader.nap is self.nap:
                reader.keep_up_with(self.writer.capacity_acu)
        self._arrange()

    def obey(self, orders: Range) -> None:
        """Live inside another range from now on."""
        # A floor of 0 only says that the cluster may pause; awake it has at least a grain.
        self._floor_acu = max(orders.floor_acu, self._profile.step_acu)
        self._ceiling_acu = orders.ceiling_acu
        self._pause_after = orders.pause_after_seconds
        self.most_connections = max_connections(
            self._profile.connecting.engine, max_acu=orders.ceiling_acu, floor_acu=orders.floor_acu
        )

    def step(self, demand_acu: float, *, now: float, seconds: float) -> Instance:
        """Serve a demand for a while; returns the instance that got most of it."""
        if self.readers:
            return self._step_all(demand_acu, now, seconds)
        writer = self.writer
        connections = self._idle_connections + ceil(demand_acu * self._connections_per_acu)
        active = connections > 0
        if self.knocked:
            active, self.knocked = True, False
        up = self._doze(writer, seconds, active, self.may_pause)
        self.connections = self._serve(writer, demand_acu, connections, up, now, seconds)
        return writer

    def wake_all(self) -> None:
        """An administrator's doing."""
        for instance in (self.writer, *self.lone_readers):
            self._rouse(instance, Nap.wake_by_an_administrator)

    def fail_over(self, *, now: float, to: str | None = None) -> None:
        """A named reader, else that of the lowest tier [D: of equal ones the largest], is the writer; or a new one."""
        failing = self._profile.failing
        shortest, longest = failing.with_reader_seconds if self.readers else failing.alone_seconds
        down_seconds = float(self._rng.uniform(shortest, longest))
        self.wake_all()
        fallen = self.writer
        if self.readers:
            heirs = [reader for reader in self.readers if to in (None, reader.name)]
            heir = min(heirs, key=lambda reader: (reader.tier, -reader.capacity_acu))
            down_seconds = max(down_seconds, heir.nap.resumes_in_seconds)
            self._promote(heir)
        self.writer.down_until = fallen.down_until = self._all_up_at = now + down_seconds
        fallen.fall_asleep()

    def reboot(self, name: str, *, now: float) -> None:
        """Down for a moment; what a changed range made of ``max_connections`` holds from now on."""
        self.wake_all()
        instance = next(member for member in self.all if member.name == name)
        instance.most_connections = self.most_connections
        instance.down_until = now + REBOOT_SECONDS
        self._all_up_at = max(self._all_up_at, instance.down_until)

    def _promote(self, heir: Instance) -> None:
        """Tiers stay with their instances [D]; the waiting work stays with its endpoint."""
        fallen = self.writer
        self.readers[self.readers.index(heir)], self.writer = fallen, heir
        fallen.queue, heir.queue = heir.queue, fallen.queue
        heir.nap, fallen.nap = self.nap, self._nap_for(fallen.tier)
        if fallen.nap is not self.nap:
            fallen.nap.join(self.nap)
        self._arrange()

    def _arrange(self) -> None:
        """Look up once who is who, since it seldom changes: the writer first; readers that sleep for themselves."""
        self.all = (self.writer, *self.readers)
        self.lone_readers = [reader for reader in self.readers if reader.nap is not self.nap]

    def _step_all(self, demand_acu: float, now: float, seconds: float) -> Instance:
        """The writer first, since its closest readers follow its size; a lone reader sleeps for itself."""
        share = self._spec.reader_share
        serving = self.readers
        if now < self._all_up_at:
            serving = [reader for reader in self.readers if now >= reader.down_until]
        each_acu = demand_acu * share / len(serving) if serving else 0.0
        # While no reader is there, the reader endpoint leads to the writer [D].
        writer_acu = demand_acu * (1 - share) if serving else demand_acu
        reading = self._connect(each_acu) if share > 0 and serving else 0
        writing = self._connect(writer_acu) if share < 1 or not serving else 0
        sleeping = [reader.nap.phase is Phase.PAUSED for reader in self.lone_readers]
        if reading and any(sleeping):
            self._rouse(self.writer, Nap.wake)
        # Clients of a following reader keep the writer awake; so do readers that are no longer asleep.
        following = len(sleeping) < len(self.readers)
        active = writing > 0 or self.knocked or (reading > 0 and following)
        self.knocked = False
        group_up = self._doze(self.writer, seconds, active, self.may_pause and all(sleeping))
        self.connections = self._serve(self.writer, writer_acu, writing, group_up, now, seconds)
        for reader in self.readers:
            if now >= reader.down_until:
                self._step_reader(reader, each_acu, reading, group_up, now, seconds)
            else:
                self._step_reader(reader, 0.0, 0, group_up, now, seconds)
        return max(self.all, key=lambda member: member.arrived_acu_seconds)

    def _step_reader(
        self, reader: Instance, demand_acu: float, connections: int, group_up: float, now: float, seconds: float
    ) -> None:
        if reader.nap is not self.nap:
            up = self._doze(reader, seconds, connections > 0, self.lone_readers_may_pause)
            self.connections += self._serve(reader, demand_acu, connections, up, now, seconds)
            return
        reader.keep_up_with(self.writer.capacity_acu)
        self.connections += self._serve(reader, demand_acu, connections, group_up, now, seconds)
        reader.keep_up_with(self.writer.capacity_acu)
        if now >= reader.down_until and now >= self.writer.down_until:
            reader.mean_acu = max(reader.mean_acu, self.writer.mean_acu)  # not below it for a moment, nor in its bill

    def _connect(self, demand_acu: float) -> int:
        return self._idle_connections + ceil(demand_acu * self._connections_per_acu)

    def _doze(self, instance: Instance, seconds: float, active: bool, may_pause: bool) -> float:
        nap = instance.nap
        before = nap.phase
        up = nap.step(seconds=seconds, active=active, pause_after_seconds=self._pause_after, may_pause=may_pause)
        if nap.phase is not before:
            self._tell(instance, before)
        return up

    def _rouse(self, instance: Instance, wake: Callable[[Nap], None]) -> None:
        before = instance.nap.phase
        wake(instance.nap)
        if instance.nap.phase is not before:
            self._tell(instance, before)

    def _tell(self, instance: Instance, before: Phase) -> None:
        self._report(f"{instance.name}: {before} to {instance.nap.phase}")

    def _serve(
        self, instance: Instance, demand_acu: float, connections: int, up: float, now: float, seconds: float
    ) -> int:
        """Let an instance live through a step; returns its connections."""
        refused_acu = 0.0
        if connections > instance.most_connections:
            refused_acu = demand_acu * (1.0 - instance.most_connections / connections)
            connections = instance.most_connections
        if now < instance.down_until:
            up = min(up, max(0.0, 1.0 - (instance.down_until - now) / seconds))
        if instance.asleep and up > 0.0:
            instance.wake_up(ceiling_acu=self._ceiling_acu)
            instance.most_connections = self.most_connections
        instance.step(
            now=now,
            seconds=seconds,
            demand_acu=demand_acu - refused_acu,
            floor_acu=self._floor_acu,
            # While a lowered ceiling is worked off, an instance that is busy above it stays where it is.
            ceiling_acu=max(self._ceiling_acu, instance.capacity_acu) if self.lowering else self._ceiling_acu,
            up_fraction=up,
        )
        if refused_acu > 0.0:
            instance.throttled_acu_seconds += refused_acu * seconds
        if instance.nap.phase is Phase.PAUSED and not instance.asleep:
            instance.fall_asleep()
        return connections

    def _nap_for(self, tier: int) -> Nap:
        return self.nap if tier <= LAST_FOLLOWING_TIER else Nap(self._profile.sleeping, self._rng)

    def _new_instance(self, number: int, tier: int, nap: Nap, demand_acu: float) -> Instance:
        profile = self._profile
        steady = steady_acu(
            profile.dynamics,
            demand_acu,
            step_acu=profile.step_acu,
            floor_acu=self._floor_acu,
            ceiling_acu=self._ceiling_acu,
        )
        name = f"{self._spec.cluster_id}-{number}"
        instance = Instance(profile, capacity_acu=steady, tier=tier, rng=self._rng, name=name, nap=nap)
        instance.most_connections = self.most_connections
        return instance

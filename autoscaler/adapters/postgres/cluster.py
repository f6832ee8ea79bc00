"""The PostgreSQL on this machine behind the ``Cluster`` port, with the loop that sizes, pauses and wakes it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from autoscaler.adapters.postgres.cgroups import Usage
from autoscaler.adapters.postgres.governing import Governor
from autoscaler.adapters.postgres.holds import Holds
from autoscaler.adapters.postgres.meter import Meter, Stretch
from autoscaler.adapters.postgres.pooler import Pools
from autoscaler.adapters.postgres.sizes import Unit
from autoscaler.core.capacity import Phase, Range, Status
from autoscaler.core.ports import Clock
from autoscaler.core.resumes import Resume
from autoscaler.core.samples import SATURATED_UTILIZATION, Sample
from autoscaler.errors import ClusterBusy, ClusterError, InvalidInput
from autoscaler.simulator.profiles import Profile, Resizing
from autoscaler.simulator.spec import problem_with

AWAKE_SECONDS, ASLEEP_SECONDS = 1.0, 0.1
# [M] Processes that have enough wait for a processor 3 to 6 % of the time, those of a saturated cluster 92 % and more.
# On a busy machine they wait for others, too: only with the quota used up in most periods it is the size that is short.
SHORT_PRESSURE, SHORT_PERIODS = 0.9, 0.5
KEPT_RESUMES = 200


class Machine(Protocol):
    """What the cluster needs of its engine."""

    @property
    def unit(self) -> Unit: ...

    @property
    def runs(self) -> bool: ...

    def resize(self, acu: float) -> None: ...

    def usage(self) -> Usage: ...

    async def pools(self) -> Pools: ...

    async def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]: ...

    async def sleep(self) -> bool: ...

    async def wake(self) -> None: ...

    async def recover(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    at: datetime
    usage: Usage
    pools: Pools


class PostgresCluster:
    """Asks its engine once a second while awake, and ten times a second, for waiting clients, while asleep."""

    def __init__(
        self,
        cluster_id: str,
        engine: Machine,
        *,
        profile: Profile,
        held: Range,
        clock: Clock,
        told_until: Callable[[], datetime] | None = None,
        sample_seconds: float = 15.0,
    ) -> None:
        """``clock`` is real time; samples that end after ``told_until`` are kept back."""
        if not isinstance(profile.dynamics, Resizing):
            raise InvalidInput(f"{profile.name} moves its own capacity; take a sized profile such as local-postgres")
        self.cluster_id = cluster_id
        self.resumes: deque[Resume] = deque(maxlen=KEPT_RESUMES)
        self._engine = engine
        self._profile = profile
        self._clock = clock
        self._told_until = told_until or clock.now
        self._range = held
        self._changed_at: datetime | None = None
        self._phase = Phase.AVAILABLE
        self._governor = Governor(profile.dynamics, step_acu=profile.step_acu, size_acu=held.floor_acu)
        self._meter = Meter(period_seconds=sample_seconds, start=clock.now())
        self._holds = Holds(engine.ask)
        self._last: _Look | None = None
        self._used_at = clock.now()
        self._asleep_since = clock.now()
        self._turn = asyncio.Lock()
        self._stumbled = False

    async def status(self) -> Status:
        told = Status(phase=self._phase, ready_acu=self.capacity_acu, range=self._range, changed_at=self._changed_at)
        return replace(told, holds=self._holds.seen)

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        return self._meter.since(after, until=min(self._told_until(), self._clock.now()))

    async def resumes_since(self, after: datetime | None) -> Sequence[Resume]:
        return [one for one in self.resumes if after is None or one.at > after]

    async def apply(self, wanted: Range) -> None:
        """In force at once; wakes a paused cluster, as Aurora's does."""
        if problem := problem_with(wanted, self._profile):
            raise ClusterError(f"{self.cluster_id} does not take {wanted}: {problem}")
        try:
            self._engine.unit.demand_possible(wanted)
        except InvalidInput as problem:
            raise ClusterError(f"{self.cluster_id} does not take {wanted}: {problem}") from None
        if self._phase in (Phase.PAUSING, Phase.RESUMING):
            raise ClusterBusy(f"{self.cluster_id} is {self._phase.value}; try again later")
        async with self._turn:
            if wanted == self._range:
                return
            self._range, self._changed_at = wanted, self._clock.now()
            self._used_at = self._clock.now()
            self._engine.resize(self._governor.obey(wanted))
            if self._phase is Phase.PAUSED:
                await self._wake()

    @property
    def capacity_acu(self) -> float:
        """What it has now."""
        return 0.0 if self._phase in (Phase.PAUSED, Phase.UNAVAILABLE) else self._governor.size_acu

    @property
    def wait_seconds(self) -> float:
        """How long until the next look; longer after one that failed, so that starts do not follow upon each other."""
        return ASLEEP_SECONDS if self._phase is Phase.PAUSED and not self._stumbled else AWAKE_SECONDS

    async def live(self, beat: Callable[[], Awaitable[None]]) -> None:
        """Call ``beat``, which is ours or one around it, and wait, until somebody cancels it."""
        while True:
            await beat()
            await self._clock.sleep(self.wait_seconds)

    async def beat(self) -> None:
        """One turn: measure, then move, pause, wake or repair."""
        async with self._turn:
            self._stumbled = True
            look = _Look(at=self._clock.now(), usage=self._engine.usage(), pools=await self._engine.pools())
            stretch = self._measure(look)
            if self._phase is Phase.PAUSED:
                if look.pools.waiting:
                    await self._wake()
            elif not self._engine.runs:
                await self._repair()
            elif stretch is not None:
                self._govern(stretch)
                await self._holds.look(look.at)
                if self._idle_for(look) and not look.pools.wanted:
                    await self._pause()
            self._stumbled = False

    async def stop(self) -> None:
        """End the loop's subject: all clients are disconnected."""
        async with self._turn:
            await self._engine.stop()

    def _measure(self, look: _Look) -> Stretch | None:
        """What was seen since the last look; None at the first one, and when the clock stood still or went back."""
        last, self._last = self._last, look
        if look.pools.wanted or (last is not None and look.pools.queries != last.pools.queries):
            self._used_at = look.at
        if last is None or look.at <= last.at:
            return None
        seconds = (look.at - last.at).total_seconds()
        cpu_seconds = look.usage.cpu_seconds - last.usage.cpu_seconds
        used_acu_seconds = cpu_seconds / self._engine.unit.cpus
        stretch = Stretch(
            begin=last.at,
            end=look.at,
            used_acu_seconds=used_acu_seconds,
            capacity_acu=self.capacity_acu,
            short=self._short(used_acu_seconds, last.usage, look.usage, seconds),
            connections=look.pools.clients,
            queries=max(0, look.pools.queries - last.pools.queries),
        )
        self._meter.add(stretch)
        return stretch

    def _short(self, used_acu_seconds: float, before: Usage, now: Usage, seconds: float) -> bool:
        """Whether more would have been used, had the size allowed it."""
        if used_acu_seconds >= SATURATED_UTILIZATION * self.capacity_acu * seconds > 0:
            return True
        if before.waited_seconds is None or now.waited_seconds is None:
            return False
        throttled, periods = now.throttled_periods - before.throttled_periods, now.periods - before.periods
        waited_seconds = now.waited_seconds - before.waited_seconds
        return waited_seconds >= SHORT_PRESSURE * seconds and throttled >= SHORT_PERIODS * periods > 0

    def _govern(self, stretch: Stretch) -> None:
        before, seconds = self._governor.size_acu, (stretch.end - stretch.begin).total_seconds()
        used_acu = stretch.used_acu_seconds / seconds
        size = self._governor.look(used_acu, short=stretch.short, seconds=seconds, within=self._range)
        if size != before:
            self._engine.resize(size)

    def _idle_for(self, look: _Look) -> bool:
        pause_after = self._range.pause_after_seconds
        return pause_after is not None and (look.at - self._used_at).total_seconds() >= pause_after

    async def _pause(self) -> None:
        self._phase = Phase.PAUSING
        self._engine.resize(self._range.ceiling_acu)  # starts and stops take as long as they get processors
        try:
            stopped = await self._engine.sleep()
        except ClusterBusy:
            stopped = False
        except BaseException:
            self._phase = Phase.AVAILABLE if self._engine.runs else Phase.PAUSED  # who waits is seen in both
            raise
        self._phase = Phase.PAUSED if stopped else Phase.AVAILABLE
        if not stopped:
            self._engine.resize(self._governor.size_acu)
        self._used_at = self._asleep_since = self._clock.now()

    async def _wake(self) -> None:
        begun = self._clock.now()
        self._phase = Phase.RESUMING
        self._engine.resize(self._range.ceiling_acu)
        try:
            await self._engine.wake()
        except BaseException:
            self._phase = Phase.PAUSED  # whoever waits still does, and the next look tries again
            raise
        self._engine.resize(self._governor.size_acu)
        self._phase = Phase.AVAILABLE
        self._used_at = now = self._clock.now()
        slept, resumed = begun - self._asleep_since, now - begun
        self.resumes.append(
            Resume(at=begun, slept_seconds=slept.total_seconds(), resume_seconds=resumed.total_seconds())
        )

    async def _repair(self) -> None:
        self._phase = Phase.UNAVAILABLE
        await self._engine.recover()
        self._phase = Phase.AVAILABLE

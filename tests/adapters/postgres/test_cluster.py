"""The loop over a machine that is only told of."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from autoscaler.adapters.postgres.cgroups import Usage
from autoscaler.adapters.postgres.cluster import PostgresCluster
from autoscaler.adapters.postgres.holds import WORK
from autoscaler.adapters.postgres.pooler import Pools
from autoscaler.adapters.postgres.sizes import Unit
from autoscaler.core.capacity import Phase, Range
from autoscaler.errors import ClusterBusy, ClusterError, InvalidInput
from autoscaler.simulator.profiles import AURORA_V2, LOCAL_POSTGRES
from tests.fakes import ManualClock, later, make_range

NOBODY = Pools(clients=0, waiting=0, busy=0, queries=0)
PAUSES = make_range(0.5, 4, pause_after_seconds=5)


@dataclass
class FakeMachine:
    """Uses ``demand_acu`` of what it is given; ``goes_wrong`` is raised by the next sleep or wake."""

    unit: Unit = field(default_factory=lambda: Unit(cpus=0.25))
    demand_acu: float = 0.0
    runs: bool = True
    acu: float = 0.5
    now: Pools = NOBODY
    busier: bool = False
    goes_wrong: Exception | None = None
    long_work: list[tuple[Any, ...]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    moved_with: list[float] = field(default_factory=list)
    used: Usage = field(
        default_factory=lambda: Usage(cpu_seconds=0, throttled_periods=0, periods=0, memory_bytes=0, waited_seconds=0.0)
    )

    def pass_time(self, seconds: float, *, waited: float = 0.0, throttled: float = 0.0) -> None:
        acu = min(self.demand_acu, self.acu) if self.runs else 0.0
        periods = int(50 * seconds)
        self.used = replace(
            self.used,
            cpu_seconds=self.used.cpu_seconds + acu * self.unit.cpus * seconds,
            periods=self.used.periods + periods,
            throttled_periods=self.used.throttled_periods + int(throttled * periods),
            waited_seconds=(self.used.waited_seconds or 0.0) + waited * seconds,
        )

    def resize(self, acu: float) -> None:
        self.acu = acu

    def usage(self) -> Usage:
        return self.used

    async def pools(self) -> Pools:
        return self.now

    async def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self.long_work if statement == WORK else []

    async def sleep(self) -> bool:
        self._go()
        self.done.append("sleep")
        self.moved_with.append(self.acu)
        self.runs = self.busier
        return not self.busier

    async def wake(self) -> None:
        self._go()
        self.done.append("wake")
        self.moved_with.append(self.acu)
        self.runs = True

    async def recover(self) -> None:
        self.done.append("recover")
        self.runs = True

    async def stop(self) -> None:
        self.done.append("stop")

    def _go(self) -> None:
        if self.goes_wrong is not None:
            problem, self.goes_wrong = self.goes_wrong, None
            raise problem


class Life:
    """A cluster, its machine, and time that passes for both."""

    def __init__(self, held: Range = PAUSES) -> None:
        self.clock = ManualClock()
        self.machine = FakeMachine()
        self.cluster = PostgresCluster(
            "orders", self.machine, profile=LOCAL_POSTGRES, held=held, clock=self.clock, sample_seconds=15.0
        )

    async def live(self, seconds: int, *, waited: float = 0.0, throttled: float = 0.0) -> None:
        await self.cluster.beat()
        for _ in range(seconds):
            await self.clock.advance(1.0)
            self.machine.pass_time(1.0, waited=waited, throttled=throttled)
            await self.cluster.beat()

    async def phase(self) -> Phase:
        return (await self.cluster.status()).phase


async def test_the_size_follows_the_load_within_the_range() -> None:
    life = Life()
    life.machine.now, life.machine.demand_acu = replace(NOBODY, busy=1), 10.0

    await life.live(5)
    status = await life.cluster.status()

    assert (status.ready_acu, life.machine.acu) == (4.0, 4.0)


async def test_waiting_for_a_processor_alone_is_the_fault_of_others_on_a_busy_machine() -> None:
    life = Life()
    life.machine.now, life.machine.demand_acu = replace(NOBODY, busy=1), 0.3

    await life.live(20, waited=1.0, throttled=0.1)
    calm = life.machine.acu
    await life.live(1, waited=1.0, throttled=0.9)

    assert (calm, life.machine.acu) == (0.5, 1.0)


async def test_it_pauses_when_idle_for_long_enough_and_a_waiting_client_wakes_it() -> None:
    life = Life()
    await life.live(4)
    before = await life.phase()
    await life.live(1)
    paused, quick = await life.phase(), life.cluster.wait_seconds

    life.machine.now = replace(NOBODY, clients=1, waiting=1)
    await life.live(1)

    assert (before, paused, await life.phase()) == (Phase.AVAILABLE, Phase.PAUSED, Phase.AVAILABLE)
    assert (quick, life.cluster.wait_seconds) == (0.1, 1.0)
    assert life.machine.done == ["sleep", "wake"]
    assert (life.machine.moved_with, life.machine.acu) == ([4.0, 4.0], 0.5)  # it gets all there is for that moment
    assert [one.slept_seconds for one in life.cluster.resumes] == [0.0]


@pytest.mark.parametrize("used", [replace(NOBODY, busy=1), replace(NOBODY, waiting=1)])
async def test_whoever_uses_it_keeps_it_awake(used: Pools) -> None:
    life = Life()
    life.machine.now = used

    await life.live(30)

    assert await life.phase() is Phase.AVAILABLE


async def test_queries_between_two_looks_count_as_use() -> None:
    life = Life()
    for number in range(10):
        life.machine.now = replace(NOBODY, queries=number)
        await life.live(3)

    assert life.machine.done == []


async def test_a_client_that_came_during_the_pause_or_a_long_transaction_leaves_it_awake() -> None:
    life = Life()
    life.machine.busier = True
    await life.live(6)
    came = await life.phase()
    life.machine.goes_wrong = ClusterBusy("a transaction goes on")
    await life.live(6)

    assert (came, await life.phase(), life.machine.acu) == (Phase.AVAILABLE, Phase.AVAILABLE, 0.5)


async def test_a_wake_that_fails_is_tried_again_at_the_next_look() -> None:
    life = Life()
    await life.live(6)
    life.machine.now = replace(NOBODY, waiting=1)
    life.machine.goes_wrong = ClusterError("no room on the disk")
    with pytest.raises(ClusterError):
        await life.cluster.beat()
    asleep, slower = await life.phase(), life.cluster.wait_seconds
    await life.cluster.beat()

    assert (asleep, slower, await life.phase()) == (Phase.PAUSED, 1.0, Phase.AVAILABLE)


async def test_a_pause_that_fails_leaves_it_awake_and_is_tried_again() -> None:
    life = Life()
    await life.live(4)
    life.machine.goes_wrong = ClusterError("the server does not answer")
    with pytest.raises(ClusterError):
        await life.live(1)
    awake = await life.phase()
    await life.live(1)

    assert (awake, await life.phase()) == (Phase.AVAILABLE, Phase.PAUSED)


async def test_a_server_that_ended_by_itself_is_started_again() -> None:
    life = Life()
    await life.live(1)
    life.machine.runs = False
    await life.live(1)

    assert (life.machine.done, await life.phase()) == (["recover"], Phase.AVAILABLE)


async def test_a_new_range_wakes_it_and_another_wait_begins() -> None:
    life = Life()
    await life.live(6)

    await life.cluster.apply(make_range(1, 4, pause_after_seconds=5))
    await life.live(4)
    status = await life.cluster.status()

    assert life.machine.done == ["sleep", "wake"]
    assert (status.phase, status.ready_acu, status.changed_at) == (Phase.AVAILABLE, 1.0, later(6))


async def test_while_paused_it_needs_nothing_and_that_is_known() -> None:
    life = Life()
    await life.live(35)

    *_, last = await life.cluster.samples_since(None)

    assert (last.demand_acu, last.capacity_acu, last.censored) == (0.0, 0.0, False)


async def test_it_tells_what_a_pause_would_interrupt() -> None:
    life = Life()
    life.machine.long_work = [(True, "VACUUM", "app")]

    await life.live(2)

    assert (await life.cluster.status()).holds == ("a VACUUM that runs in app",)


async def test_a_range_beyond_the_machine_is_refused() -> None:
    life = Life()

    with pytest.raises(ClusterError, match=r"orders does not take 0.5 to 100000 ACU: .* this machine has"):
        await life.cluster.apply(make_range(0.5, 100_000))


def test_a_profile_that_moves_its_own_capacity_is_no_local_cluster() -> None:
    with pytest.raises(InvalidInput, match="aurora-v2 moves its own capacity; take a sized profile such as local"):
        PostgresCluster("orders", FakeMachine(), profile=AURORA_V2, held=PAUSES, clock=ManualClock())

"""A real local cluster of a test's own, where this machine can have one."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from autoscaler.adapters.postgres.cgroups import make_cgroup
from autoscaler.adapters.postgres.cluster import PostgresCluster
from autoscaler.adapters.postgres.engine import Engine, EngineSettings, start_engine
from autoscaler.adapters.postgres.programs import find_programs
from autoscaler.adapters.postgres.sizes import Unit
from autoscaler.core.capacity import Range
from autoscaler.core.ports import Clock
from autoscaler.errors import InvalidInput
from autoscaler.simulator.profiles import LOCAL_POSTGRES
from tests.fakes import ManualClock
from tests.postgres import free_port

BEAT_SECONDS = 60.0
# So small that the largest range of the contract fits on one processor.
SMALL = Unit(cpus=0.05, memory_mib=32, shared_buffers_mib=16)
NUMBERS = count()

# One worker runs all of them: a cluster is made once.
needs_local_postgres = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.xdist_group("local postgres")]


def missing_for_a_cluster() -> str | None:
    """Why no local cluster can run here."""
    try:
        find_programs()
        make_cgroup(f"autoscaler-probe-{os.getpid()}").remove()
    except InvalidInput as problem:
        return str(problem)
    return None


class DrivenClock(ManualClock):
    """A manual clock that lets somebody look every minute of its time, and waits for him."""

    beat: Callable[[], Awaitable[None]] | None = None

    async def advance(self, seconds: float) -> None:
        while self.beat is not None and seconds > 0:
            step = min(seconds, BEAT_SECONDS)
            await super().advance(step)
            await self.beat()
            seconds -= step
        await super().advance(seconds)


@contextmanager
def folder_of_a_cluster() -> Iterator[Path]:
    """A folder with a cluster in it that was started once: further starts are quick."""
    with TemporaryDirectory(prefix="autoscaler-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the servers' user is another one
        asyncio.run(_start_once(folder))
        yield folder


async def _start_once(folder: Path) -> None:
    async with running_engine(folder):
        pass


@asynccontextmanager
async def running_engine(folder: Path, *, unit: Unit = SMALL, acu: float = 16) -> AsyncIterator[Engine]:
    """A server and its pooler, in real time."""
    settings = EngineSettings(folder=folder, port=free_port(), unit=unit)
    name = f"autoscaler-test-{os.getpid()}-{next(NUMBERS)}"
    engine = await start_engine(name, settings, acu=acu, sleep=asyncio.sleep)
    try:
        yield engine
    finally:
        await engine.stop()


@dataclass(frozen=True)
class Local:
    """A cluster and what it is made of."""

    cluster: PostgresCluster
    engine: Engine


@asynccontextmanager
async def local_postgres(clock: Clock, folder: Path, *, held: Range, unit: Unit = SMALL) -> AsyncIterator[Local]:
    """A cluster named orders, awake, that nobody drives yet."""
    async with running_engine(folder, unit=unit, acu=held.floor_acu) as engine:
        cluster = PostgresCluster(
            "orders", engine, profile=LOCAL_POSTGRES, held=held, clock=clock, sample_seconds=BEAT_SECONDS
        )
        await cluster.beat()
        yield Local(cluster, engine)

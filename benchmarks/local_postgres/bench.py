"""A local cluster to be measured: its engine, its governor at work, and how to drive it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from autoscaler.adapters.postgres.cluster import PostgresCluster
from autoscaler.adapters.postgres.engine import Engine, EngineSettings, start_engine
from autoscaler.adapters.postgres.pgbench import Answers, drive, fill
from autoscaler.adapters.postgres.programs import Programs, find_programs
from autoscaler.adapters.postgres.sizes import Unit
from autoscaler.core.capacity import Range
from autoscaler.service.clock import SystemClock
from autoscaler.simulator.profiles import LOCAL_POSTGRES
from tests.postgres import free_port

# 4 ACU are two fifths of a processor and a GiB, so that others on the machine disturb less.
UNIT = Unit(cpus=0.1, memory_mib=256, shared_buffers_mib=16)
LEAST_ACU, MOST_ACU = 0.5, 4.0
SCALE = 20  # of pgbench: two million accounts, 260 MiB
STATEMENTS = """\
\\set start random(1, 1995000)
select sum(abalance) from pgbench_accounts where aid between :start and :start + 4999;
"""


@dataclass(frozen=True)
class Bench:
    """What is measured, with the tools."""

    cluster: PostgresCluster
    engine: Engine
    programs: Programs

    async def load(self, per_second: float, seconds: float) -> Answers:
        """So many transactions a second become due."""
        return await drive(
            self.programs, self.engine.url, per_second=per_second, seconds=seconds, clients=16, statements=STATEMENTS
        )

    async def hold(self, acu: float) -> None:
        """Have this size and no other."""
        await self.cluster.apply(Range(floor_acu=acu, ceiling_acu=acu))

    def used_acu_seconds(self) -> float:
        """All that was used so far."""
        return self.engine.usage().cpu_seconds / UNIT.cpus


@asynccontextmanager
async def prepared(folder: Path) -> AsyncIterator[Bench]:
    """A cluster with its tables, at its largest size."""
    programs, clock = find_programs(), SystemClock()
    settings = EngineSettings(folder=folder / "cluster", port=free_port(), unit=UNIT)
    engine = await start_engine(f"autoscaler-bench-{settings.port}", settings, acu=MOST_ACU, sleep=clock.sleep)
    held = Range(floor_acu=MOST_ACU, ceiling_acu=MOST_ACU)
    cluster = PostgresCluster("bench", engine, profile=LOCAL_POSTGRES, held=held, clock=clock, sample_seconds=1.0)
    living = asyncio.create_task(cluster.live(cluster.beat))
    try:
        await fill(programs, engine.url, scale=SCALE)
        yield Bench(cluster, engine, programs)
    finally:
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living
        await cluster.stop()

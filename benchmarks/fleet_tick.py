"""How long one whole tick of a large fleet takes: read, decide, journal; and what it needs of memory and disk.

    python -m benchmarks.fleet_tick [1000 3000 10000] [--ticks 10] [--policy quantile] [--database URL]
                                    [--history-days 0]

Each size runs in a process of its own on one core, on simulated clusters whose clock the benchmark moves. Seconds are
real time beside processor time: on a busy machine believe the latter. Every fifth tick closes a forecast window, so
that ten ticks hold two that forecast the whole fleet. The restart reads ``history-days`` of older samples, too.
"""

import asyncio
import multiprocessing
import os
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from time import process_time as cpu_seconds  # noqa: TID251 - the processor time is what is measured here
from time import thread_time
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import insert, text

from autoscaler.adapters.simulated import SimulatedAdapter
from autoscaler.core.samples import Sample
from autoscaler.observability.logs import configure_logging
from autoscaler.service import tick as ticks
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.wiring import assembled
from autoscaler.simulator.scenarios import SCENARIOS
from autoscaler.storage.database import Database
from autoscaler.storage.rows import sample_row
from autoscaler.storage.tables import SampleTable
from models.outlook import Outlook
from tests.fakes import MONDAY, ManualClock

PARTS = ("read", "forecast", "decide")
PROBE_SECONDS = 0.005
BYTES_ON_FILE = """
    select master.tbl_name as name, sum(page.pgsize) as bytes
    from dbstat as page join sqlite_master as master on master.name = page.name group by master.tbl_name
"""
BYTES_ON_SERVER = "select relname as name, pg_total_relation_size(relid) as bytes from pg_stat_user_tables"
# What one decision a minute leaves behind; a forecast serves five of them.
TABLES_OF_A_TICK, TICKS_A_DAY = ("decisions", "samples", "forecasts"), 1440


@dataclass(slots=True, kw_only=True)
class Measured:
    """One size; seconds by tick, and of all ticks together by part."""

    clusters: int
    start_seconds: float = 0.0
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    loop: float = 0.0
    peak_mib: float = 0.0
    bytes_by_table: dict[str, int] = field(default_factory=dict)
    restart_wall: float = 0.0
    restart_processor: float = 0.0


def settings_of(clusters: int, *, database: str, policy: str) -> ServiceSettings:
    """A fleet of all scenarios, each cluster with noise of its own."""
    names = list(SCENARIOS)
    return ServiceSettings.model_validate(
        {
            "database": database,
            "clusters": [
                {
                    "id": f"cluster-{number}",
                    "mode": "enforce",
                    "policy": policy,
                    "workload": {"scenario": names[number % len(names)], "seed": number},
                    "seed": number,
                }
                for number in range(clusters)
            ],
        }
    )


async def measure(clusters: int, *, count: int, policy: str, database: str, history_days: int) -> Measured:
    """Start a fleet, let it decide ``count`` times, a minute apart, and start it again."""
    measured, clock = Measured(clusters=clusters), ManualClock(MONDAY)
    settings = settings_of(clusters, database=database, policy=policy)
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with assembled(settings, clock=clock) as fleet:
        measured.start_seconds = loop.time() - started
        probe = asyncio.create_task(_watch(measured.lags))
        with _parts_into(measured.parts):
            for _ in track(range(count), f"{clusters} clusters", console=Console(stderr=True), transient=True):
                wall, processor, ours = loop.time(), cpu_seconds(), thread_time()
                await fleet.beat()
                await fleet.settle()
                measured.wall.append(loop.time() - wall)
                measured.processor.append(cpu_seconds() - processor)
                measured.loop += thread_time() - ours
                await clock.advance(60)
        probe.cancel()
        failed = [view for view in fleet.views() if view.error]
        if failed:
            raise RuntimeError(f"{len(failed)} clusters failed: {failed[0].error}")
    measured.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured.bytes_by_table = await sizes(database)
    await add_history(database, settings, days=history_days)
    wall, processor = loop.time(), cpu_seconds()
    async with assembled(settings, clock=clock) as fleet:
        await fleet.beat()
        await fleet.settle()
    measured.restart_wall, measured.restart_processor = loop.time() - wall, cpu_seconds() - processor
    return measured


async def sizes(url: str) -> dict[str, int]:
    """Bytes of each table with its indexes, where the database tells."""
    database = Database(url)
    async with database.read() as connection:
        told = await connection.execute(text(BYTES_ON_FILE if database.on_file else BYTES_ON_SERVER))
        found = {row.name: int(row.bytes) for row in told}
    await database.close()
    return found


async def add_history(url: str, settings: ServiceSettings, *, days: int) -> None:
    """Five-minute samples of the days before, as retention leaves them, for the restart to read."""
    database, seconds = Database(url), 300.0
    starts = [MONDAY - timedelta(seconds=seconds * turn) for turn in range(288 * days, 0, -1)]
    samples = [Sample(at=at, seconds=seconds, demand_acu=1.0, capacity_acu=2.0) for at in starts]
    for one in settings.clusters if days else ():
        rows = [sample_row(sample, cluster_id=one.id, seen_at=sample.end) for sample in samples]
        async with database.write() as connection:
            await connection.execute(insert(SampleTable), rows)
    await database.close()


async def _watch(lags: list[float]) -> None:
    """How much later than asked the event loop wakes a sleeper."""
    now = asyncio.get_running_loop().time
    while True:
        due = now() + PROBE_SECONDS
        await asyncio.sleep(PROBE_SECONDS)
        lags.append(now() - due)


@contextmanager
def _parts_into(seconds: dict[str, float]) -> Iterator[None]:
    """Count the processor time of what never waits: the simulated provider, the outlook, the decision."""
    whole = {
        "read": [(SimulatedAdapter, "_move_to"), (Outlook, "observe")],
        "forecast": [(Outlook, "_current_forecast")],
        "decide": [(ticks, "decide")],
    }
    kept = [(owner, name, getattr(owner, name)) for pairs in whole.values() for owner, name in pairs]
    for part, pairs in whole.items():
        for owner, name in pairs:
            setattr(owner, name, _counted(getattr(owner, name), part, seconds))
    try:
        yield
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)


def _counted(function: Any, part: str, seconds: dict[str, float]) -> Any:  # noqa: ANN401 - any function
    def counted(*args: Any, **settings: Any) -> Any:  # noqa: ANN401 - any function
        started = thread_time()
        try:
            return function(*args, **settings)
        finally:
            seconds[part] += thread_time() - started

    return counted


def run_one(clusters: int, count: int, policy: str, database: str | None, history_days: int) -> Measured:
    """One size, in whatever process calls this."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        configure_logging(stream=nowhere)
        url = database or f"sqlite+aiosqlite:///{folder}/fleet.db"
        return asyncio.run(measure(clusters, count=count, policy=policy, database=url, history_days=history_days))


def show(rows: list[Measured], *, policy: str) -> None:
    """A table, one column a size."""
    table = Table("", *(f"{row.clusters:,} clusters" for row in rows), title=f"one tick, policy {policy}")
    for name, value in _LINES.items():
        table.add_row(name, *(value(row) for row in rows))
    Console().print(table)


def _bytes_a_tick(row: Measured, table: str) -> float:
    """The newest sample of a tick shows up a tick or two later; over ten ticks that is little."""
    return row.bytes_by_table.get(table, 0) / (row.clusters * len(row.wall))


def _mib_a_day(row: Measured) -> float:
    return sum(_bytes_a_tick(row, table) for table in TABLES_OF_A_TICK) * TICKS_A_DAY / 2**20


def _per_tick(row: Measured, seconds: float) -> str:
    return f"{seconds / len(row.wall):.2f} s"


_LINES = {
    "start, s": lambda row: f"{row.start_seconds:.1f}",
    "first tick, s": lambda row: f"{row.wall[0]:.1f} ({row.processor[0]:.1f} cpu)",
    "mean tick, s": lambda row: f"{mean(row.wall[1:]):.2f} ({mean(row.processor[1:]):.2f} cpu)",
    "slowest later tick, s": lambda row: f"{max(row.wall[1:]):.2f} ({max(row.processor[1:]):.2f} cpu)",
    "a cluster, ms": lambda row: f"{1000 * mean(row.processor[1:]) / row.clusters:.2f}",
    "  read": lambda row: _per_tick(row, row.parts["read"]),
    "  forecast": lambda row: _per_tick(row, row.parts["forecast"]),
    "  decide": lambda row: _per_tick(row, row.parts["decide"]),
    "  rest of the event loop": lambda row: _per_tick(row, row.loop - sum(row.parts.values())),
    "  threads: database, fits": lambda row: _per_tick(row, sum(row.processor) - row.loop),
    "loop lag p50, ms": lambda row: f"{1000 * float(np.quantile(row.lags, 0.5)):.1f}",
    "loop lag p99, ms": lambda row: f"{1000 * float(np.quantile(row.lags, 0.99)):.1f}",
    "loop lag max, ms": lambda row: f"{1000 * max(row.lags):.1f}",
    "peak memory, MiB": lambda row: f"{row.peak_mib:.0f}",
    "restart until all decided, s": lambda row: f"{row.restart_wall:.1f} ({row.restart_processor:.1f} cpu)",
    "a decision in the store, bytes": lambda row: f"{_bytes_a_tick(row, 'decisions'):.0f}",
    "a sample, bytes": lambda row: f"{_bytes_a_tick(row, 'samples'):.0f}",
    "a cluster's day, MiB": lambda row: f"{_mib_a_day(row):.2f}",
}


def main(
    sizes: Annotated[list[int] | None, typer.Argument()] = None,
    ticks: int = 10,
    policy: str = "quantile",
    database: str | None = None,
    history_days: int = 0,
) -> None:
    """Measure each size in a process of its own, and print them beside each other."""
    context = multiprocessing.get_context("spawn")
    rows = []
    for clusters in sizes or [1000, 3000, 10_000]:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            rows.append(pool.submit(run_one, clusters, ticks, policy, database, history_days).result())
    show(rows, policy=policy)


if __name__ == "__main__":
    typer.run(main)

"""What the real engine does: throughput by size, a rush, a shrink, cold starts, sleep under load."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median

from autoscaler.adapters.postgres.pgbench import Answers
from autoscaler.core.capacity import Phase, Range
from autoscaler.core.samples import Sample
from autoscaler.service.clock import Stopwatch, SystemClock
from benchmarks.local_postgres.bench import LEAST_ACU, MOST_ACU, Bench

SIZES = (0.5, 1.0, 2.0, 4.0)
SATURATING_PER_SECOND, SATURATED_SECONDS = 400.0, 8
FIRST_SECONDS = 2.0  # of a run, in which its connections are made
OPEN_CONNECTIONS = 10
WATCH_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """Of a saturated size; ``cost`` is what a transaction used, in ACU-seconds."""

    acu: float
    per_second: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A load for some seconds, and the size that is held meanwhile (None: the governor's)."""

    per_second: float
    seconds: int
    hold_acu: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Second by second: the load that was due, the capacity, what was answered, and the median wait of these."""

    due: tuple[float, ...]
    capacity_acu: tuple[float, ...]
    answered: tuple[float, ...]
    median_seconds: tuple[float | None, ...]
    lost: int = 0
    failed: int = 0
    used_acu: tuple[float, ...] = ()
    memory_mib: tuple[float, ...] = ()


@dataclass(kw_only=True)
class Resumed:
    """Cold starts: until the first row, until clients were let through, and what became of open connections."""

    first_row_seconds: list[float] = field(default_factory=list)
    resume_seconds: list[float] = field(default_factory=list)
    slept_seconds: list[float] = field(default_factory=list)
    asked: int = 0
    lost: int = 0


async def throughput(bench: Bench, acu: float) -> Throughput:
    """Far more is due than can be done."""
    await bench.hold(acu)
    before = bench.used_acu_seconds()
    answers = await bench.load(SATURATING_PER_SECOND, SATURATED_SECONDS)
    used = bench.used_acu_seconds() - before
    first = answers.answered_at[0] + FIRST_SECONDS
    counted = [at for at in answers.answered_at if at >= first]
    return Throughput(
        acu=acu, per_second=(len(counted) - 1) / (counted[-1] - counted[0]), cost=used / max(1, answers.count)
    )


async def course(bench: Bench, steps: Sequence[Step]) -> Course:
    """One step after the other, without a break."""
    await bench.hold(LEAST_ACU if steps[0].hold_acu is None else steps[0].hold_acu)
    await SystemClock().sleep(2)
    start = SystemClock().now().timestamp()
    memory: list[float] = []
    watching = asyncio.create_task(_watch_memory(bench, memory))
    answers = await _driven(bench, steps)
    watching.cancel()
    seconds = sum(step.seconds for step in steps)
    waits: list[list[float]] = [[] for _ in range(seconds)]
    for one in answers:
        for at, wait in zip(one.answered_at, one.latency_seconds, strict=True):
            if start <= at < start + seconds:
                waits[int(at - start)].append(wait)
    samples = await bench.cluster.samples_since(None)
    return Course(
        due=tuple(step.per_second for step in steps for _ in range(step.seconds)),
        capacity_acu=tuple(_told(samples, start + second, "capacity_acu") for second in range(seconds)),
        answered=tuple(float(len(one)) for one in waits),
        median_seconds=tuple(median(one) if one else None for one in waits),
        lost=sum(one.lost for one in answers),
        failed=sum(one.failed for one in answers),
        used_acu=tuple(_told(samples, start + second, "demand_acu") for second in range(seconds)),
        memory_mib=tuple(memory),
    )


async def _driven(bench: Bench, steps: Sequence[Step]) -> list[Answers]:
    """Neighbours of one load are one run, so that what waits is not dropped."""
    runs = []
    for per_second, alike in groupby(steps, key=lambda step: step.per_second):
        same = list(alike)
        seconds = sum(step.seconds for step in same)
        runs.append(asyncio.create_task(bench.load(per_second, seconds)))
        for step in same:
            free = Range(floor_acu=LEAST_ACU, ceiling_acu=MOST_ACU)
            await (bench.cluster.apply(free) if step.hold_acu is None else bench.hold(step.hold_acu))
            await SystemClock().sleep(step.seconds)
    return [await run for run in runs]  # each goes on until its last one is answered


async def resumes(bench: Bench, times: int) -> Resumed:
    """The cluster falls asleep, and a new client comes; then each connection that was open asks again."""
    from psycopg import AsyncConnection, Error

    url, found = bench.engine.url, Resumed()
    held = [
        await AsyncConnection.connect(url, autocommit=True, prepare_threshold=None) for _ in range(OPEN_CONNECTIONS)
    ]
    await bench.cluster.apply(Range(floor_acu=1.0, ceiling_acu=MOST_ACU, pause_after_seconds=0))
    for number in range(times):
        await _asleep(bench)
        await SystemClock().sleep(0.3 + 0.13 * (number % 7))
        stopwatch = Stopwatch()
        async with await AsyncConnection.connect(url, autocommit=True, prepare_threshold=None) as connection:
            await connection.execute("select 1")
        found.first_row_seconds.append(stopwatch.seconds)
        found.resume_seconds.append(bench.cluster.resumes[-1].resume_seconds)
        found.slept_seconds.append(bench.cluster.resumes[-1].slept_seconds)
        for one in held:
            found.asked += 1
            try:
                await one.execute("select 1")
            except Error:
                found.lost += 1
    for one in held:
        await one.close()
    return found


async def _asleep(bench: Bench) -> None:
    while (await bench.cluster.status()).phase is not Phase.PAUSED:
        await SystemClock().sleep(0.1)


async def sleepy_load(bench: Bench, per_second: float, seconds: float) -> tuple[tuple[float, ...], int, int, int]:
    """Transactions so rare that it sleeps between them: their waits, the resumes, failures, lost connections."""
    await bench.cluster.apply(Range(floor_acu=1.0, ceiling_acu=MOST_ACU, pause_after_seconds=1))
    before = len(bench.cluster.resumes)
    answers = await bench.load(per_second, seconds)
    return answers.latency_seconds, len(bench.cluster.resumes) - before, answers.failed, answers.lost


def _told(samples: Sequence[Sample], at: float, what: str) -> float:
    found = [float(getattr(one, what) or 0.0) for one in samples if one.at.timestamp() <= at < one.end.timestamp()]
    return found[0] if found else 0.0


async def _watch_memory(bench: Bench, seen: list[float]) -> None:
    while True:
        seen.append(bench.engine.usage().memory_bytes / 2**20)
        await SystemClock().sleep(WATCH_SECONDS)

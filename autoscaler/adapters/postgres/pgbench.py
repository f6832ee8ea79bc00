"""Drives a local cluster with pgbench, at a rate that does not wait for answers, and tells what came of it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from autoscaler.adapters.postgres.processes import run
from autoscaler.adapters.postgres.programs import Programs
from autoscaler.errors import ClusterError

# Sums a part of a table that is in the cache: some milliseconds of processor time, next to none for the client.
READING = """\
\\set start random(1, 95000)
select sum(abalance) from pgbench_accounts where aid between :start and :start + 4999;
"""
PROGRESS = re.compile(r"progress: ([\d.]+) s, ([\d.]+) tps, lat ([\d.]+) ms")
PROCESSED = re.compile(r"number of transactions actually processed: (\d+)")
FAILED = re.compile(r"number of failed transactions: (\d+)")
ABORTED = re.compile(r"client \d+ (?:script \d+ )?aborted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What pgbench reports while it works: of the last second."""

    per_second: float
    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All transactions of a run: when each was answered (seconds since 1970) and how long after it was due.

    ``lost``: clients whose connection broke.
    """

    answered_at: tuple[float, ...]
    latency_seconds: tuple[float, ...]
    failed: int
    lost: int

    @property
    def count(self) -> int:
        """How many were answered."""
        return len(self.answered_at)


async def fill(programs: Programs, url: str, *, scale: int = 1) -> None:
    """Make pgbench's tables: 100,000 accounts of about 130 bytes for each unit of the scale."""
    await run([str(programs.pgbench), "-i", "-q", "-s", str(scale), url], name="pgbench -i")


async def drive(
    programs: Programs,
    url: str,
    *,
    per_second: float,
    seconds: float,
    clients: int = 8,
    statements: str = READING,
    seen: Callable[[Second], None] = lambda second: None,
) -> Answers:
    """So many transactions a second become due, whether or not earlier ones were answered.

    Raises:
        ClusterError: pgbench could not begin.
    """
    with TemporaryDirectory(prefix="autoscaler-load-") as name:
        folder = Path(name)
        script = folder / "script.sql"
        script.write_text(statements)
        process = await asyncio.create_subprocess_exec(
            *(str(programs.pgbench), "-n", "-f", str(script), "-c", str(clients), "-j", "1"),
            *("-R", str(per_second), "-T", str(max(1, round(seconds))), "-P", "1", "-l"),
            url,
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said = await _listened(process, seen)
        except BaseException:
            process.kill()
            await process.wait()
            raise
        await process.wait()
        return _answers(said, folder)


async def _listened(process: asyncio.subprocess.Process, seen: Callable[[Second], None]) -> str:
    if process.stdout is None:
        raise ClusterError("pgbench says nothing")
    lines = []
    async for raw in process.stdout:
        line = raw.decode(errors="replace")
        lines.append(line)
        if told := PROGRESS.match(line):
            seen(Second(per_second=float(told[2]), latency_seconds=float(told[3]) / 1000))
    return "".join(lines)


def _answers(said: str, folder: Path) -> Answers:
    if PROCESSED.search(said) is None:
        raise ClusterError(f"pgbench did nothing: {' '.join(said.split())[-400:]}")
    failed = FAILED.search(said)
    # Client, number, latency in microseconds, script, seconds and microseconds since 1970, how late it began.
    rows = [line.split() for log in folder.glob("pgbench_log.*") for line in log.read_text().splitlines()]
    answered = sorted((float(row[4]) + float(row[5]) / 1e6, float(row[2]) / 1e6) for row in rows if row[2].isdigit())
    return Answers(
        answered_at=tuple(at for at, _ in answered),
        latency_seconds=tuple(latency for _, latency in answered),
        failed=0 if failed is None else int(failed[1]),
        lost=len(ABORTED.findall(said)),
    )

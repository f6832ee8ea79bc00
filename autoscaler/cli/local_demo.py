"""`local demo`: a cluster of its own, driven up and down, left alone until it sleeps, and woken."""

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from autoscaler.adapters.postgres.layout import LOOPBACK
from autoscaler.adapters.postgres.pgbench import drive, fill
from autoscaler.adapters.postgres.programs import Programs, find_programs
from autoscaler.cli.local_chart import draw
from autoscaler.cli.local_fleet import Wish
from autoscaler.cli.local_life import started
from autoscaler.cli.local_story import Chapter, Story
from autoscaler.cli.show import new_table, print_json, stdout
from autoscaler.core.capacity import Phase
from autoscaler.errors import ClusterError, InvalidInput
from autoscaler.service.clock import Stopwatch, SystemClock

TICK_SECONDS = 2.0
PAUSE_AFTER_SECONDS = 4
# Small enough to be moved on any machine: the largest size is two fifths of a processor.
DEMO_ACU, DEMO_CPUS = 4.0, 0.1
FALLS_ASLEEP_SECONDS = 60.0
# Transactions of some milliseconds each, and the share of the time.
CALM, RUSH = 10.0, 50.0
SHARES = (("calm", CALM, 0.3), ("rush", RUSH, 0.3), ("calm again", CALM, 0.25), ("woken", CALM, 0.15))


async def show_local_demo(*, seconds: float, chart: Path | None, output: str) -> None:
    """Run it and tell what came of it.

    Raises:
        InvalidInput: a program or a right is missing.
        ClusterError: the cluster does not start, or does not fall asleep.
    """
    programs = find_programs()
    with _folder() as folder:
        wish = Wish(
            folder=folder / "cluster",
            port=_free_port(),
            max_acu=DEMO_ACU,
            cpus_per_acu=DEMO_CPUS,
            pause_after_seconds=PAUSE_AFTER_SECONDS,
            decide_seconds=TICK_SECONDS,
            sample_seconds=TICK_SECONDS,
        )
        story = Story(ceiling_acu=wish.ceiling_acu, began=SystemClock().now())
        with _watched(story, output):
            async with started(wish, observers=[story]) as fleet:
                await fill(programs, wish.url)
                fleet.start()
                await _tell(story, programs, wish.url, seconds)
    document = story.document(load_average=os.getloadavg()[0])
    if chart is not None:
        _write(chart, draw(story))
    if output == "json":
        print_json(document)
    else:
        _conclude(story, chart)


async def _tell(story: Story, programs: Programs, url: str, seconds: float) -> None:
    from psycopg import AsyncConnection

    held = await AsyncConnection.connect(url, autocommit=True, prepare_threshold=None)
    async with held:
        await held.execute("select 1")
        *before, after = SHARES
        for title, rate, share in before:
            await _drive(story, programs, url, title, rate, share * seconds)
        await _fall_asleep(story)
        story.chapters.append(Chapter(title="a client comes", per_second=0.0, begin=SystemClock().now()))
        stopwatch = Stopwatch()
        async with await AsyncConnection.connect(url, autocommit=True, prepare_threshold=None) as connection:
            await connection.execute("select 1")
        story.wake_seconds = stopwatch.seconds
        await held.execute("select 1")  # this connection has lived through the pause
        await _drive(story, programs, url, after[0], after[1], after[2] * seconds)
        await SystemClock().sleep(2 * TICK_SECONDS)  # until its last samples have come


async def _drive(story: Story, programs: Programs, url: str, title: str, rate: float, seconds: float) -> None:
    story.chapters.append(Chapter(title=title, per_second=rate, begin=SystemClock().now()))
    answers = await drive(programs, url, per_second=rate, seconds=seconds, seen=story.saw)
    story.chapters[-1] = replace(story.chapters[-1], answers=answers)


async def _fall_asleep(story: Story) -> None:
    story.chapters.append(Chapter(title="nobody there", per_second=0.0, begin=SystemClock().now()))
    story.second = None
    clock, stopwatch = SystemClock(), Stopwatch()
    while story.phase is not Phase.PAUSED:
        if stopwatch.seconds > FALLS_ASLEEP_SECONDS:
            raise ClusterError(f"it is still {story.phase.value} after {FALLS_ASLEEP_SECONDS:g} s without a client")
        await clock.sleep(TICK_SECONDS / 4)
    await clock.sleep(2 * TICK_SECONDS)  # to be seen asleep


def _watched(story: Story, output: str) -> AbstractContextManager[object]:
    console = stdout()
    if output == "json" or not console.is_terminal:
        return nullcontext()
    from rich.live import Live

    return Live(story, console=console, refresh_per_second=4)


def _write(chart: Path, drawing: str) -> None:
    try:
        chart.write_text(drawing, encoding="utf-8")
    except OSError as problem:
        raise InvalidInput(f"{chart} cannot be written: {problem.strerror}") from None


def _conclude(story: Story, chart: Path | None) -> None:
    console = stdout()
    columns = ("transactions/s", "median", "99 %", "answered", "failed", "lost")
    table = new_table("load", *columns, numbers=columns)
    for one in story.chapters:
        if one.answers is not None:
            told = [f"{1000 * (one.quantile_seconds(level) or 0.0):,.0f} ms" for level in (0.5, 0.99)]
            answers = one.answers
            table.add_row(
                one.title, f"{one.per_second:g}", *told, f"{answers.count:,}", f"{answers.failed}", f"{answers.lost}"
            )
    console.print(table)
    document = story.document(load_average=os.getloadavg()[0])
    console.print(
        f"\nThe size went up to {document['most_acu']:.1f} ACU and back; it paused, and the first client waited "
        f"{story.wake_seconds or 0:.2f} s.\nA connection that was open all the time still is; "
        f"{document['connections_lost']} were lost. Load average of this machine: {document['load_average']:.1f}.",
        soft_wrap=True,
    )
    if chart is not None:
        console.print(f"Capacity against load: {chart}")


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="autoscaler-demo-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the servers' user is another one, and their own folders let nobody else in
        yield folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])

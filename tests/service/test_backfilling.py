"""The past of a new cluster comes from its provider, beside the ticks, once, and never over what was seen live."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from structlog.testing import capture_logs

from autoscaler.core.ports import Stretch
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError
from autoscaler.observability.events import Event, Kind
from autoscaler.service.backfilling import AGAIN_AFTER, ReadPasts
from autoscaler.service.keeping import RetentionSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.storage.backfills import Backfills
from autoscaler.storage.tables import SampleTable
from models.last_value import LastValue
from policies.quantile import Quantile
from tests.fakes import MONDAY, ManualClock, later
from tests.service.builders import run_for
from tests.service.fleets import Bench, FakeCluster, nothing, workbench

DAYS = 10
KEPT = RetentionSettings().build(recent_seconds=3600.0)
BEGIN = MONDAY - timedelta(days=DAYS)


class OldCluster(FakeCluster):
    """Its provider remembers ten days, a day at a time."""

    def __init__(self, clock: ManualClock, **load: Any) -> None:
        super().__init__("orders", clock, **load)
        self.asked_after: list[datetime | None] = []
        self.at_past: Callable[[], None] = nothing

    async def remembered(self, after: datetime | None, *, before: datetime) -> Stretch:
        self.asked_after.append(after)
        self.at_past()
        begin = max(BEGIN, after or BEGIN)
        end = min(begin + timedelta(days=1), before)
        minutes = range(int((end - begin).total_seconds() // 60))
        return Stretch(samples=[self._sample(later(60.0 * minute, after=begin)) for minute in minutes], end=end)


@dataclass
class Begun:
    """A service of one cluster, and what reads its past."""

    bench: Bench
    supervisor: Supervisor
    pasts: ReadPasts
    told: list[Event]

    async def read(self) -> None:
        """Let the chore do all it can now."""
        await self.pasts()
        reading = [task for task in asyncio.all_tasks() if task.get_name().startswith("past ")]
        if reading:
            await asyncio.wait(reading)

    async def rows(self) -> list[tuple[datetime, float]]:
        database = self.bench.journal._database
        async with database.read() as connection:
            wanted = select(SampleTable.at, SampleTable.seconds).order_by(SampleTable.at)
            return [(row.at, row.seconds) for row in await connection.execute(wanted)]


@asynccontextmanager
async def begun(folder: Path, cluster: OldCluster, clock: ManualClock) -> AsyncIterator[Begun]:
    async with workbench(folder, clock=clock, policy=Quantile(), forecaster=LastValue()) as bench:
        supervisor = Supervisor(await bench.workers([cluster]), journal=bench.journal, clock=clock)
        told: list[Event] = []
        bench.means.feed.listen(told.append)
        backfills = Backfills(bench.journal._database)
        pasts = ReadPasts(supervisor, backfills, bench.means, clusters=lambda: ["orders"], kept=lambda: KEPT)
        yield Begun(bench, supervisor, pasts, told)
        await pasts.close()


async def test_the_forecaster_has_learned_from_the_time_before_the_cluster_was_known(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = OldCluster(clock, demand_at=lambda at: 9.0 if at.hour == 3 else 2.0)
    async with begun(tmp_path, cluster, clock) as one:
        await run_for(one.supervisor, clock, ticks=2)
        await one.read()
        await run_for(one.supervisor, clock, ticks=1)
        worker = one.supervisor._worker("orders")
        history = worker._mind.outlook._history(0)  # type: ignore[union-attr]
        view = one.supervisor.view("orders")

    assert history.start == BEGIN
    assert len(history.demand_acu) == DAYS * 288
    assert sorted(set(history.demand_acu.tolist())) == [2.0, 9.0]
    assert view.forecast is not None
    [told] = [event for event in one.told if event.kind is Kind.HISTORY_READ]
    assert told.text == "6336 samples of the time before 2026-03-02 08:00 UTC were read"


async def test_old_days_are_kept_as_coarse_as_retention_keeps_them(tmp_path: Path) -> None:
    clock = ManualClock()
    async with begun(tmp_path, OldCluster(clock), clock) as one:
        await run_for(one.supervisor, clock, ticks=2)
        await one.read()
        rows = await one.rows()

    fine = MONDAY - timedelta(days=3)
    assert {seconds for at, seconds in rows if at < fine} == {300.0}
    assert {seconds for at, seconds in rows if at > fine} == {60.0}
    assert rows[0][0] == BEGIN


async def test_what_was_seen_live_stays_as_it_was_seen(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = OldCluster(clock, demand_acu=3.0)
    async with begun(tmp_path, cluster, clock) as one:
        await run_for(one.supervisor, clock, ticks=5)
        before = await one.bench.journal.samples("orders", since=MONDAY)
        cluster.demand_at = lambda at: 50.0
        await one.read()
        await one.read()
        after = await one.bench.journal.samples("orders", since=MONDAY)
        past = await one.bench.journal.samples("orders", since=BEGIN, until=MONDAY - timedelta(seconds=1))

    assert after == before
    assert {seen.sample.demand_acu for seen in past} == {50.0}
    assert cluster.asked_after[0] is None
    assert len(cluster.asked_after) == DAYS


async def test_a_failure_is_told_once_and_it_goes_on_where_it_ended(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = OldCluster(clock)

    def fail_at_the_third() -> None:
        if len(cluster.asked_after) == 3:
            raise ClusterError("the role may not call cloudwatch:GetMetricData")

    cluster.at_past = fail_at_the_third
    async with begun(tmp_path, cluster, clock) as one:
        await run_for(one.supervisor, clock, ticks=2)
        with capture_logs() as lines:
            await one.read()
            await one.read()  # too early
        asked = list(cluster.asked_after)
        await run_for(one.supervisor, clock, ticks=int(AGAIN_AFTER / timedelta(minutes=1)))
        await one.read()
        kinds = [event.kind for event in one.told if event.kind in (Kind.HISTORY_UNREAD, Kind.HISTORY_READ)]

    assert [line["event"] for line in lines] == ["past_unread"]
    assert "cloudwatch:GetMetricData" in str(lines[0]["reason"])
    assert asked == [None, BEGIN + timedelta(days=1), BEGIN + timedelta(days=2)]
    assert cluster.asked_after[3] == asked[2]
    assert kinds == [Kind.HISTORY_UNREAD, Kind.HISTORY_READ]
    assert one.supervisor.view("orders").failures == 0


async def test_after_a_restart_nothing_is_read_twice(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = OldCluster(clock)
    async with begun(tmp_path, cluster, clock) as one:
        await run_for(one.supervisor, clock, ticks=2)
        await one.read()
    asked = len(cluster.asked_after)
    async with begun(tmp_path, cluster, clock) as again:
        await run_for(again.supervisor, clock, ticks=1)
        await again.read()
        forecast = again.supervisor.view("orders").forecast

    assert len(cluster.asked_after) == asked
    assert forecast is not None
    assert again.told == []


async def test_a_fit_from_before_the_past_was_known_is_made_anew_after_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = OldCluster(clock)
    async with begun(tmp_path, cluster, clock) as one:
        await run_for(one.supervisor, clock, ticks=12)
        await one.read()
    async with begun(tmp_path, cluster, clock) as again:
        await run_for(again.supervisor, clock, ticks=1)
        history = again.supervisor._worker("orders")._mind.outlook._history(0)  # type: ignore[union-attr]

    assert history.start == BEGIN


async def test_before_the_first_live_sample_nobody_knows_where_the_past_ends(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = OldCluster(clock)
    async with begun(tmp_path, cluster, clock) as one:
        await one.read()
        assert cluster.asked_after == []
        await run_for(one.supervisor, clock, ticks=2)
        await one.read()

    assert len(cluster.asked_after) == DAYS


async def test_a_piece_that_comes_again_changes_nothing(tmp_path: Path) -> None:
    """A process may end between reading and remembering that it has read."""
    clock = ManualClock()
    async with begun(tmp_path, OldCluster(clock), clock) as one:
        await run_for(one.supervisor, clock, ticks=2)
        backfills = Backfills(one.bench.journal._database)
        first = await backfills.begin("orders", at=clock.now())
        assert first is not None
        sample = Sample(at=BEGIN, seconds=3600.0, demand_acu=4.0)
        upto = BEGIN + timedelta(hours=1)
        for demand_acu in (4.0, 5.0):
            piece = [replace(sample, demand_acu=demand_acu)]
            await backfills.keep(first, piece, upto=upto, at=clock.now(), kept=KEPT)
        kept = await one.bench.journal.samples("orders", since=BEGIN, until=BEGIN)

    assert [seen.sample.demand_acu for seen in kept] == [4.0]

"""Another job for a cluster while the service runs: it begins at a tick, and knows what the old one knew."""

import asyncio
from dataclasses import replace
from pathlib import Path

from structlog.testing import capture_logs

from autoscaler.core.decision import RuleSettings
from autoscaler.service.supervisor import Supervisor
from tests.fakes import AlwaysWishes, ManualClock
from tests.service.builders import run_for
from tests.service.fleets import LARGE, SMALL, Bench, FakeCluster, workbench

CAREFUL_NO_MORE = RuleSettings(watch_seconds=0, shrink_wait_seconds=0, change_spacing_seconds=0)


async def supervised(bench: Bench, *clusters: FakeCluster) -> Supervisor:
    return Supervisor(await bench.workers(clusters), journal=bench.journal, clock=bench.clock)


async def test_another_job_begins_at_the_next_tick_and_remembers(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock, held=LARGE)
    async with workbench(tmp_path, clock=clock, policy=AlwaysWishes(range=LARGE), rules=CAREFUL_NO_MORE) as bench:
        supervisor = await supervised(bench, cluster)
        await run_for(supervisor, clock, ticks=3)
        shrinks = replace(await bench.job(cluster), policy=AlwaysWishes(range=SMALL), policy_name="another")
        supervisor.reassign(shrinks)
        before = supervisor.view("orders").policy
        await run_for(supervisor, clock, ticks=1)
        newest, *_ = await supervisor.decisions("orders", limit=9)

    assert (before, supervisor.view("orders").policy) == ("a policy of a test", "another")
    assert newest.decision.wish == SMALL
    assert newest.inputs.memory.watching_since is not None, "the memory of the rules goes on"


async def test_a_tick_that_runs_ends_as_it_began(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.gate = asyncio.Event()
    async with workbench(tmp_path, clock=clock, policy=AlwaysWishes(range=LARGE)) as bench:
        supervisor = await supervised(bench, cluster)
        await supervisor.beat()
        await asyncio.sleep(0)
        supervisor.reassign(replace(await bench.job(cluster), policy=AlwaysWishes(range=SMALL)))
        cluster.gate.set()
        await supervisor.settle()
        (entry,) = await supervisor.decisions("orders", limit=9)

    assert entry.decision.wish == LARGE


async def test_an_errand_that_fails_stops_no_tick_and_is_told_once(tmp_path: Path) -> None:
    async def fail() -> None:
        raise LookupError("where did I put it?")

    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock) as bench:
        supervisor = await supervised(bench, cluster)
        supervisor.before_ticks(fail)
        with capture_logs() as lines:
            await run_for(supervisor, clock, ticks=3)

    assert supervisor.view("orders").last_decision is not None
    assert [line["event"] for line in lines] == ["errand_failed"]

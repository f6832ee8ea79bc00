"""Many clusters at once: what one of them does is no other one's business."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from autoscaler.errors import ClusterError, UnknownName
from autoscaler.service.clock import GridClock, Stopwatch
from autoscaler.service.supervisor import MOST_OF_AN_ACCOUNT, Supervisor
from autoscaler.service.views import Fleet, TickReport
from autoscaler.service.worker import Worker
from autoscaler.storage.entries import State
from tests.fakes import MONDAY, AlwaysWishes, ManualClock, later
from tests.service.builders import TICK_SECONDS, Recorder, run_for
from tests.service.fleets import LARGE, LIMITS, FakeCluster, nothing, raising, workbench

GROWS = AlwaysWishes(range=LARGE, reason="a test wishes more")


class StoppedWatch(Stopwatch):
    """A stopwatch that shows what a test says."""

    shown = 0.0

    @property
    def seconds(self) -> float:
        return self.shown

    def restart(self) -> None:
        self.shown = 0.0


@asynccontextmanager
async def supervised(
    folder: Path,
    *clusters: FakeCluster,
    clock: ManualClock,
    watch: Stopwatch | None = None,
    told: Recorder | None = None,
    stop_seconds: float = 20.0,
) -> AsyncIterator[Supervisor]:
    async with workbench(folder, clock=clock, policy=GROWS) as bench:
        supervisor = Supervisor(
            await bench.workers(clusters),
            journal=bench.journal,
            clock=GridClock(clock, seconds=TICK_SECONDS),
            observers=(Spoilsport(), told or Recorder()),
            since_beat=watch,
            stop_seconds=stop_seconds,
        )
        yield supervisor
        await supervisor.stop()


class Spoilsport:
    """An observer that fails: it comes first everywhere, and nobody may notice."""

    def ticked(self, report: TickReport) -> None:
        raise LookupError("what was that?")


def is_ready(fleet: Fleet) -> bool:
    """Asked through a function, for the answer changes."""
    return fleet.ready


@pytest.mark.parametrize(
    "problem", [ClusterError("gone fishing"), TimeoutError(), ZeroDivisionError("a mistake"), ValueError()]
)
async def test_a_failing_cluster_stops_no_other(problem: Exception, tmp_path: Path) -> None:
    clock, told = ManualClock(), Recorder()
    good, bad = FakeCluster("good", clock), FakeCluster("bad", clock)
    bad.at_status = raising(problem)
    async with supervised(tmp_path, bad, good, clock=clock, told=told) as supervisor:
        await run_for(supervisor, clock, ticks=10)
        view, failing = supervisor.view("good"), supervisor.view("bad")

    assert len(told.of("good")) == 10
    assert good.range == LARGE
    assert (view.failures, view.error, view.last_tick_at) == (0, None, later(9 * TICK_SECONDS))
    assert failing.failures == len(told.of("bad")) == 4
    assert failing.error == told.of("bad")[-1].failed
    assert failing.status is None


async def test_a_failing_cluster_is_asked_ever_more_rarely_but_never_given_up(tmp_path: Path) -> None:
    clock, told = ManualClock(), Recorder()
    cluster = FakeCluster("orders", clock)
    cluster.at_status = raising(ClusterError("gone fishing"))
    async with supervised(tmp_path, cluster, clock=clock, told=told) as supervisor:
        await run_for(supervisor, clock, ticks=80)
        minutes = [(report.at - MONDAY).total_seconds() / 60 for report in told.reports]
        cluster.at_status = nothing
        await run_for(supervisor, clock, ticks=15)

    waits = [later - earlier for earlier, later in pairwise(minutes)]
    assert waits[:2] == [1, 2]
    assert all(doubled <= wait <= 1.25 * doubled for doubled, wait in zip([4, 8, 15, 15], waits[2:6], strict=True))
    good = [report for report in told.reports if report.failed is None]
    assert good[1].at == later(TICK_SECONDS, good[0].at)
    assert supervisor.view("orders").failures == 0


async def test_a_slow_account_holds_up_no_other(tmp_path: Path) -> None:
    clock, told, gate = ManualClock(), Recorder(), asyncio.Event()
    slow = [FakeCluster(f"slow-{number}", clock) for number in range(MOST_OF_AN_ACCOUNT + 20)]
    for cluster in slow:
        cluster.gate = gate
    async with workbench(tmp_path, clock=clock) as bench:
        workers = [
            Worker(replace(await bench.job(one), account="eu"), bench.means, decide_seconds=60.0) for one in slow
        ]
        quick = Worker(await bench.job(FakeCluster("quick", clock)), bench.means, decide_seconds=60.0)
        supervisor = Supervisor([*workers, quick], journal=bench.journal, clock=clock, observers=[told])
        await supervisor.beat()
        await told.wait()
        gate.set()
        await supervisor.settle()

    assert told.reports[0].cluster_id == "quick"
    assert len(told.reports) == len(slow) + 1


async def test_a_slow_cluster_stops_no_other_and_is_not_asked_twice(tmp_path: Path) -> None:
    clock, told = ManualClock(), Recorder()
    quick, slow = FakeCluster("quick", clock), FakeCluster("slow", clock)
    slow.gate = asyncio.Event()
    asked: list[None] = []
    slow.at_samples = lambda: asked.append(None)
    async with supervised(tmp_path, slow, quick, clock=clock, told=told) as supervisor:
        for _ in range(5):
            await supervisor.beat()
            await told.wait()
            await clock.advance(TICK_SECONDS)
        assert not is_ready(supervisor)
        slow.gate.set()
        await supervisor.settle()
        assert is_ready(supervisor)

    assert len(told.of("quick")) == 5
    assert [report.at for report in told.of("slow")] == [MONDAY]
    assert len(asked) == 1


async def test_a_moment_is_decided_about_once_however_often_the_beat_comes(tmp_path: Path) -> None:
    clock, told = ManualClock(later(7.0)), Recorder()
    async with supervised(tmp_path, FakeCluster("orders", clock), clock=clock, told=told) as supervisor:
        for _ in range(20):
            await supervisor.beat()
            await supervisor.settle()
            await clock.advance(10.0)

    assert [report.at for report in told.reports] == [later(60.0 * turn) for turn in range(4)]


async def test_it_is_ready_when_every_cluster_has_been_looked_at(tmp_path: Path) -> None:
    clock = ManualClock()
    broken = FakeCluster("broken", clock)
    broken.at_status = raising(ClusterError("gone fishing"))
    async with supervised(tmp_path, FakeCluster("orders", clock), broken, clock=clock) as supervisor:
        assert not is_ready(supervisor)
        await supervisor.beat()
        await supervisor.settle()
        assert is_ready(supervisor)

    assert not is_ready(supervisor), "a stopped service is not ready"


async def test_it_notices_that_nothing_drives_it_any_more(tmp_path: Path) -> None:
    clock, watch = ManualClock(), StoppedWatch()
    async with supervised(tmp_path, FakeCluster("orders", clock), clock=clock, watch=watch) as supervisor:
        await run_for(supervisor, clock, ticks=1)
        assert is_ready(supervisor)
        watch.shown = 11.0
        assert not is_ready(supervisor)
        await supervisor.beat()
        assert is_ready(supervisor)


async def test_stopping_in_the_midst_of_a_change_leaves_nothing_planned(tmp_path: Path) -> None:
    clock = ManualClock()
    clusters = [FakeCluster(f"cluster-{number}", clock) for number in range(MOST_OF_AN_ACCOUNT + 2)]
    asking = asyncio.Event()
    for cluster in clusters:
        cluster.before_change = asking.set
    async with supervised(tmp_path, *clusters, clock=clock) as supervisor:
        await supervisor.beat()
        await asking.wait()
        await supervisor.stop()
        asked = sum(len(cluster.asked) for cluster in clusters)
        await supervisor.beat()
        await supervisor.settle()
        entries = [await supervisor.decisions(cluster.cluster_id, limit=9) for cluster in clusters]

    states = [[entry.state for entry in of_one] for of_one in entries]
    assert {state for of_one in states for state in of_one} <= {State.APPLIED, State.NONE}
    assert [len(cluster.asked) for cluster in clusters] == [of_one.count(State.APPLIED) for of_one in states]
    assert sum(map(len, entries)) == MOST_OF_AN_ACCOUNT
    assert asked > 0


async def test_a_tick_that_does_not_end_is_broken_off_at_a_stop(tmp_path: Path) -> None:
    clock = ManualClock()
    stuck = FakeCluster("stuck", clock)
    stuck.gate = asyncio.Event()
    async with supervised(tmp_path, stuck, clock=clock, stop_seconds=0.01) as supervisor:
        await supervisor.beat()
        await supervisor.stop()
        await supervisor.settle()

        assert await supervisor.decisions("stuck", limit=9) == ()


async def test_an_unknown_cluster_is_told_with_those_there_are(tmp_path: Path) -> None:
    clock = ManualClock()
    async with supervised(tmp_path, FakeCluster("orders", clock), clock=clock) as supervisor:
        with pytest.raises(UnknownName, match="no cluster named 'bills'; there are: orders"):
            supervisor.view("bills")
        with pytest.raises(UnknownName):
            await supervisor.decisions("bills", limit=1)


async def test_a_view_tells_what_is_known_of_a_cluster(tmp_path: Path) -> None:
    clock = ManualClock(later(600.0))
    cluster = FakeCluster("orders", clock)
    async with supervised(tmp_path, cluster, clock=clock) as supervisor:
        fleet: Fleet = supervisor
        (before,) = fleet.views()
        await run_for(supervisor, clock, ticks=1)
        (entry,) = await supervisor.decisions("orders", limit=5)
        after = fleet.view("orders")

    assert (before.status, before.last_decision, before.last_tick_at, before.acu_hours) == (None, None, None, None)
    assert (after.title, after.profile, after.policy) == ("Orders", "fake", "a policy of a test")
    assert after.limits == LIMITS
    assert after.demand_acu == 3.0
    assert after.demand_at == later(540.0)
    assert after.blind_seconds == 0.0
    assert after.last_decision == entry.decision
    assert (after.last_outcome, after.last_tick_at, after.failures, after.error) == ("applied", later(600.0), 0, None)
    assert after.acu_hours == pytest.approx(10 / 60)


async def test_a_beat_that_always_breaks_off_is_no_beat(tmp_path: Path) -> None:
    """The service is there and does nothing: it must not look ready."""
    clock, watch = ManualClock(), StoppedWatch()
    async with supervised(tmp_path, FakeCluster("orders", clock), clock=clock, watch=watch) as supervisor:
        await run_for(supervisor, clock, ticks=1)
        watch.shown = 11.0
        clock.now = raising(RuntimeError("no time"))  # type: ignore[method-assign, assignment]
        with pytest.raises(RuntimeError):
            await supervisor.beat()

        assert not is_ready(supervisor)

"""One tick: what is written before anything happens, what is done without metrics, what a provider may say."""

from asyncio import Event
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest

from autoscaler.core.decision import Memory, RuleSettings
from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster
from autoscaler.errors import ClusterBusy, ClusterError, StorageError
from autoscaler.service.job import Mind
from autoscaler.service.recovery import recover
from autoscaler.service.tick import tick
from autoscaler.storage.entries import State
from tests.fakes import MONDAY, AlwaysWishes, ManualClock, later
from tests.service.fleets import LARGE, SMALL, FakeCluster, raising, workbench

GROWS = AlwaysWishes(range=LARGE, reason="a test wishes more")
SHRINKS = AlwaysWishes(range=SMALL, reason="a test wishes less")
HASTY = RuleSettings(watch_seconds=0, shrink_wait_seconds=0, change_spacing_seconds=0, max_shrink_fraction=1)


async def test_a_decision_is_in_the_journal_before_the_provider_is_called(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        cluster.before_change = raising(ZeroDivisionError("stop here"))
        job = await bench.job(cluster)
        with pytest.raises(ZeroDivisionError):
            await tick(job, bench.means, await recover(job, bench.means), MONDAY)

        (entry,) = await bench.journal.entries("orders", limit=9)

    assert cluster.asked == [LARGE]
    assert (entry.state, entry.decision.after, entry.finished_at) == (State.PLANNED, LARGE, None)
    assert entry.memory.changed_at == MONDAY


async def test_a_decision_that_cannot_be_journalled_is_not_carried_out(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = replace(await bench.job(cluster), document_id=99)

        with pytest.raises(StorageError, match="FOREIGN KEY"):
            await tick(job, bench.means, Mind(outlook=job.new_outlook()), MONDAY)

    assert cluster.asked == []
    assert cluster.range == SMALL


async def test_the_outcome_is_journalled_and_told(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        report = await tick(job, bench.means, await recover(job, bench.means), MONDAY)
        (entry,) = await bench.journal.entries("orders", limit=9)

    assert (entry.state, entry.outcome, entry.finished_at) == (State.APPLIED, None, MONDAY)
    assert (report.decision, report.outcome, report.failed) == (entry.decision, "applied", None)
    assert cluster.range == LARGE


@pytest.mark.parametrize(
    ("problem", "state"),
    [
        (ClusterBusy("orders is busy"), State.REFUSED),
        (ClusterError("orders has no such range"), State.FAILED),
        (TimeoutError(), State.FAILED),
    ],
)
async def test_a_provider_that_refuses_is_not_asked_twice_in_one_tick(
    problem: Exception, state: State, tmp_path: Path
) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.before_change = raising(problem)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        report = await tick(job, bench.means, await recover(job, bench.means), MONDAY)
        (entry,) = await bench.journal.entries("orders", limit=9)

    assert cluster.asked == [LARGE]
    assert (entry.state, entry.outcome) == (state, str(problem) or "no answer to the change call within 10 s")
    assert report.told_outcome == f"{entry.state}: {entry.outcome}"


async def test_a_call_without_an_answer_has_failed_after_a_while(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.gate = Event()
    async with workbench(tmp_path, clock=clock, call_seconds=0.01) as bench:
        job = await bench.job(cluster)
        with pytest.raises(ClusterError, match=r"no answer to the status call within 0\.01 s"):
            await tick(job, bench.means, await recover(job, bench.means), MONDAY)

        assert await bench.journal.newest("orders") is None


async def test_without_metrics_a_cluster_may_grow_but_never_shrinks(tmp_path: Path) -> None:
    clock = ManualClock()
    growing, shrinking = FakeCluster("grows", clock), FakeCluster("shrinks", clock, held=LARGE)
    for cluster in (growing, shrinking):
        cluster.at_samples = raising(ClusterError("no metrics today"))
    async with workbench(tmp_path, clock=clock, rules=HASTY) as bench:
        for cluster, policy in ((growing, GROWS), (shrinking, SHRINKS)):
            job = replace(await bench.job(cluster), policy=policy)
            mind = Mind(outlook=job.new_outlook())
            reports = [await tick(job, bench.means, mind, later(60.0 * turn)) for turn in range(30)]
            assert {report.unmeasured for report in reports} == {"no metrics today"}
            assert {report.blind_seconds for report in reports} == {inf}

    assert growing.range == LARGE
    assert shrinking.range == LARGE


@pytest.mark.parametrize("wrong_acu", [None, nan, inf, -inf, -1.0])
async def test_wrong_metrics_never_shrink_and_are_kept_as_unknown(wrong_acu: float | None, tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock, held=LARGE, demand_acu=wrong_acu)
    async with workbench(tmp_path, clock=clock, policy=SHRINKS, rules=HASTY) as bench:
        job = await bench.job(cluster)
        mind = Mind(outlook=job.new_outlook())
        for turn in range(30):
            await tick(job, bench.means, mind, later(60.0 * turn))
            await clock.advance(60.0)
        kept = await bench.journal.samples("orders", since=MONDAY)

    assert cluster.asked == []
    assert [one.sample.demand_acu for one in kept] == [None] * 29


async def test_right_metrics_do_shrink(tmp_path: Path) -> None:
    """The counterpart without which the tests above would prove nothing."""
    clock = ManualClock()
    cluster = FakeCluster("orders", clock, held=LARGE, demand_acu=0.1)
    async with workbench(tmp_path, clock=clock, policy=SHRINKS, rules=HASTY) as bench:
        job = await bench.job(cluster)
        mind = Mind(outlook=job.new_outlook())
        for turn in range(5):
            await tick(job, bench.means, mind, later(60.0 * turn))
            await clock.advance(60.0)

    assert cluster.range == SMALL


async def test_what_was_wanted_while_nobody_looked_is_not_believed(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock, held=LARGE, demand_acu=0.1)
    async with workbench(tmp_path, clock=clock, policy=SHRINKS) as bench:
        job = await bench.job(cluster)
        mind = Mind(outlook=job.new_outlook())
        for pause_seconds in (60.0, 60.0, 4000.0, 0.0):
            await tick(job, bench.means, mind, clock.now())
            await clock.advance(pause_seconds)

    assert mind.memory == Memory(watching_since=later(4120.0), shrink_since=later(4120.0), shrink_wish=SMALL)
    assert cluster.asked == []


class Unteachable:
    """A forecaster that cannot be fitted."""

    def fit(self, history: History) -> FittedForecaster:
        raise ArithmeticError("singular matrix")


async def test_a_forecaster_that_fails_leaves_the_policy_without_a_forecast(tmp_path: Path) -> None:
    clock = ManualClock(later(3600.0))
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, forecaster=Unteachable()) as bench:
        job = await bench.job(cluster)
        report = await tick(job, bench.means, Mind(outlook=job.new_outlook()), clock.now())

    assert report.unfitted == "ArithmeticError: singular matrix"
    assert report.forecast is None
    assert report.outcome == "applied"
    assert cluster.range.floor_acu > SMALL.floor_acu


async def test_the_capacity_used_adds_up(tmp_path: Path) -> None:
    clock = ManualClock(later(600.0))
    cluster = FakeCluster("orders", clock, held=LARGE)
    async with workbench(tmp_path, clock=clock) as bench:
        job = await bench.job(cluster)
        mind = Mind(outlook=job.new_outlook())
        await tick(job, bench.means, mind, clock.now())
        await clock.advance(60.0)
        await tick(job, bench.means, mind, clock.now())

        assert mind.acu_hours == pytest.approx(11 * 8.0 / 60)
        assert await bench.journal.acu_hours("orders") == pytest.approx(mind.acu_hours)

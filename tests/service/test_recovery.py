"""A new process goes on where the old one ended: nothing is forgotten, repeated or lost."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from math import sin, tau
from pathlib import Path

import pytest

from autoscaler.config import PolicyDocument
from autoscaler.core.capacity import Range, Status
from autoscaler.core.decide import decide
from autoscaler.core.ports import Policy
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.working_set import WorkingSet
from autoscaler.service.job import Job
from autoscaler.service.recovery import recover
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.tick import tick
from autoscaler.service.wiring import assembled
from autoscaler.storage.entries import JournalEntry, SeenSample, State
from autoscaler.storage.repositories import Journal
from models.last_value import LastValue
from models.outlook import OutlookSettings
from policies.quantile import Quantile
from policies.reactive import Reactive
from tests.fakes import MONDAY, AlwaysWishes, ManualClock, later
from tests.service.builders import Recorder, decisions_of, make_cluster, make_settings, run_for
from tests.service.fleets import LARGE, Crash, FakeCluster, raising, workbench

GROWS = AlwaysWishes(range=LARGE, reason="a test wishes more")
FULL = "create trigger full_disk before update on decisions begin select raise(abort, 'the disk is full'); end"
TICKS = 200
# A fit every half hour, so that restarts fall between several of them.
OFTEN = OutlookSettings(refit_seconds=1800.0)


async def crash(folder: Path, clock: ManualClock, cluster: FakeCluster) -> None:
    """A process that ends in the midst of its first change."""
    async with workbench(folder, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        mind = await recover(job, bench.means)
        with pytest.raises(Crash):
            await tick(job, bench.means, mind, clock.now())
    cluster.before_change = cluster.after_change = raising(AssertionError("asked again"))


async def test_a_change_that_arrived_before_the_crash_is_finished_and_not_asked_for_again(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.after_change = raising(Crash())
    await crash(tmp_path, clock, cluster)

    await clock.advance(60.0)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        mind = await recover(job, bench.means)
        (first,) = await bench.journal.entries("orders", limit=9)
        report = await tick(job, bench.means, mind, clock.now())

    assert (first.state, first.outcome) == (State.APPLIED, "found in force after a restart")
    assert first.finished_at == MONDAY
    assert cluster.asked == [LARGE]
    assert report.outcome == "none"


async def test_a_change_that_did_not_arrive_is_abandoned_and_decided_anew(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.before_change = raising(Crash())
    await crash(tmp_path, clock, cluster)
    cluster.before_change = cluster.after_change = lambda: None

    await clock.advance(60.0)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        mind = await recover(job, bench.means)
        (first,) = await bench.journal.entries("orders", limit=9)
        report = await tick(job, bench.means, mind, clock.now())

    assert (first.state, first.outcome) == (State.ABANDONED, "found 1 to 64 ACU after a restart")
    # Not held back by the spacing of changes: the one before never happened.
    assert report.outcome == "applied"
    assert cluster.asked == [LARGE, LARGE]
    assert cluster.range == LARGE


async def test_an_outcome_that_could_not_be_written_is_settled_by_the_next_tick(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.after_change = lambda: in_store(tmp_path, FULL)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        (worker,) = await bench.workers([cluster])
        failed = await worker.work(MONDAY)
        in_store(tmp_path, "drop trigger full_disk")
        await clock.advance(60.0)
        report = await worker.work(clock.now())
        newest, oldest = await bench.journal.entries("orders", limit=9)

    assert failed is not None
    assert failed.failed == "the database refused: the disk is full"
    assert report is not None
    assert (newest.state, oldest.state, report.outcome) == (State.NONE, State.APPLIED, "none")
    assert cluster.asked == [LARGE]


async def test_a_mistake_in_the_midst_of_a_change_is_settled_by_the_next_tick(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.after_change = raising(ZeroDivisionError("a mistake of the adapter"))
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        (worker,) = await bench.workers([cluster])
        failed = await worker.work(MONDAY)
        await clock.advance(60.0)
        await worker.work(clock.now())
        entries = await bench.journal.entries("orders", limit=9)

    assert failed is not None
    assert failed.failed == "ZeroDivisionError: a mistake of the adapter"
    assert [entry.state for entry in entries] == [State.NONE, State.APPLIED]
    assert cluster.asked == [LARGE]


async def test_another_document_means_another_fit(tmp_path: Path) -> None:
    """What was configured anew starts afresh; only the samples are taken over."""
    clock = ManualClock(later(7200.0))
    cluster = FakeCluster("orders", clock)
    fitted = []
    for policy in (Quantile(), Quantile(), Quantile(quantile=0.9)):
        async with workbench(tmp_path, clock=clock, policy=policy, forecaster=LastValue()) as bench:
            (worker,) = await bench.workers([cluster])
            await worker.work(clock.now())
            newest = await bench.journal.newest("orders")
            fitted.append(newest and newest.inputs.fitted_at)
        await clock.advance(60.0)

    assert fitted == [later(7200.0), later(7200.0), later(7320.0)]


async def test_a_moment_decided_about_before_a_restart_is_not_decided_about_again(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    reports = []
    for _ in range(2):
        async with workbench(tmp_path, clock=clock) as bench:
            (worker,) = await bench.workers([cluster])
            reports.append(await worker.work(clock.now()))
            assert len(await bench.journal.entries("orders", limit=9)) == 1
            assert not worker.is_due(clock.now())
            assert worker.is_due(later(60.0))

    assert [report is None for report in reports] == [False, True]


def in_store(folder: Path, statement: str) -> None:
    """Behind the service's back."""
    with closing(sqlite3.connect(folder / "autoscaler.db")) as connection:
        connection.execute(statement)


def waves(at: datetime) -> float:
    """Three hours from crest to crest, and a shorter ripple."""
    minutes = (at - MONDAY).total_seconds() / 60
    return 6.0 + 5.0 * sin(minutes / 180 * tau) + sin(minutes / 17 * tau)


async def decided(folder: Path, policy: Policy, *, restarts: Collection[int]) -> tuple[list[JournalEntry], list[Range]]:
    """What a service decides in some hours, if it is restarted before these ticks; and what it asked for."""
    clock = ManualClock()
    cluster = FakeCluster("orders", clock, demand_at=waves)
    bounds = [0, *sorted(restarts), TICKS]
    entries: tuple[JournalEntry, ...] = ()
    for first, last in pairwise(bounds):
        async with workbench(folder, clock=clock, policy=policy, forecaster=LastValue(), outlook=OFTEN) as bench:
            job = await bench.job(cluster)
            mind = await recover(job, bench.means)
            for _ in range(first, last):
                await tick(job, bench.means, mind, clock.now())
                await clock.advance(60.0)
            entries = await bench.journal.entries("orders", limit=TICKS)
    return list(entries), cluster.asked


@pytest.mark.parametrize("policy", [Reactive(), Quantile()], ids=["reactive", "quantile"])
async def test_a_service_that_is_restarted_decides_as_if_it_had_not_been(policy: Policy, tmp_path: Path) -> None:
    """Also between two fits, in the middle of a forecast window, and twice in a row."""
    uninterrupted = await decided(tmp_path / "a", policy, restarts=())
    restarted = await decided(tmp_path / "b", policy, restarts=(1, 7, 33, 34, 100, 151))

    assert restarted == uninterrupted
    assert len(uninterrupted[0]) == TICKS
    assert len(uninterrupted[1]) > 5


LOOKING_AHEAD = make_cluster(scenario="analytics", policy=PolicyDocument(policy="quantile", forecaster="last-value"))


async def test_a_simulated_world_is_the_same_after_a_restart(tmp_path: Path) -> None:
    uninterrupted = await lived(tmp_path / "a", LOOKING_AHEAD, parts=(240,))
    restarted = await lived(tmp_path / "b", LOOKING_AHEAD, parts=(3, 60, 100, 77))

    assert restarted == uninterrupted
    assert len(uninterrupted[0]) == 240
    assert uninterrupted[2]


@pytest.mark.parametrize("policy", ["native", "quantile"])
async def test_what_was_learned_of_its_memory_survives_a_restart(policy: str, tmp_path: Path) -> None:
    document = PolicyDocument(policy=policy, forecaster="last-value" if policy == "quantile" else None)
    cluster = make_cluster(scenario="analytics", policy=document, working_set_gib=20.0)
    uninterrupted = await lived(tmp_path / "a", cluster, parts=(180,))
    restarted = await lived(tmp_path / "b", cluster, parts=(3, 60, 40, 77))

    assert restarted == uninterrupted
    assert uninterrupted[3] is not None
    assert "keep_the_working_set_in_memory" in str(uninterrupted[0])


async def lived(
    folder: Path, cluster: ClusterSettings, *, parts: Collection[int]
) -> tuple[list[object], list[Status | None], list[float | None], WorkingSet | None]:
    """Decisions, statuses, capacity used and memory known of a simulated cluster whose service ends after each part."""
    told, clock = Recorder(), ManualClock()
    used: list[float | None] = []
    for ticks in parts:
        async with assembled(make_settings(folder, cluster), observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=ticks)
            used = [view.acu_hours and round(view.acu_hours, 9) for view in supervisor.views()]
    statuses = [report.status for report in told.reports]
    return decisions_of(told.reports), statuses, used, told.reports[-1].working_set


async def test_every_decision_can_be_computed_again_from_the_store_alone(tmp_path: Path) -> None:
    entries, _ = await decided(tmp_path, Quantile(), restarts=(50,))
    async with workbench(tmp_path, clock=ManualClock(), policy=Quantile()) as bench:
        job = await bench.job(FakeCluster("orders", bench.clock))
        for entry in entries:
            snapshot = await snapshot_of(entry, job, bench.journal)
            again = decide(snapshot, job.policy, job.rules, entry.inputs.memory)
            assert again == (entry.decision, entry.memory)

    assert any(entry.inputs.forecast_made_at for entry in entries)


async def snapshot_of(entry: JournalEntry, job: Job, journal: Journal) -> Snapshot:
    """What a decision saw: limits, prices and policy come from the document, all else from the journal."""
    inputs, cluster_id = entry.inputs, entry.decision.cluster_id
    seen: tuple[SeenSample, ...] = ()
    if inputs.recent_from is not None:
        seen = await journal.samples(cluster_id, since=inputs.recent_from, until=inputs.recent_to)
    made_at = inputs.forecast_made_at
    return Snapshot(
        cluster_id=cluster_id,
        at=entry.decision.at,
        limits=job.limits,
        status=inputs.status,
        recent=tuple(one.sample for one in seen),
        blind_seconds=inputs.blind_seconds,
        prices=job.prices,
        forecast=None if made_at is None else await journal.forecast(cluster_id, made_at),
        control=inputs.control,
    )

"""Ticks notice that somebody else changed a range, remember it over restarts, and leave every range fit to live on."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.core.capacity import Range
from autoscaler.core.control import Drift, Mode
from autoscaler.errors import ClusterError
from autoscaler.service.job import Means, Mind
from autoscaler.service.recovery import recover
from autoscaler.service.steering import Steering
from autoscaler.service.tick import tick
from autoscaler.storage.audit import Deed
from autoscaler.storage.controls import Controls, Orders
from autoscaler.storage.database import Database
from tests.fakes import MONDAY, AlwaysWishes, ManualClock, later, make_range
from tests.service.fleets import LARGE, LIMITS, SMALL, Bench, Crash, FakeCluster, raising, workbench
from tests.storage.builders import empty_store, url_in

GROWS, STAYS = AlwaysWishes(range=LARGE), AlwaysWishes(range=SMALL)
OUTSIDE = make_range(16, 64)
ADA = Deed(at=MONDAY, actor="ada", request_id="r-1", action="drift.acknowledge")


async def ticked(bench: Bench, cluster: FakeCluster, *, turn: int, mode: Mode = Mode.ENFORCE) -> Drift | None:
    """The drift that the tick of that minute saw, by a process that has just started."""
    job = replace(await bench.job(cluster), mode=mode)
    await bench.means.steering.refresh()
    report = await tick(job, bench.means, await recover(job, bench.means), later(60.0 * turn))
    return report.drift


def overtake(cluster: FakeCluster, wanted: Range = OUTSIDE) -> None:
    """Somebody else changes the range."""
    cluster.range = wanted


async def test_our_own_changes_are_no_drift_not_even_after_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        drifts = [await ticked(bench, cluster, turn=turn) for turn in range(4)]

    assert cluster.range == LARGE
    assert drifts == [None] * 4


async def test_a_change_from_outside_is_noticed_even_if_nobody_was_there_to_see_it(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=STAYS) as bench:
        await ticked(bench, cluster, turn=0)
    overtake(cluster)
    async with workbench(tmp_path, clock=clock, policy=STAYS) as bench:
        first, second = await ticked(bench, cluster, turn=9), await ticked(bench, cluster, turn=10)
        entries = await bench.journal.entries("orders", limit=1)

    assert first == second == Drift(at=later(540), before=SMALL, after=OUTSIDE)
    assert entries[0].inputs.drift == first, "a replay sees it, too"


async def test_it_is_acknowledged_by_an_order(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=STAYS) as plain, empty_store(url_in(tmp_path)) as database:
        bench = replace(plain, means=steered(plain.means, database))
        await ticked(bench, cluster, turn=0)
        overtake(cluster)
        await ticked(bench, cluster, turn=1)
        await Controls(database).change("orders", acknowledged, ADA, expected=None)
        seen = await ticked(bench, cluster, turn=2)

    assert seen is None or seen.acknowledged


def steered(means: Means, database: Database) -> Means:
    return replace(means, steering=Steering(Controls(database)))


def acknowledged(orders: Orders) -> Orders:
    return replace(orders, acknowledged=later(60))


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.RECOMMEND])
async def test_where_nothing_is_enforced_the_range_is_other_peoples(mode: Mode, tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=STAYS) as bench:
        await ticked(bench, cluster, turn=0, mode=mode)
        overtake(cluster)
        assert await ticked(bench, cluster, turn=1, mode=mode) is None
        assert await ticked(bench, cluster, turn=2) is None, "enforcing begins with the range as it is"


@pytest.mark.parametrize("at", ["before_change", "after_change"])
async def test_whenever_the_service_dies_the_range_left_is_one_we_asked_for_within_the_limits(
    at: str, tmp_path: Path
) -> None:
    """The dead-man rule: there is the old range or the new one, never half of both, and both can be lived on."""
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    setattr(cluster, at, raising(Crash()))
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        with pytest.raises(Crash):
            await ticked(bench, cluster, turn=0)
    left = cluster.range

    assert left in (SMALL, LARGE)
    assert LIMITS.clip(left) == left
    cluster.before_change = cluster.after_change = lambda: None
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        drifts = [await ticked(bench, cluster, turn=turn) for turn in range(1, 9)]
    assert cluster.range == LARGE
    assert drifts == [None] * 8, "what was left is no drift"


async def test_a_cluster_that_refuses_is_left_where_it_was(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    cluster.before_change = raising(ClusterError("not now"))
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        report = await tick(job, bench.means, Mind(outlook=job.new_outlook()), MONDAY)

    assert (report.outcome, cluster.range) == ("failed", SMALL)

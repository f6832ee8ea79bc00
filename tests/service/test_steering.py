"""Orders, modes and the kill switch, as live ticks obey them."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from autoscaler.core.control import Direction, Freeze, Mode, Override
from autoscaler.core.decision import Memory
from autoscaler.errors import AlreadyUsed, Outdated, StorageError
from autoscaler.service.job import Job, Means
from autoscaler.service.recovery import recover
from autoscaler.service.steering import KillSwitch, Steering
from autoscaler.service.tick import tick
from autoscaler.service.views import TickReport
from autoscaler.storage.audit import Audit, Deed
from autoscaler.storage.controls import Controls, Orders
from autoscaler.storage.database import Database
from autoscaler.storage.entries import State
from autoscaler.storage.once import Once
from autoscaler.storage.repositories import Clusters
from tests.fakes import MONDAY, AlwaysWishes, ManualClock, later
from tests.service.fleets import LARGE, SMALL, FakeCluster, workbench
from tests.storage.builders import empty_store, url_in

GROWS = AlwaysWishes(range=LARGE, reason="a test wishes more")
ADA = Deed(at=MONDAY, actor="ada", request_id="r-1", action="override.set")


async def one_tick(job: Job, means: Means, at: datetime = MONDAY) -> TickReport:
    await means.steering.refresh()
    return await tick(job, means, await recover(job, means), at)


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.RECOMMEND])
async def test_what_is_only_watched_is_decided_journalled_and_never_done(mode: Mode, tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = replace(await bench.job(cluster), mode=mode)
        report = await one_tick(job, bench.means)
        (entry,) = await bench.journal.entries("orders", limit=9)

    assert cluster.asked == []
    assert (entry.state, entry.outcome) == (State.NOT_ENFORCED, f"the mode is {mode}")
    assert (entry.decision.after, entry.inputs.control.mode) == (LARGE, mode)
    assert (report.outcome, report.detail) == ("not-enforced", f"the mode is {mode}")
    assert entry.memory == Memory(watching_since=None), "nothing happened, so nothing has to be spaced"


async def test_the_kill_switch_freezes_everything_within_a_tick_and_is_told_once(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "stop"
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        means = replace(bench.means, steering=Steering(switch=KillSwitch(path=file)))
        job = await bench.job(cluster)
        file.touch()
        with capture_logs() as lines:
            reports = [await one_tick(job, means, later(60.0 * turn)) for turn in range(3)]
            assert cluster.asked == []
            file.unlink()
            await one_tick(job, means, later(180))

    assert {report.decision.driver for report in reports if report.decision} == {"obey_a_freeze"}
    assert reports[0].decision is not None
    assert f"the kill switch is on: {file} exists" in reports[0].decision.reason
    assert [line["event"] for line in lines] == ["frozen", "thawed"]
    assert cluster.asked == [LARGE]


async def test_not_even_the_owners_limits_move_a_range_while_the_kill_switch_is_on(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock)
    async with workbench(tmp_path, clock=clock, policy=GROWS) as bench:
        job = await bench.job(cluster)
        job = replace(job, limits=replace(job.limits, max_acu=4))
        means = replace(bench.means, steering=Steering(switch=KillSwitch(environ={"AUTOSCALER_FREEZE": "1"})))
        report = await one_tick(job, means)

    assert cluster.asked == []
    assert report.told_outcome == "not-enforced: the kill switch is on: AUTOSCALER_FREEZE is set"


def test_a_switch_that_cannot_be_looked_for_counts_as_on(tmp_path: Path) -> None:
    long_name = tmp_path / ("x" * 5000)

    assert KillSwitch(path=long_name).reason() == f"cannot look for {long_name} (File name too long)"
    assert KillSwitch(path=tmp_path / "none").reason() == KillSwitch(environ={"AUTOSCALER_FREEZE": ""}).reason() == ""


async def registered(database: Database) -> Controls:
    await Clusters(database).register("orders", at=MONDAY, document={})
    return Controls(database)


def overridden(orders: Orders) -> Orders:
    return replace(orders, override=Override(range=LARGE, until=later(3600), by="ada"))


async def test_orders_outlive_the_process_and_end_by_the_ticks_own_time(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        await (await registered(database)).change("orders", overridden, ADA, expected=0)
    async with empty_store(url_in(tmp_path)) as database:
        steering = Steering(Controls(database))
        await steering.refresh()

    ordered = steering.control("orders", at=later(3599), mode=Mode.OBSERVE)
    assert (ordered.override, ordered.mode) == (overridden(Orders(cluster_id="orders")).override, Mode.OBSERVE)
    assert steering.control("orders", at=later(3600), mode=Mode.ENFORCE).override is None


async def test_another_processes_orders_are_seen_at_the_next_beat(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database, empty_store(url_in(tmp_path)) as elsewhere:
        steering = Steering(await registered(database))
        await steering.refresh()
        await Controls(elsewhere).change("orders", lambda old: replace(old, mode=Mode.ENFORCE), ADA, expected=None)
        assert steering.orders("orders").revision == 0
        await steering.refresh()

    assert steering.orders("orders") == Orders(cluster_id="orders", revision=1, mode=Mode.ENFORCE)


async def test_a_store_that_is_away_leaves_the_last_known_orders_in_force(tmp_path: Path) -> None:
    class Broken(Controls):
        async def since(self, revision: int) -> tuple[Orders, ...]:
            raise StorageError("gone")

    async with empty_store(url_in(tmp_path)) as database:
        steering = Steering(Broken(database))
        with capture_logs() as lines:
            await steering.refresh()
            await steering.refresh()

    assert [line["event"] for line in lines] == ["orders_unread"]


async def test_an_order_is_obeyed_journalled_and_its_end_is_too(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock, held=LARGE)
    async with (
        workbench(tmp_path, clock=clock, policy=AlwaysWishes(range=SMALL)) as bench,
        empty_store(url_in(tmp_path)) as db,
    ):
        job = await bench.job(cluster)
        freeze = Freeze(direction=Direction.BOTH, until=later(60), by="ada")
        await Controls(db).change("orders", lambda old: replace(old, freeze=freeze), ADA, expected=None)
        means = replace(bench.means, steering=Steering(Controls(db)))
        for turn in range(2):
            await one_tick(job, means, later(60.0 * turn))
        after, before = await bench.journal.entries("orders", limit=9)

    assert (before.inputs.control.freeze, after.inputs.control.freeze) == (freeze, None)


async def test_a_change_of_what_one_has_not_seen_is_refused(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        controls = await registered(database)
        await controls.change("orders", overridden, ADA, expected=0)

        with pytest.raises(Outdated, match="at revision 1, not 0"):
            await controls.change("orders", overridden, ADA, expected=0)


async def test_the_same_key_changes_something_once(tmp_path: Path) -> None:
    once = Once(key="k", fingerprint="PUT /x")
    async with empty_store(url_in(tmp_path)) as database:
        controls = await registered(database)
        first = await controls.change("orders", overridden, ADA, expected=0, once=once)
        again = await controls.change("orders", overridden, ADA, expected=0, once=once)
        with pytest.raises(AlreadyUsed, match="'k' was used for another request"):
            await controls.change("orders", overridden, ADA, expected=0, once=replace(once, fingerprint="PUT /y"))
        lines = await Audit(database).entries(limit=9)

    assert first == again
    assert [(line.actor, line.action, line.subject, line.before["override"]) for line in lines] == [
        ("ada", "override.set", "orders", None)
    ]
    assert lines[0].after["override"]["range"]["floor_acu"] == LARGE.floor_acu


@pytest.mark.parametrize("statement", ["update audit set actor = 'eve'", "delete from audit"])
async def test_nobody_rewrites_the_audit_log(statement: str, tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        await (await registered(database)).change("orders", overridden, ADA, expected=0)

        with pytest.raises(StorageError, match="only grows"):
            async with database.write() as connection:
                await connection.exec_driver_sql(statement)

"""The fleet while the service runs: clusters join, change and leave, and what is broken stops nobody else."""

from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from autoscaler.config import PolicyDocument
from autoscaler.core.control import Mode
from autoscaler.errors import Outdated, StorageError, UnknownName
from autoscaler.service.opening import opened
from autoscaler.service.roster import Roster, settings_of, sow
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.wiring import acting
from autoscaler.service.workload import WorkloadDocument
from autoscaler.storage.audit import Audit, Deed
from autoscaler.storage.controls import Controls
from autoscaler.storage.database import Database
from autoscaler.storage.repositories import Journal
from autoscaler.storage.roster import Listing, Listings, Origin
from tests.fakes import MONDAY, ManualClock, later
from tests.service.builders import Recorder, make_cluster, make_settings, run_for
from tests.storage.builders import empty_store, url_in

ADA = Deed(at=MONDAY, actor="ada", request_id="r-1", action="cluster.register")


def listed(one: ClusterSettings) -> Listing:
    document = one.model_dump(mode="json")
    return Listing(cluster_id=one.id, revision=0, origin=Origin.API, document=document, registered_at=MONDAY)


async def register(database: Database, one: ClusterSettings) -> Listing:
    return await Listings(database).change(one.id, lambda before: listed(one), ADA)


async def remove(database: Database, cluster_id: str) -> Listing:
    def removed(before: Listing | None) -> Listing:
        assert before is not None
        return replace(before, origin=Origin.API, removed_at=later(60))

    return await Listings(database).change(cluster_id, removed, replace(ADA, action="cluster.remove"))


async def ids(database: Database, *seeds: ClusterSettings) -> list[str]:
    await sow(seeds, Listings(database), at=MONDAY)
    roster = Roster(Listings(database))
    await roster.refresh()
    return sorted(roster.members)


async def test_a_cluster_joins_changes_and_leaves_without_a_restart(tmp_path: Path) -> None:
    clock, told, left = ManualClock(), Recorder(), list[list[str]]()
    settings = make_settings(tmp_path, make_cluster("shop"))
    async with (
        opened(settings, clock=clock) as store,
        acting(settings, store, observers=[told], retain=lambda names: left.append(list(names))) as supervisor,
    ):
        await run_for(supervisor, clock, ticks=2)
        await register(store.database, make_cluster("lab", scenario="analytics"))
        await run_for(supervisor, clock, ticks=3)
        native = make_cluster("lab", scenario="analytics", policy=PolicyDocument(policy="native"))
        await register(store.database, native)
        await run_for(supervisor, clock, ticks=2)
        assert supervisor.view("lab").policy == "native"
        await remove(store.database, "lab")
        await run_for(supervisor, clock, ticks=2)
        with pytest.raises(UnknownName, match="there are: shop"):
            supervisor.view("lab")
        kept = await Journal(store.database).entries("lab", limit=99)

    assert [report.failed for report in told.reports] == [None] * 14
    assert (len(told.of("shop")), len(told.of("lab"))) == (9, 5)
    assert left == [["shop"]]
    assert len(kept) == 5, "the history of a removed cluster stays"


async def test_a_changed_policy_keeps_the_world_of_its_cluster(tmp_path: Path) -> None:
    clock, told = ManualClock(), Recorder()
    settings = make_settings(tmp_path, make_cluster("shop"))
    async with opened(settings, clock=clock) as store, acting(settings, store, observers=[told]) as supervisor:
        await run_for(supervisor, clock, ticks=5)
        before = told.reports[-1].status
        await register(store.database, make_cluster("shop", policy=PolicyDocument(policy="native")))
        await run_for(supervisor, clock, ticks=1)

    assert before is not None
    assert told.reports[-1].status is not None
    assert told.reports[-1].status.changed_at == before.changed_at


@pytest.mark.parametrize("document", [{"workload": {"trace": {"file": "/nowhere.csv"}}}, {"cluster": "gone"}])
async def test_a_cluster_that_cannot_be_made_stops_no_other_and_is_told(
    document: dict[str, object], tmp_path: Path
) -> None:
    clock, told = ManualClock(), Recorder()
    settings = make_settings(tmp_path, make_cluster("shop"))
    broken = make_cluster("broken").model_dump(mode="json") | document
    async with opened(settings, clock=clock) as store, acting(settings, store, observers=[told]) as supervisor:
        with capture_logs() as lines:
            await Listings(store.database).change(
                "broken", lambda before: replace(listed(make_cluster("broken")), document=broken), ADA
            )
            await run_for(supervisor, clock, ticks=8)
        views = {view.cluster_id: view for view in supervisor.views()}

    assert len(told.of("shop")) == 8
    unusable = [line["reason"] for line in lines if line["event"] == "cluster_unusable"]
    if "workload" in document:
        assert (views["broken"].failures, unusable) == (3, []), "asked ever more rarely"
        assert "no trace file /nowhere.csv" in str(views["broken"].error)
    else:
        assert ("broken" in views, len(unusable)) == (False, 1)


async def test_a_cluster_registered_under_an_old_name_of_its_policy_is_decided_about(tmp_path: Path) -> None:
    """What is called quantile now was predictive once."""
    clock, told = ManualClock(), Recorder()
    old = {"policy": "predictive", "settings": {"quantile": 0.9}, "forecaster": "last-value"}
    document = make_cluster("shop").model_dump(mode="json") | {"policy": old}
    settings = make_settings(tmp_path, make_cluster("lab"))
    async with opened(settings, clock=clock) as store, acting(settings, store, observers=[told]) as supervisor:
        await Listings(store.database).change(
            "shop", lambda before: replace(listed(make_cluster("shop")), document=document), ADA
        )
        await run_for(supervisor, clock, ticks=4)
        policy = supervisor.view("shop").policy

    assert (policy, len(told.of("shop")) > 2) == ("quantile", True)


async def test_a_broken_cluster_of_the_file_lets_the_service_start(tmp_path: Path) -> None:
    clock, told = ManualClock(), Recorder()
    lost = WorkloadDocument.model_validate({"trace": {"file": tmp_path / "load.csv"}})
    broken = make_cluster("broken").model_copy(update={"workload": lost})
    settings = make_settings(tmp_path, broken, make_cluster("shop"))
    async with opened(settings, clock=clock) as store, acting(settings, store, observers=[told]) as supervisor:
        await run_for(supervisor, clock, ticks=1)
        (tmp_path / "load.csv").write_text("timestamp,acu\n2026-03-02T00:00:00Z,1\n2026-03-02T00:01:00Z,2\n")
        await run_for(supervisor, clock, ticks=2)

    assert [report.failed is None for report in told.of("broken")] == [False, True, True]
    assert len(told.of("shop")) == 3


async def test_the_file_counts_until_somebody_changes_a_cluster_over_the_api(tmp_path: Path) -> None:
    shop, lab = make_cluster("shop"), make_cluster("lab")
    renamed = shop.model_copy(update={"title": "The shop"})
    async with empty_store(url_in(tmp_path)) as database:
        assert await ids(database, shop, lab) == ["lab", "shop"]
        assert await ids(database, renamed) == ["shop"]
        (first,) = [one for one in await Listings(database).since(0) if one.cluster_id == "shop"]
        assert (first.origin, settings_of(first).title) == (Origin.FILE, "The shop")

        await register(database, shop.model_copy(update={"title": "Changed by Ada"}))
        with capture_logs() as lines:
            assert await ids(database, renamed, lab) == ["lab", "shop"]
            await remove(database, "lab")
            assert await ids(database, renamed, lab) == ["shop"]
            assert await ids(database) == ["shop"]
        last = {one.cluster_id: one for one in await Listings(database).since(0)}

    assert settings_of(last["shop"]).title == "Changed by Ada"
    assert [line["event"] for line in lines] == ["seed_overruled"] * 3
    assert [line["cluster"] for line in lines[:1]] == ["shop"]
    assert {line["cluster"] for line in lines[1:]} == {"lab", "shop"}


async def test_sowing_the_same_again_writes_nothing(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        await ids(database, make_cluster("shop"), make_cluster("lab"))
        before = await Listings(database).since(0)
        await ids(database, make_cluster("shop"), make_cluster("lab"))
        assert await Listings(database).since(0) == before


async def test_a_cluster_that_comes_back_has_no_orders_left(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        await register(database, make_cluster("shop"))
        controls = Controls(database)
        await controls.change("shop", lambda orders: replace(orders, mode=Mode.ENFORCE), ADA, expected=None)
        await remove(database, "shop")
        await register(database, make_cluster("shop"))
        (orders,) = await controls.since(0)
        deeds = await Audit(database).entries(limit=9)

    assert (orders.mode, orders.revision) == (None, 2)
    assert [entry.action for entry in deeds] == [
        "cluster.register",
        "cluster.remove",
        "cluster.register",
        "cluster.register",
    ]
    assert deeds[1].before["removed_at"] is None


async def test_who_has_seen_an_older_revision_changes_nothing(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        await register(database, make_cluster("lab"))
        await register(database, make_cluster("shop"))
        with pytest.raises(Outdated, match="shop is at revision 2, not 1; read its settings again"):
            await Listings(database).change("shop", lambda before: listed(make_cluster("shop")), ADA, expected=1)


async def test_a_store_that_is_away_leaves_the_fleet_as_it_was(tmp_path: Path) -> None:
    class Broken(Listings):
        async def since(self, revision: int) -> tuple[Listing, ...]:
            raise StorageError("gone")

    async with empty_store(url_in(tmp_path)) as database:
        roster = Roster(Broken(database), [make_cluster("shop")])
        with capture_logs() as lines:
            await roster.refresh()
            await roster.refresh()

    assert [line["event"] for line in lines] == ["roster_unread"]
    assert list(roster.members) == ["shop"]

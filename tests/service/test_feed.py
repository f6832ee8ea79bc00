"""The feed: what happened is said at once, kept in batches, and read by whoever comes later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from autoscaler.errors import StorageError
from autoscaler.observability.events import ENDS, Event, Kind, Severity, severity
from autoscaler.service import feed as feed_module
from autoscaler.service.feed import Feed
from autoscaler.storage.database import Database
from autoscaler.storage.events import Events
from tests.fakes import MONDAY, ManualClock
from tests.storage.builders import empty_store, url_in


@asynccontextmanager
async def opened_feed(url: str) -> AsyncIterator[tuple[Feed, Events]]:
    async with empty_store(url) as database:
        events = Events(database)
        feed = Feed(events, now=ManualClock().now)
        await feed.start()
        yield feed, events
        await feed.close()


def heard(feed: Feed) -> list[Event]:
    events: list[Event] = []
    feed.listen(events.append)
    return events


async def test_what_is_emitted_is_kept_in_its_order(url: str) -> None:
    async with opened_feed(url) as (feed, events):
        feed.emit(Kind.CHANGE_APPLIED, "a change", cluster_id="orders", floor_acu=2.0)
        feed.emit(Kind.LEADING, "one acts")
        await feed.newer_than(1)
        kept = await events.after(0, limit=10)

    first = Event(kind=Kind.CHANGE_APPLIED, at=MONDAY, text="a change", cluster_id="orders", details={"floor_acu": 2.0})
    second = Event(kind=Kind.LEADING, at=MONDAY, text="one acts")
    assert [(one.id, one.event) for one in kept] == [(1, first), (2, second)]


async def test_readers_choose_kinds_and_clusters_and_go_either_way(url: str) -> None:
    async with opened_feed(url) as (feed, events):
        for cluster_id in ("orders", "bills", "orders"):
            feed.emit(Kind.BLIND, "no metrics", cluster_id=cluster_id)
        feed.emit(Kind.SEEING, "metrics", cluster_id="orders")
        await feed.newer_than(3)

        assert [one.id for one in await events.after(1, limit=10, cluster_id="orders")] == [3, 4]
        assert [one.id for one in await events.after(0, limit=10, kinds=[Kind.SEEING])] == [4]
        assert [one.id for one in await events.before(None, limit=2)] == [4, 3]
        assert [one.id for one in await events.before(3, limit=5, cluster_id="orders")] == [1]


def test_a_condition_is_said_once_and_so_is_its_end() -> None:
    feed = Feed()
    said = heard(feed)

    for holds in (False, True, True, False, False, True):
        feed.follow(Kind.DRIFT, holds, "drifted", cluster_id="orders")

    assert [event.kind for event in said] == [Kind.DRIFT, Kind.DRIFT_OVER, Kind.DRIFT]
    assert feed.lasts(Kind.DRIFT, "orders")


async def test_a_restart_does_not_repeat_what_lasts(url: str) -> None:
    async with opened_feed(url) as (feed, events):
        feed.follow(Kind.BLIND, True, "no metrics", cluster_id="orders")
        feed.follow(Kind.BLIND, True, "no metrics", cluster_id="bills")
        feed.follow(Kind.BLIND, False, "metrics", cluster_id="bills")
        await feed.newer_than(2)
        again = Feed(events)
        said = heard(again)
        await again.remember()
        for name in ("orders", "bills"):
            again.follow(Kind.BLIND, True, "no metrics", cluster_id=name)

    assert [event.cluster_id for event in said] == ["bills"]


async def test_a_stop_writes_what_still_waits(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        feed = Feed(Events(database))
        await feed.start()
        for number in range(feed_module.AT_ONCE + 1):
            feed.emit(Kind.LEADING, f"number {number}")
        await feed.close()

        assert await Events(database).newest_id() == feed_module.AT_ONCE + 1


class AwayFor(Events):
    """A store that refuses the first writes."""

    def __init__(self, database: Database, times: int) -> None:
        super().__init__(database)
        self.left = times

    async def add(self, events: object) -> int:
        self.left -= 1
        if self.left >= 0:
            raise StorageError("gone fishing")
        return await super().add(events)  # type: ignore[arg-type]


async def test_while_the_store_is_away_events_wait_and_the_oldest_are_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(feed_module, "MOST_WAITING", 3)
    async with empty_store(url_in(tmp_path)) as database:
        feed = Feed(AwayFor(database, 2))
        for number in range(5):
            feed.emit(Kind.LEADING, f"number {number}")
        await feed.start()
        await feed.newer_than(0)
        kept = await Events(database).after(0, limit=10)
        await feed.close()

    assert [one.event.text for one in kept] == ["number 2", "number 3", "number 4"]
    assert feed.dropped == 2


async def test_a_replica_hears_of_what_another_one_wrote(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "POLL_SECONDS", 0.01)
    async with opened_feed(postgres_url) as (one, events):
        other = Feed(events)
        await other.start()
        waiting = asyncio.create_task(other.newer_than(0))
        one.emit(Kind.LEADING, "one acts")
        await waiting
        await other.close()


def test_every_condition_is_worse_than_its_end() -> None:
    assert {severity(end) for end in ENDS.values()} == {Severity.INFO}
    assert Severity.INFO not in {severity(kind) for kind in ENDS}
    assert [Severity.WARNING.includes(one) for one in Severity] == [False, True, True]

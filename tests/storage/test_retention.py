"""What is old becomes less, and nothing that is needed goes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from autoscaler.core.samples import Sample
from autoscaler.errors import LeaseLost
from autoscaler.storage.database import Database
from autoscaler.storage.entries import Kept, Removed, State
from autoscaler.storage.lease import Open, Token
from autoscaler.storage.repositories import Clusters, Journal
from autoscaler.storage.retention import Retention
from autoscaler.storage.tables import ForecastTable, SampleTable
from tests.fakes import MONDAY, later
from tests.storage.builders import LARGE, SMALL, empty_store, make_decision, make_forecast, make_record, make_sample

DAY, MINUTE = 86_400.0, 60.0
KEPT = Kept(
    samples=timedelta(days=1),
    five_minutes=timedelta(days=2),
    hours=timedelta(days=3),
    every_decision=timedelta(days=1),
    decisions=timedelta(days=3),
    events=timedelta(days=3),
)


def retention(database: Database) -> Retention:
    return Retention(database, Open(), KEPT)


def minutes(begin: float, end: float) -> tuple[Sample, ...]:
    return tuple(make_sample(float(second), 1.0 + second % 7) for second in range(int(begin), int(end), 60))


async def with_samples(database: Database, *, days: int) -> Journal:
    """A day of minutes comes with each decision."""
    await Clusters(database).register("orders", at=MONDAY, document={})
    journal = Journal(database)
    for day in range(days):
        record = make_record(make_decision(later((day + 1) * DAY)), samples=minutes(day * DAY, (day + 1) * DAY))
        await journal.write(replace(record, forecast=make_forecast(later((day + 1) * DAY))))
    return journal


async def lengths(database: Database) -> list[tuple[float, int]]:
    counted = select(SampleTable.seconds, func.count()).group_by(SampleTable.seconds).order_by(SampleTable.seconds)
    async with database.read() as connection:
        return [(seconds, count) for seconds, count in await connection.execute(counted)]


async def test_minutes_become_five_minutes_become_hours_become_nothing(url: str) -> None:
    async with empty_store(url) as database:
        journal = await with_samples(database, days=4)
        before = await journal.acu_hours("orders")
        removed = await retention(database).run(later(4 * DAY))

        assert await lengths(database) == [(60.0, 1440), (300.0, 288), (3600.0, 24)]
        assert removed.samples == 4 * 1440 - 1440 - 288 - 24
        assert await journal.acu_hours("orders") == pytest.approx(before)


async def test_what_another_release_sees_to_is_left_alone(url: str) -> None:
    async with empty_store(url) as database:
        await with_samples(database, days=4)
        for mine in ({"bills"}, set[str]()):
            assert await Retention(database, Open(), KEPT, only=mine).run(later(4 * DAY)) == Removed()

        assert (await Retention(database, Open(), KEPT, only={"orders"}).run(later(4 * DAY))).samples > 0


async def test_a_second_run_finds_nothing_to_do(url: str) -> None:
    async with empty_store(url) as database:
        await with_samples(database, days=4)
        await retention(database).run(later(4 * DAY))
        before = await lengths(database)

        assert await retention(database).run(later(4 * DAY)) == Removed()
        assert await lengths(database) == before


async def test_many_small_runs_leave_the_same_as_one(url: str) -> None:
    async with empty_store(url) as database:
        journal = await with_samples(database, days=4)
        before = await journal.acu_hours("orders")
        for hour in range(0, 97, 7):
            await retention(database).run(later(hour * 3600.0))
        await retention(database).run(later(4 * DAY))

        assert await lengths(database) == [(60.0, 1440), (300.0, 288), (3600.0, 24)]
        assert await journal.acu_hours("orders") == pytest.approx(before)


async def test_all_that_is_forgotten_still_counts(url: str) -> None:
    async with empty_store(url) as database:
        journal = await with_samples(database, days=1)
        before = await journal.acu_hours("orders")
        await retention(database).run(later(30 * DAY))

        assert await lengths(database) == []
        assert await journal.acu_hours("orders") == pytest.approx(before)


async def test_forecasts_go_with_the_samples_they_were_made_from(url: str) -> None:
    async with empty_store(url) as database:
        await with_samples(database, days=4)
        removed = await retention(database).run(later(4 * DAY))
        async with database.read() as connection:
            left = await connection.scalar(select(func.count()).select_from(ForecastTable))

    assert (removed.forecasts, left) == (2, 2)


async def decided(journal: Journal, at: datetime, *, state: State | None = None) -> int:
    """A decision that changes nothing, or one that ended like this."""
    after = SMALL if state is None else LARGE
    entry_id = await journal.write(make_record(make_decision(at, after=after)))
    if state is not None and state is not State.PLANNED:
        await journal.finish(entry_id, state, outcome=None, at=at)
    return entry_id


async def ids(journal: Journal) -> list[int]:
    return [entry.id for entry in reversed(await journal.entries("orders", limit=10_000))]


async def test_of_old_decisions_that_changed_nothing_one_an_hour_is_left(url: str) -> None:
    async with empty_store(url) as database:
        await Clusters(database).register("orders", at=MONDAY, document={})
        journal = Journal(database)
        idle = [await decided(journal, later(turn * 10 * MINUTE)) for turn in range(12)]
        change = await decided(journal, later(125 * MINUTE), state=State.REFUSED)
        young = [await decided(journal, later(DAY + turn * 10 * MINUTE)) for turn in range(12, 18)]
        removed = await retention(database).run(later(2 * DAY + 2 * 3600))

        assert await ids(journal) == [idle[0], idle[6], change, *young]
        assert removed.decisions == 10


async def test_what_a_restart_needs_stays_however_old_it_is(url: str) -> None:
    async with empty_store(url) as database:
        await Clusters(database).register("orders", at=MONDAY, document={})
        journal = Journal(database)
        await decided(journal, later(0), state=State.APPLIED)
        planned = await decided(journal, later(60), state=State.PLANNED)
        applied = await decided(journal, later(120), state=State.APPLIED)
        await decided(journal, later(180), state=State.FAILED)
        newest = await decided(journal, later(240))
        await retention(database).run(later(400 * DAY))

        assert await ids(journal) == [planned, applied, newest]


async def test_an_empty_store_has_nothing_to_forget(url: str) -> None:
    async with empty_store(url) as database:
        await Clusters(database).register("orders", at=MONDAY, document={})

        assert await retention(database).run(later(400 * DAY)) == Removed()


async def test_whoever_lost_the_lease_removes_nothing(url: str) -> None:
    async with empty_store(url) as database:
        await with_samples(database, days=2)
        with pytest.raises(LeaseLost):
            await Retention(database, Token(99), KEPT).run(later(4 * DAY))

        assert await lengths(database) == [(60.0, 2880)]

"""What goes into the store comes out as it was."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.plain import to_plain
from autoscaler.errors import StorageError
from autoscaler.registry import build
from autoscaler.storage.database import Database
from autoscaler.storage.entries import AppliedRange, Inputs, JournalEntry, Record, Registration, SeenSample, State
from autoscaler.storage.repositories import Clusters, Journal
from tests.fakes import MONDAY, later
from tests.storage.builders import (
    LARGE,
    SMALL,
    empty_store,
    make_decision,
    make_forecast,
    make_record,
    make_sample,
)
from tests.strategies import controls, memories, statuses

DOCUMENT = {"policy": {"policy": "reactive"}}
GROWS = make_decision(before=SMALL, after=LARGE)


async def registered(database: Database) -> Journal:
    await Clusters(database).register("orders", at=MONDAY, document=DOCUMENT)
    return Journal(database)


def entry_of(record: Record, entry_id: int, *, state: State, outcome: str | None, at: datetime | None) -> JournalEntry:
    return JournalEntry(
        id=entry_id,
        decision=record.decision,
        memory=record.memory,
        inputs=record.inputs,
        document_id=record.document_id,
        state=state,
        outcome=outcome,
        finished_at=at,
    )


async def test_a_decision_is_planned_until_it_is_finished(url: str) -> None:
    record = make_record(GROWS, blind_seconds=inf)
    async with empty_store(url) as database:
        journal = await registered(database)
        entry_id = await journal.write(record)
        planned = await journal.newest("orders")
        await journal.finish(entry_id, State.APPLIED, outcome="done", at=later(5))
        finished = await journal.newest("orders")

    assert planned == entry_of(record, entry_id, state=State.PLANNED, outcome=None, at=None)
    assert finished == entry_of(record, entry_id, state=State.APPLIED, outcome="done", at=later(5))


async def test_a_decision_that_changes_nothing_has_nothing_to_finish(url: str) -> None:
    async with empty_store(url) as database:
        journal = await registered(database)
        entry_id = await journal.write(make_record(make_decision()))
        entry = await journal.newest("orders")

        with pytest.raises(StorageError, match=f"no planned decision {entry_id}"):
            await journal.finish(entry_id, State.APPLIED, outcome=None, at=MONDAY)

    assert entry is not None
    assert entry.state is State.NONE


async def test_a_decision_is_finished_once(url: str) -> None:
    async with empty_store(url) as database:
        journal = await registered(database)
        entry_id = await journal.write(make_record(GROWS))
        await journal.finish(entry_id, State.ABANDONED, outcome="too late", at=MONDAY)

        with pytest.raises(StorageError, match="another service finished it"):
            await journal.finish(entry_id, State.APPLIED, outcome=None, at=MONDAY)

        assert await journal.planned("orders") == ()


async def test_of_two_decisions_at_one_moment_only_the_first_is_kept(url: str) -> None:
    first, second = make_sample(-60, 1.0), make_sample(0, 2.0)
    async with empty_store(url) as database:
        journal = await registered(database)
        await journal.write(make_record(GROWS, samples=(first,)))

        with pytest.raises(StorageError, match=r"UNIQUE constraint failed|violates unique constraint"):
            await journal.write(make_record(make_decision(), samples=(second,)))

        assert [entry.decision for entry in await journal.entries("orders", limit=9)] == [GROWS]
        assert await journal.samples("orders", since=later(-600)) == (SeenSample(seen_at=MONDAY, sample=first),)


async def test_a_decision_about_a_cluster_nobody_registered_is_refused(url: str) -> None:
    async with empty_store(url) as database:
        with pytest.raises(StorageError, match=r"(?i)foreign key constraint"):
            await Journal(database).write(make_record(GROWS))


async def test_entries_come_newest_first_and_in_pages(url: str) -> None:
    async with empty_store(url) as database:
        journal = await registered(database)
        ids = [await journal.write(make_record(make_decision(later(60.0 * turn)))) for turn in range(5)]
        first = await journal.entries("orders", limit=2)
        rest = await journal.entries("orders", limit=9, before=first[-1].id)

        assert [entry.id for entry in (*first, *rest)] == ids[::-1]
        assert await journal.entries("bills", limit=9) == ()


async def test_unfinished_decisions_are_found_oldest_first(url: str) -> None:
    async with empty_store(url) as database:
        journal = await registered(database)
        ids = [await journal.write(make_record(replace(GROWS, at=later(60.0 * turn)))) for turn in range(3)]
        await journal.finish(ids[1], State.REFUSED, outcome="busy", at=later(61))

        assert [entry.id for entry in await journal.planned("orders")] == [ids[0], ids[2]]


async def test_only_ranges_the_provider_took_are_applied(url: str) -> None:
    async with empty_store(url) as database:
        journal = await registered(database)
        for turn, state in enumerate((State.APPLIED, State.REFUSED, State.ABANDONED)):
            entry_id = await journal.write(make_record(replace(GROWS, at=later(60.0 * turn))))
            await journal.finish(entry_id, state, outcome=None, at=later(60.0 * turn + 2))

        assert await journal.applied("orders") == (AppliedRange(at=later(2), range=LARGE),)


async def test_samples_come_back_as_they_were_seen(url: str) -> None:
    early, late = (make_sample(0, None), make_sample(60, 0.1 + 0.2)), (make_sample(120, 3.0),)
    async with empty_store(url) as database:
        journal = await registered(database)
        await journal.write(make_record(make_decision(later(180)), samples=early))
        await journal.write(make_record(make_decision(later(240)), samples=late))

        assert await journal.samples("orders", since=later(60)) == (
            SeenSample(seen_at=later(180), sample=early[1]),
            SeenSample(seen_at=later(240), sample=late[0]),
        )
        assert [seen.sample for seen in await journal.samples("orders", since=MONDAY, until=later(60))] == [*early]


async def test_capacity_used_is_the_sum_over_all_samples(url: str) -> None:
    async with empty_store(url) as database:
        journal = await registered(database)
        assert await journal.acu_hours("orders") is None

        samples = (make_sample(0, 1.0), replace(make_sample(60, 1.0), capacity_acu=None), make_sample(120, 1.0))
        await journal.write(make_record(make_decision(later(180)), samples=samples))

        assert await journal.acu_hours("orders") == pytest.approx(2 * 4.0 / 60)


async def test_a_forecast_is_kept_once_for_all_who_looked_at_it(url: str) -> None:
    forecast = make_forecast()
    async with empty_store(url) as database:
        journal = await registered(database)
        await journal.write(make_record(make_decision(), forecast=forecast))

        assert await journal.forecast("orders", forecast.made_at) == forecast
        assert await journal.forecast("orders", later(1)) is None


async def test_a_cluster_keeps_its_start_and_each_of_its_documents(url: str) -> None:
    other = {"policy": {"policy": "predictive"}}
    async with empty_store(url) as database:
        clusters = Clusters(database)
        assert await clusters.newest_moment() is None

        first = await clusters.register("orders", at=MONDAY, document=DOCUMENT)
        again = await clusters.register("orders", at=later(60), document=DOCUMENT)
        changed = await clusters.register("orders", at=later(120), document=other)

        assert await clusters.newest_moment() == MONDAY
    assert first == again == Registration(started_at=MONDAY, document_id=first.document_id)
    assert changed.started_at == MONDAY
    assert changed.document_id > first.document_id


async def test_many_clusters_become_known_and_are_looked_up_together(url: str) -> None:
    names = [f"cluster-{number}" for number in range(20)]
    async with empty_store(url) as database:
        clusters, journal = Clusters(database), Journal(database)
        await asyncio.gather(*(clusters.register(one, at=MONDAY, document={"of": one}) for one in names[:5]))
        known = await asyncio.gather(*(clusters.register(one, at=MONDAY, document={"of": one}) for one in names))
        decided = [
            make_record(replace(GROWS, cluster_id=name), document_id=one.document_id)
            for name, one in zip(names[:-1], known[:-1], strict=True)
        ]
        ids = await asyncio.gather(*map(journal.write, decided))
        newest = await asyncio.gather(*map(journal.newest, names))
        planned = await asyncio.gather(*map(journal.planned, names))

        assert [await journal.document(one.document_id) for one in known] == [{"of": one} for one in names]
        assert [one.id for one in newest[:-1] if one] == ids
        assert {name: one.id for name, one in (await journal.newest_of_all()).items()} == dict(
            zip(names, ids, strict=False)
        )
    assert newest[-1] is None
    assert planned == [*((one,) for one in newest[:-1]), ()]


async def test_cluster_time_has_come_as_far_as_the_last_thing_that_happened(url: str) -> None:
    async with empty_store(url) as database:
        journal = await registered(database)
        entry_id = await journal.write(make_record(replace(GROWS, at=later(60))))
        assert await Clusters(database).newest_moment() == later(60)

        await journal.finish(entry_id, State.APPLIED, outcome=None, at=later(75))
        assert await Clusters(database).newest_moment() == later(75)


async def test_times_come_back_in_utc_wherever_they_came_from(url: str) -> None:
    there = MONDAY.astimezone(timezone(timedelta(hours=-5)))
    async with empty_store(url) as database:
        registration = await Clusters(database).register("orders", at=there, document=DOCUMENT)

    assert registration.started_at == MONDAY
    assert registration.started_at.tzinfo is UTC


@given(data=st.data())
def test_inputs_and_memories_come_back_from_their_plain_form(data: st.DataObject) -> None:
    memory = data.draw(memories())
    inputs = Inputs(
        status=data.draw(statuses()),
        blind_seconds=data.draw(st.floats(0) | st.just(inf)),
        control=data.draw(controls()),
        memory=memory,
        recent_from=None,
        recent_to=MONDAY,
        forecast_made_at=None,
        fitted_at=later(-86_400),
    )

    assert build(Inputs, _plain(inputs), "inputs") == inputs


def _plain(inputs: Inputs) -> dict[str, object]:
    plain = to_plain(inputs)
    assert isinstance(plain, dict)
    return plain

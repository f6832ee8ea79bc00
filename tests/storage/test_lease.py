"""Who acts, and that nobody else writes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from autoscaler.errors import LeaseLost
from autoscaler.storage.database import Database
from autoscaler.storage.entries import State
from autoscaler.storage.lease import Leases, Token
from autoscaler.storage.repositories import Clusters, Journal
from tests.fakes import MONDAY
from tests.postgres import needs_postgres
from tests.storage.builders import LARGE, empty_store, make_decision, make_record

pytestmark = needs_postgres

GROWS = make_decision(after=LARGE)


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    async with empty_store(postgres_url) as database:
        yield database


def leases_of(database: Database, holder: str = "one") -> Leases:
    return Leases(database, holder=holder, seconds=600.0)


async def taken(leases: Leases) -> Token:
    token = await leases.acquire()
    assert token is not None
    return token


async def let_it_expire(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("update leases set expires_at = now() - interval '1 second'"))


async def test_one_has_it_and_the_others_wait(database: Database) -> None:
    first, second = leases_of(database), leases_of(database, "two")
    await taken(first)

    assert await second.acquire() is None
    assert await first.acquire() is None


async def test_of_many_who_ask_at_once_one_gets_it(postgres_url: str, database: Database) -> None:
    databases = [Database(postgres_url) for _ in range(8)]
    tokens = await asyncio.gather(*(leases_of(one).acquire() for one in databases))
    await asyncio.gather(*(one.close() for one in databases))

    assert len([token for token in tokens if token is not None]) == 1


async def test_who_gives_it_up_leaves_it_to_the_next_at_once(database: Database) -> None:
    first, second = leases_of(database), leases_of(database, "two")
    old = await taken(first)
    await first.release(old)
    new = await taken(second)

    assert new.number > old.number


async def test_who_does_not_renew_loses_it_and_learns_so(database: Database) -> None:
    first, second = leases_of(database), leases_of(database, "two")
    old = await taken(first)
    await first.renew(old)
    await let_it_expire(database)
    new = await taken(second)

    with pytest.raises(LeaseLost, match="gone to another replica"):
        await first.renew(old)
    await first.release(old)
    await second.renew(new)


async def test_a_late_renewal_counts_while_nobody_else_came(database: Database) -> None:
    leases = leases_of(database)
    token = await taken(leases)
    await let_it_expire(database)
    await leases.renew(token)

    assert await leases_of(database, "two").acquire() is None


async def test_the_journal_takes_nothing_from_an_older_token(database: Database) -> None:
    first, second = leases_of(database), leases_of(database, "two")
    old = await taken(first)
    await Clusters(database, old).register("orders", at=MONDAY, document={})
    entry_id = await Journal(database, old).write(make_record(GROWS))
    await let_it_expire(database)
    new = await taken(second)

    with pytest.raises(LeaseLost):
        await Journal(database, old).finish(entry_id, State.APPLIED, outcome=None, at=MONDAY)
    with pytest.raises(LeaseLost):
        await Journal(database, old).write(make_record(GROWS))
    with pytest.raises(LeaseLost):
        await Clusters(database, old).register("bills", at=MONDAY, document={})
    (planned,) = await Journal(database, new).planned("orders")
    await Journal(database, new).finish(entry_id, State.ABANDONED, outcome=None, at=MONDAY)

    assert planned.id == entry_id


async def test_nobody_changes_hands_in_the_middle_of_a_write(postgres_url: str, database: Database) -> None:
    """The write that passed the fence ends first; whoever takes the lease waits for it."""
    token = await taken(leases_of(database))
    await let_it_expire(database)
    other = Database(postgres_url)
    async with database.write() as connection:
        await token.check(connection)
        taking = asyncio.create_task(leases_of(other, "two").acquire())
        await waits_for_a_lock(other)
        assert not taking.done()
    newer = await taking
    await other.close()

    assert newer is not None
    assert newer.number > token.number


async def waits_for_a_lock(database: Database) -> None:
    waiting = text(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    count = 0
    while not count:
        async with database.read() as connection:
            count = await connection.scalar(waiting) or 0


async def test_each_share_of_a_fleet_has_a_lease_of_its_own(database: Database) -> None:
    shares = [Leases(database, holder="one", seconds=600.0, share=share) for share in ("env=prod", "env=test")]
    for share in shares:
        await share.prepare()
        await share.prepare()
    tokens = [await taken(share) for share in shares]

    assert await shares[0].acquire() is None
    await shares[0].release(tokens[0])
    assert await shares[0].acquire() is not None
    async with database.write() as connection:
        await tokens[1].check(connection)
        with pytest.raises(LeaseLost, match="its token is 2, ours was 1"):
            await tokens[0].check(connection)

"""What only a server can do to a store."""

import pytest
from sqlalchemy import func, select, text

from autoscaler.errors import StorageError
from autoscaler.storage.database import Database
from autoscaler.storage.migrate import MIGRATING, migrate
from tests.postgres import PASSWORD, needs_postgres
from tests.storage.builders import empty_store

pytestmark = needs_postgres


async def test_a_server_that_is_not_there_is_told_so() -> None:
    database = Database("postgresql+asyncpg://me:hunter2@127.0.0.1:1/nothing")
    with pytest.raises(StorageError, match=r"cannot be reached.*127\.0\.0\.1") as refused:
        await migrate(database)
    await database.close()

    assert "hunter2" not in str(refused.value)


async def test_a_wrong_password_is_told_without_the_right_one(postgres_url: str) -> None:
    database = Database(postgres_url.replace(PASSWORD.replace(" ", "%20"), "wrong"))
    with pytest.raises(StorageError, match="password authentication failed"):
        await migrate(database)
    await database.close()


async def test_a_replica_waits_while_another_one_migrates(postgres_url: str) -> None:
    first, second = Database(postgres_url), Database(postgres_url)
    async with first.write() as connection:
        await connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        async with second.write() as other:
            granted = await other.scalar(select(func.pg_try_advisory_xact_lock(MIGRATING)))
    await first.close()
    await second.close()

    assert granted is False


async def test_the_server_ends_a_replica_that_froze_in_a_transaction(postgres_url: str) -> None:
    async with empty_store(postgres_url) as database, database.read() as connection:
        told = await connection.scalar(text("show idle_in_transaction_session_timeout"))

    assert told == "5s"


async def test_a_read_sees_one_state_of_the_store(postgres_url: str) -> None:
    insert = text("insert into clusters (id, started_at) values ('orders', now())")
    async with empty_store(postgres_url) as database, database.read() as reading:
        before = await reading.scalar(text("select count(*) from clusters"))
        async with database.write() as writing:
            await writing.execute(insert)
        after = await reading.scalar(text("select count(*) from clusters"))

    assert (before, after) == (0, 0)

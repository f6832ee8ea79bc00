"""What a transaction promises."""

from pathlib import Path

import pytest
from sqlalchemy import text

from autoscaler.storage.database import Database
from autoscaler.storage.repositories import Clusters
from tests.storage.builders import empty_store, url_in


async def test_a_commit_survives_a_power_cut_and_readers_do_not_wait(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database, database.read() as connection:
        asked = [await connection.scalar(text(f"pragma {name}")) for name in ("journal_mode", "synchronous")]

        assert asked == ["wal", 2]
        assert await connection.scalar(text("pragma foreign_keys")) == 1


async def test_a_transaction_that_fails_leaves_nothing(url: str) -> None:
    async with empty_store(url) as database:
        with pytest.raises(ZeroDivisionError):
            await _fail_half_way(database)

        assert await Clusters(database).newest_moment() is None


async def _fail_half_way(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("insert into clusters (id, started_at) values ('orders', '2026-03-02 08:00:00')"))
        raise ZeroDivisionError

"""A copy of a store is the store as it was at one moment, and replaces nothing."""

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from autoscaler.core.control import Direction, Freeze
from autoscaler.errors import InvalidInput, StorageError
from autoscaler.storage.all_tables import Table
from autoscaler.storage.audit import Deed
from autoscaler.storage.backup import back_up, restore
from autoscaler.storage.controls import Controls
from autoscaler.storage.database import Database
from autoscaler.storage.entries import State
from autoscaler.storage.health import KEPT_TABLES, examine
from autoscaler.storage.repositories import Clusters, Journal
from tests.fakes import MONDAY, later
from tests.postgres import needs_postgres
from tests.storage.builders import (
    LARGE,
    SMALL,
    empty_store,
    make_decision,
    make_forecast,
    make_record,
    make_sample,
    url_in,
)

GROWS = make_decision(before=SMALL, after=LARGE)


async def filled(database: Database) -> None:
    await Clusters(database).register("orders", at=MONDAY, document={"policy": {"policy": "reactive"}})
    journal = Journal(database)
    record = make_record(GROWS, samples=(make_sample(-60, None), make_sample(0, 0.1 + 0.2)), forecast=make_forecast())
    await journal.finish(await journal.write(record), State.APPLIED, outcome="taken — at once", at=later(1))
    await journal.write(make_record(replace(GROWS, at=later(60))))


async def steered(database: Database) -> None:
    deed = Deed(at=MONDAY, actor="ada", request_id="r1", action="set mode")
    freeze = Freeze(direction=Direction.BOTH, until=later(3600), by="ada")
    await Controls(database).change("orders", lambda orders: replace(orders, freeze=freeze), deed, expected=None)


async def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    async with database.read() as connection:
        return {
            table.name: sorted(map(tuple, await connection.execute(select(table))), key=str) for table in KEPT_TABLES
        }


def test_a_copy_has_every_table_whatever_else_is_imported() -> None:
    asked = "from autoscaler.storage.health import KEPT_TABLES as k; print(*sorted(t.name for t in k))"
    alone = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout.split()
    assert alone == sorted(table.name for table in Table.metadata.sorted_tables if table.name != "leases")
    assert {"audit", "controls", "tokens"} < set(alone)


async def test_a_store_comes_back_from_lines_as_it_was(url: str, tmp_path: Path) -> None:
    target = tmp_path / "copy.jsonl.gz"
    async with empty_store(url) as database:
        await filled(database)
        await steered(database)
        await back_up(database, target)
        before = await content(database)
    moved = Database(url_in(tmp_path / "other"))
    await restore(moved, target)
    after = await content(moved)
    await moved.close()

    assert after == before
    assert target.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["copy.db", "copy.jsonl.gz"])
async def test_a_store_on_a_file_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        await filled(database)
        await back_up(database, tmp_path / name)
        before = await content(database)
    async with empty_store(url_in(tmp_path / "new")) as fresh:
        await restore(fresh, tmp_path / name)
        after = await content(fresh)
        health = await examine(fresh)

    assert after == before
    assert health.up_to_date
    assert names_in(tmp_path) == {"autoscaler.db", name, "new"}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_copy_is_made_while_others_write(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        await filled(database)
        async with database.write() as connection:
            await connection.execute(text("update clusters set id = id"))
            await back_up(database, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").stat().st_size > 0


@pytest.mark.parametrize("name", ["copy.db", "copy.jsonl.gz"])
async def test_a_store_that_holds_something_is_left_alone(tmp_path: Path, name: str) -> None:
    async with empty_store(url_in(tmp_path)) as database:
        await filled(database)
        before = await content(database)
        await back_up(database, tmp_path / name)
        with pytest.raises(StorageError, match=r"is not empty: 1 clusters.*2 decisions; restore into a new one"):
            await restore(database, tmp_path / name)

        assert await content(database) == before


async def test_a_backup_replaces_no_file(tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    async with empty_store(url_in(tmp_path)) as database:
        with pytest.raises(InvalidInput, match="exists; a backup replaces nothing"):
            await back_up(database, tmp_path / "copy.db")
        with pytest.raises(InvalidInput, match="cannot be written"):
            await back_up(database, tmp_path / "nowhere" / "copy.db")

    assert (tmp_path / "copy.db").read_text() == "precious"


def spoiled(file: Path, how: str) -> None:
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    head = json.loads(lines[0])
    changed = {
        "torn": gzip.compress("\n".join(lines).encode())[:-20],
        "short": gzip.compress("\n".join(lines[:-1]).encode()),
        "less": gzip.compress("\n".join([*lines[:2], *lines[3:]]).encode()),
        "old": gzip.compress("\n".join([json.dumps({**head, "revision": "0001"}), *lines[1:]]).encode()),
        "foreign": gzip.compress(b'{"kind": "holiday photos"}'),
        "plain": b"no gzip at all",
    }
    file.write_bytes(changed[how])


@pytest.mark.parametrize("how", ["torn", "short", "less", "old", "foreign", "plain"])
async def test_what_is_no_whole_backup_leaves_the_store_empty(tmp_path: Path, how: str) -> None:
    target = tmp_path / "copy.jsonl.gz"
    async with empty_store(url_in(tmp_path)) as database:
        await filled(database)
        await back_up(database, target)
    spoiled(target, how)
    async with empty_store(url_in(tmp_path / "new")) as fresh:
        with pytest.raises((InvalidInput, StorageError)):
            await restore(fresh, target)

        assert set((await examine(fresh)).rows.values()) == {0}


async def test_a_file_that_is_no_store_is_not_restored(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("a" * 4096)
    database = Database(url_in(tmp_path))
    with pytest.raises(InvalidInput, match="is no backup of ours"):
        await restore(database, tmp_path / "notes.db")
    with pytest.raises(InvalidInput, match="no file"):
        await restore(database, tmp_path / "gone.db")
    await database.close()


class TestOnAServer:
    pytestmark = needs_postgres

    async def test_a_store_moves_from_a_file_to_a_server_and_goes_on_there(
        self, postgres_url: str, tmp_path: Path
    ) -> None:
        async with empty_store(url_in(tmp_path)) as database:
            await filled(database)
            await back_up(database, tmp_path / "copy.jsonl.gz")
            before = await content(database)
        server = Database(postgres_url)
        await restore(server, tmp_path / "copy.jsonl.gz")
        after = await content(server)
        next_id = await Journal(server).write(make_record(make_decision(later(120))))
        await server.close()

        assert after == before
        assert next_id == 3

    async def test_a_copy_of_a_server_is_lines_or_the_servers_own(self, postgres_url: str, tmp_path: Path) -> None:
        async with empty_store(postgres_url) as server:
            with pytest.raises(InvalidInput, match="pg_dump"):
                await back_up(server, tmp_path / "copy.db")
            with pytest.raises(InvalidInput, match=r"is restored from a \.jsonl\.gz file"):
                await restore(server, tmp_path / "copy.db")

    async def test_an_empty_store_is_copied_and_restored(self, postgres_url: str, tmp_path: Path) -> None:
        async with empty_store(postgres_url) as server:
            await back_up(server, tmp_path / "copy.jsonl.gz")
            await restore(server, tmp_path / "copy.jsonl.gz")
            await filled(server)

            assert (await examine(server)).rows["decisions"] == 2

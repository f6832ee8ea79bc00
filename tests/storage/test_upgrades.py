"""Upgrades and ways back: rows outlive both, and an older replica may go on writing while a newer one has migrated."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, insert, select, text, types, update

from autoscaler.errors import InvalidInput, StorageError
from autoscaler.storage.archive import Archive
from autoscaler.storage.database import Database
from autoscaler.storage.migrate import go_back, migrate, migrations_folder, newest_revision
from autoscaler.storage.repositories import Clusters, Journal
from autoscaler.storage.tables import DecisionTable, ForecastTable
from tests.fakes import MONDAY
from tests.storage.builders import empty_store, make_decision, make_forecast, make_record

REVISIONS = [one.revision for one in ScriptDirectory(str(migrations_folder())).walk_revisions()][::-1]
# What changes by itself, or is alembic's own.
NOT_OURS = {"alembic_version", "sqlite_sequence"}
Rows = dict[str, list[dict[str, Any]]]
Shapes = dict[str, dict[str, Any]]


def move(connection: Connection, *, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations_folder()))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, revision)


def tables_of(connection: Connection) -> list[Table]:
    """As they are in the store, not as the code wants them; those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in NOT_OURS]


def value_of(column: Column[Any], number: int) -> Any:
    """Something that fits a column; what refers to another table and what it refers to get the same."""
    match column.type:
        case types.DateTime():
            at = MONDAY + timedelta(hours=number)
            return at if getattr(column.type, "timezone", False) else at.replace(tzinfo=None)
        case types.JSON():
            return {"number": number}
        case types.Boolean():
            return False
        case types.Integer() | types.Numeric() | types.Float():
            return number
        case types.LargeBinary():
            return b"%d" % number
        case _:
            return str(number)


def shapes_of(tables: list[Table], *, number: int) -> Shapes:
    """A row for each table, as a version would write it that knows these tables."""
    return {table.name: {one.name: value_of(one, number) for one in table.columns} for table in tables}


def add_rows(connection: Connection, *, tables: list[Table], shapes: Shapes) -> None:
    """Columns that came later are not named."""
    for table in tables:
        if table.name in shapes:
            connection.execute(insert(table).values(shapes[table.name]))


def assert_kept(connection: Connection, *, rows: Rows) -> None:
    for table in tables_of(connection):
        found = [dict(row._mapping) for row in connection.execute(select(table))]
        for row in rows.get(table.name, ()):
            known = row.keys() & table.columns.keys()
            assert {name: row[name] for name in known} in [{name: one[name] for name in known} for one in found]


@pytest.mark.slow
async def test_rows_of_every_version_outlive_the_way_to_the_newest_and_back(url: str) -> None:
    database, rows = Database(url), Rows()
    async with database.write() as connection:
        await connection.run_sync(partial(move, revision=REVISIONS[0]))
        tables = await connection.run_sync(tables_of)
    for number, newer in enumerate(REVISIONS[1:], start=1):
        before, after = shapes_of(tables, number=2 * number), shapes_of(tables, number=2 * number + 1)
        async with database.write() as connection:
            await connection.run_sync(partial(add_rows, tables=tables, shapes=before))
        async with database.write() as connection:
            await connection.run_sync(partial(move, revision=newer))
            tables = await connection.run_sync(tables_of)
            await connection.run_sync(partial(add_rows, tables=tables, shapes=after))
        for name in before:
            rows.setdefault(name, []).extend((before[name], after[name]))
    async with database.read() as connection:
        await connection.run_sync(partial(assert_kept, rows=rows))
    assert len(rows) > 10

    for revision in (REVISIONS[-2], REVISIONS[0]):
        await go_back(database, revision)
        async with database.read() as connection:
            assert await connection.scalar(text("select version_num from alembic_version")) == revision
            await connection.run_sync(partial(assert_kept, rows=rows))
    await database.close()


async def test_an_older_version_says_what_to_do_about_a_newer_store(url: str) -> None:
    database = Database(url)
    await migrate(database)
    async with database.write() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))

    newest = newest_revision()
    with pytest.raises(StorageError) as refused:
        await migrate(database)
    await database.close()

    assert str(refused.value) == (
        f"the database is of revision 9999, and this version knows those up to {newest}: a newer version wrote it. "
        f"Run that one, or with it: autoscaler db downgrade {newest}"
    )


@pytest.mark.parametrize(
    ("present", "wanted", "told"),
    [
        ("0003", "0005", "the database is of revision 0003: there is no way back from it to 0005"),
        ("9999", "0005", "the database is of revision 9999: there is no way back from it to 0005"),
        ("0005", "yesterday", f"no revision named 'yesterday'; there are: {', '.join(REVISIONS)}"),
    ],
)
async def test_there_is_no_way_back_to_what_never_was(url: str, present: str, wanted: str, told: str) -> None:
    database = Database(url)
    async with database.write() as connection:
        await connection.run_sync(partial(move, revision="0003"))
        await connection.execute(text(f"update alembic_version set version_num = '{present}'"))  # noqa: S608

    with pytest.raises(InvalidInput) as refused:
        await go_back(database, wanted)
    await database.close()

    assert str(refused.value) == told


async def test_what_a_newer_version_adds_to_the_journal_is_left_out_by_an_older_one(url: str) -> None:
    """Otherwise a replica could not go on beside a newer one, nor come back after it."""
    record = make_record(make_decision(), forecast=make_forecast())
    async with empty_store(url) as database:
        await Clusters(database).register("orders", at=MONDAY, document={"policy": {"policy": "reactive"}})
        journal = Journal(database)
        await journal.write(record)
        (before,) = await journal.entries("orders", limit=9)
        async with database.write() as connection:
            row = (await connection.execute(select(DecisionTable))).one()
            inputs = {**row.inputs, "moon": "full", "status": {**row.inputs["status"], "tide": 3}}
            more = {"inputs": inputs, "memory": {**row.memory, "tide": 3}, "decision": {**row.decision, "tide": 3}}
            await connection.execute(update(DecisionTable).values(more))
            kept = (await connection.execute(select(ForecastTable.forecast))).scalar_one()
            await connection.execute(update(ForecastTable).values(forecast={**kept, "moon": "full"}))

        (after,) = await journal.entries("orders", limit=9)
        assert after == before
        assert await Archive(database).newest_forecast("orders") == record.forecast

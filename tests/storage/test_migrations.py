"""The tables and their migrations tell the same story, and starting twice at once does no harm."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text

from autoscaler.errors import InvalidInput, StorageError
from autoscaler.storage import migrate as migrate_module
from autoscaler.storage.database import Database
from autoscaler.storage.migrate import migrate, migrations_folder, newest_revision
from autoscaler.storage.tables import ClusterTable, Table
from tests.storage.builders import empty_store, url_in

START_TWICE = """
import asyncio, sys
from autoscaler.storage.database import Database
from autoscaler.storage.migrate import migrate

async def main():
    database = Database(sys.argv[1])
    await migrate(database)
    await database.close()

asyncio.run(main())
"""


def differences(connection: Connection, metadata: MetaData) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_every_table_has_a_migration(url: str) -> None:
    async with empty_store(url) as database, database.read() as connection:
        assert await connection.run_sync(differences, Table.metadata) == []


async def test_a_table_without_a_migration_is_noticed(url: str) -> None:
    metadata = MetaData()
    for table in Table.metadata.sorted_tables:
        table.to_metadata(metadata)
    ClusterTable.metadata.tables["clusters"].to_metadata(metadata, name="forgotten")

    async with empty_store(url) as database, database.read() as connection:
        (missing,) = await connection.run_sync(differences, metadata)

    assert isinstance(missing, tuple)
    assert missing[0] == "add_table"


async def test_migrating_again_changes_nothing(url: str) -> None:
    async with empty_store(url) as database:
        await migrate(database)

        async with database.read() as connection:
            assert await connection.scalar(text("select version_num from alembic_version")) == newest_revision()


async def test_every_migration_can_be_undone(url: str) -> None:
    async with empty_store(url) as database:
        async with database.write() as connection:
            await connection.run_sync(_downgrade)
        async with database.read() as connection:
            names = await connection.run_sync(lambda plain: inspect(plain).get_table_names())

    assert set(names) <= {"alembic_version", "sqlite_sequence"}


def _downgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations_folder()))
    config.set_main_option("path_separator", "os")
    command.downgrade(config, "base")


async def test_processes_that_start_at_once_all_find_the_tables(url: str) -> None:
    starting = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", START_TWICE, url), stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    told = [await process.communicate() for process in starting]

    assert [(process.returncode, errors) for process, (_, errors) in zip(starting, told, strict=True)] == [(0, b"")] * 3


async def test_two_services_in_one_process_migrate_one_after_the_other(url: str) -> None:
    databases = [Database(url) for _ in range(4)]

    await asyncio.gather(*(migrate(database) for database in databases))

    await asyncio.gather(*(database.close() for database in databases))


async def test_a_file_that_is_no_database_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "autoscaler.db").write_text("a" * 4096)
    database = Database(url_in(tmp_path))

    with pytest.raises(StorageError, match="file is not a database"):
        await migrate(database)

    await database.close()


async def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    async with empty_store(url_in(tmp_path / "some" / "where")) as database:
        assert database.path.is_file()


async def test_a_folder_that_cannot_be_made_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database = Database(url_in(tmp_path / "file" / "folder"))

    with pytest.raises(StorageError, match="no folder for the database"):
        await migrate(database)


def test_shipped_migrations_come_before_those_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "autoscaler"
    monkeypatch.setattr(migrate_module, "PACKAGE", package)
    assert migrations_folder() == tmp_path / "migrations"

    (package / "_migrations").mkdir(parents=True)
    assert migrations_folder() == package / "_migrations"


@pytest.mark.parametrize(
    "given",
    ["postgresql://host/db", "postgresql+asyncpg://host", "sqlite+aiosqlite://", "sqlite:///x.db", "", "nonsense"],
)
async def test_other_databases_are_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match=r"sqlite\+aiosqlite:///FILE or postgresql\+asyncpg://"):
        Database(given)


async def test_a_password_is_not_told() -> None:
    with pytest.raises(InvalidInput) as refused:
        Database("mysql+aiomysql://me:hunter2@host/db")

    assert "hunter2" not in str(refused.value)

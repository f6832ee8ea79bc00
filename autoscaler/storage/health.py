"""Whether a store is what this version of the autoscaler works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.errors import StorageError
from autoscaler.storage.all_tables import Table
from autoscaler.storage.database import Database
from autoscaler.storage.migrate import newest_revision, present_revision
from autoscaler.storage.tables import LeaseTable

# What a store is about; who acts at the moment is nothing that outlives the moment.
KEPT_TABLES = tuple(table for table in Table.metadata.sorted_tables if table.name != LeaseTable.__tablename__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a look at a store found; ``revision`` is None where no autoscaler has ever been."""

    name: str
    revision: str | None
    newest_revision: str
    rows: Mapping[str, int]

    @property
    def up_to_date(self) -> bool:
        """Whether this version of the autoscaler can work with it as it is."""
        return self.revision == self.newest_revision


async def examine(database: Database) -> Health:
    """Look at a store without changing it.

    Raises:
        StorageError: there is none, or it is damaged.
    """
    demand_a_file(database)
    async with database.read() as connection:
        if database.on_file:
            await _find_damage(connection, database)
        revision = await connection.run_sync(present_revision)
        rows = await count_rows(connection)
    return Health(name=database.name, revision=revision, newest_revision=newest_revision(), rows=rows)


def demand_a_file(database: Database) -> None:
    """Looking into an SQLite file that is not there would make it.

    Raises:
        StorageError: there is none.
    """
    if database.on_file and not database.path.is_file():
        raise StorageError(f"there is no database {database.path}; make it with: autoscaler db upgrade")


async def count_rows(connection: AsyncConnection) -> dict[str, int]:
    """Of every table that is there."""
    there = await connection.run_sync(_table_names)
    counted = {}
    for table in KEPT_TABLES:
        if table.name in there:
            counted[table.name] = await connection.scalar(select(func.count()).select_from(table)) or 0
    return counted


async def _find_damage(connection: AsyncConnection, database: Database) -> None:
    told = await connection.scalar(text("pragma quick_check(1)"))
    if told != "ok":
        raise StorageError(f"the database {database.path} is damaged: {told}; restore a backup")


def _table_names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())

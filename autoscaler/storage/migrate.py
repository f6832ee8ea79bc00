"""Brings the store to the newest shape of its tables; safe when several processes start at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

import autoscaler
from autoscaler.errors import InvalidInput, StorageError, UnknownName
from autoscaler.storage.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

PACKAGE = Path(autoscaler.__file__).parent
# The advisory lock under which a PostgreSQL store is migrated: any number that nobody else uses in that database.
MIGRATING = 0x6175746F73636C72


async def migrate(database: Database) -> None:
    """Make the store and its tables, or bring them up to date, all or nothing.

    The lock of the one transaction makes a second process wait; it then finds nothing left to do.

    Raises:
        StorageError: the store cannot be made, or was written by a newer autoscaler.
    """
    if database.on_file:
        _make_folder(database.path.parent)
    async with _alone(database) as connection:
        await connection.run_sync(upgrade)


async def go_back(database: Database, revision: str) -> None:
    """Give the store the shape that an older version works with, all or nothing; what only newer shapes hold is lost.

    Raises:
        InvalidInput: there is no such revision, or the store is older than that.
        StorageError: the store cannot be written.
    """
    known = _revisions()
    if revision not in known:
        raise UnknownName("revision", revision, known)
    async with _alone(database) as connection:
        present = await connection.run_sync(present_revision)
        if present not in known or known.index(present) < known.index(revision):
            raise InvalidInput(f"the database is of revision {present}: there is no way back from it to {revision}")
        await connection.run_sync(partial(_downgrade, revision=revision))


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as connection:
        if not database.on_file:  # an SQLite file is locked by the transaction itself
            await connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        yield connection


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise StorageError(f"no folder for the database in {folder}: {problem}") from None


def upgrade(connection: Connection) -> None:
    """Run all migrations that ``connection`` lacks, in its own transaction.

    Raises:
        StorageError: the store was written by a newer autoscaler.
    """
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(_config(connection), "head")
    except CommandError as problem:
        present, newest = present_revision(connection), newest_revision()
        if present is not None and present not in _revisions():
            raise StorageError(
                f"the database is of revision {present}, and this version knows those up to {newest}: a newer version "
                f"wrote it. Run that one, or with it: autoscaler db downgrade {newest}"
            ) from None
        raise StorageError(f"the database cannot be migrated: {problem}") from None


def _downgrade(connection: Connection, *, revision: str) -> None:
    from alembic import command

    command.downgrade(_config(connection), revision)


def newest_revision() -> str:
    """The shape that this version works with."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _revisions() -> tuple[str, ...]:
    """All shapes that this version knows, the oldest first."""
    from alembic.script import ScriptDirectory

    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())[::-1]


def present_revision(connection: Connection) -> str | None:
    """The shape that a store has; None when it has none of our tables."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def migrations_folder() -> Path:
    """In an installed package they are part of it, in a checkout they lie beside it."""
    shipped = PACKAGE / "_migrations"
    return shipped if shipped.is_dir() else PACKAGE.parent / "migrations"


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config

"""Brings the store to the newest shape of its tables; safe when several processes start at once."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

import autoscaler
from autoscaler.errors import StorageError
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
    async with database.write() as connection:
        if not database.on_file:  # an SQLite file is locked by the transaction itself
            await connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        await connection.run_sync(upgrade)


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
        raise StorageError(f"the database cannot be migrated: {problem}; was it written by a newer version?") from None


def newest_revision() -> str:
    """The shape that this version works with."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_config()).get_current_head())


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

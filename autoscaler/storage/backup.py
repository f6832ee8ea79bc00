"""Copies of a store, made while the service runs, and a new store from one of them."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from autoscaler.errors import InvalidInput, StorageError
from autoscaler.storage.database import Database
from autoscaler.storage.health import demand_a_file, examine
from autoscaler.storage.lines import SUFFIX, read_lines, refuse_rows, write_lines
from autoscaler.storage.migrate import migrate


async def back_up(database: Database, target: Path) -> None:
    """Write a copy of one moment; nobody has to wait for it.

    A name in ``.jsonl.gz`` makes lines, which any database takes; any other a copy of the SQLite file.

    Raises:
        InvalidInput: the target exists, or its name does not fit the database.
        StorageError: the store cannot be read, or is not of this version.
    """
    demand_a_file(database)
    as_lines = target.name.endswith(SUFFIX)
    if not as_lines and not database.on_file:
        raise InvalidInput(f"{target}: a backup of a PostgreSQL store is a {SUFFIX} file; for a binary one use pg_dump")
    if not (health := await examine(database)).up_to_date:
        raise StorageError(
            f"the database {database.name} is of revision {health.revision}, this version has "
            f"{health.newest_revision}; run: autoscaler db upgrade"
        )
    with _whole_or_not(target) as unfinished:
        if as_lines:
            await write_lines(database, unfinished)
        else:
            await asyncio.to_thread(_copy, database.path, unfinished)


async def restore(database: Database, source: Path) -> None:
    """Fill a new store; nothing that exists is replaced.

    Raises:
        InvalidInput: the source is no backup.
        StorageError: the store is not empty, or cannot be written.
    """
    if source.name.endswith(SUFFIX):
        await migrate(database)
        await read_lines(database, source)
        return
    if not database.on_file:
        raise InvalidInput(f"{source}: a PostgreSQL store is restored from a {SUFFIX} file")
    _look_into(source)
    await migrate(database)
    async with database.read() as connection:
        await refuse_rows(connection, database)
    await database.close()
    await asyncio.to_thread(_copy, source, database.path)
    await migrate(database)


@contextmanager
def _whole_or_not(target: Path) -> Iterator[Path]:
    """A file beside the target, readable by its owner only, which takes its name when it is whole."""
    if target.exists():
        raise InvalidInput(f"{target} exists; a backup replaces nothing")
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            unfinished = Path(file.name)
    except OSError as problem:
        raise InvalidInput(f"{target} cannot be written: {problem}") from None
    try:
        yield unfinished
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _look_into(source: Path) -> None:
    """Without our settings of a connection, which would change the file."""
    if not source.is_file():
        raise InvalidInput(f"no file {source}")
    try:
        with closing(sqlite3.connect(source)) as copy:
            damage = copy.execute("pragma quick_check(1)").fetchone()[0]
            copy.execute("select version_num from alembic_version")
    except sqlite3.Error as problem:
        raise InvalidInput(f"{source} is no backup of ours: {problem}") from None
    if damage != "ok":
        raise InvalidInput(f"the backup {source} is damaged: {damage}")


def _copy(source: Path, target: Path) -> None:
    """SQLite's own way, page by page, while others write; the copy is one file."""
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            new.execute("pragma journal_mode = delete")
    except sqlite3.Error as problem:
        raise StorageError(f"{source} could not be copied to {target}: {problem}") from None

"""The connection to the store: reads side by side, one write after the other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from autoscaler.errors import InvalidInput, StorageError

DRIVER = "sqlite+aiosqlite"
# Longer than any transaction of ours; a second process that migrates waits as long as the first one takes.
BUSY_SECONDS = 30.0
PRAGMAS = (
    f"busy_timeout = {BUSY_SECONDS * 1000:.0f}",  # first: the next one may have to wait
    "journal_mode = WAL",  # readers never wait for the writer
    # What is journalled before the provider is called must survive a power cut, so that every commit is flushed.
    "synchronous = FULL",
    "foreign_keys = ON",
)


class Database:
    """A pool of connections. SQLite has one writer at a time, so writes queue here and not at its busy timeout."""

    def __init__(self, url: str) -> None:
        """Nothing is opened before it is used.

        Raises:
            InvalidInput: it is not the URL of an SQLite file.
        """
        self._engine = _engine(url)
        self._writing = self._engine.execution_options(writes=True)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the store.

        Raises:
            StorageError: the database cannot be used as it is.
        """
        with _translated():
            async with self._engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is kept when the block ends, and undone when it raises.

        Raises:
            StorageError: the database cannot be used as it is, or refuses what is written.
        """
        with _translated():
            async with self._turn, self._writing.begin() as connection:
                yield connection

    @property
    def path(self) -> Path:
        """Where the file is."""
        return Path(self._engine.url.database or "")

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def _engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InvalidInput(f"'{url}' is no database URL; give {DRIVER}:///FILE") from None
    if parsed.drivername != DRIVER or parsed.database in (None, "", ":memory:"):
        told = parsed.render_as_string(hide_password=True)
        raise InvalidInput(f"the database {told} is not supported; give {DRIVER}:///FILE")
    engine = create_async_engine(parsed)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - whatever the driver made
    """Transactions begin where we say so: left alone, the driver begins one only at the first write."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes its lock at once: one that reads first could no longer wait for it."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as problem:
        told = problem.orig if isinstance(problem, DBAPIError) else problem
        raise StorageError(f"the database refused: {' '.join(str(told).split())}") from problem

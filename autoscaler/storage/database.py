"""The connection to the store: reads side by side, one write after the other."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.errors import StorageError
from autoscaler.storage.engines import SQLITE, make_engine, parsed_url

DRIVERS_NAME = re.compile(r"^<class '[\w.]+'>: ")


class Database:
    """A pool of connections; of one process one write at a time.

    SQLite has one writer anyway, so writes queue here and not at its busy timeout. On PostgreSQL the ids of
    the journal grow in the order of its commits that way.
    """

    def __init__(self, url: str) -> None:
        """Nothing is opened before it is used.

        Raises:
            InvalidInput: it is not the URL of an SQLite file or a PostgreSQL database.
        """
        self._url = parsed_url(url)
        self._engine = make_engine(self._url)
        self._writing = self._engine.execution_options(writes=True)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the store.

        Raises:
            StorageError: the database cannot be used as it is.
        """
        with _translated():
            async with self._engine.connect() as connection:
                if not self.on_file:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                async with connection.begin():
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
    def on_file(self) -> bool:
        """Whether it is a file that one process has to itself; else it is a server that replicas share."""
        return self._url.drivername == SQLITE

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self._url.render_as_string(hide_password=True)

    @property
    def path(self) -> Path:
        """Where the file is, when it is one."""
        return Path(self._url.database or "")

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as problem:
        told = problem.orig if isinstance(problem, DBAPIError) else problem
        sentence = DRIVERS_NAME.sub("", " ".join(str(told).split()))
        raise StorageError(f"the database refused: {sentence}") from problem
    except OSError as problem:  # the driver lets through what happens while it connects
        raise StorageError(f"the database cannot be reached: {str(problem) or type(problem).__name__}") from problem

"""The two databases that a store may live in, each prepared so that it keeps what it promised."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from autoscaler.errors import InvalidInput

SQLITE, POSTGRESQL = "sqlite+aiosqlite", "postgresql+asyncpg"
SUPPORTED = f"{SQLITE}:///FILE or {POSTGRESQL}://USER@HOST/DATABASE"
# Longer than any transaction of ours; a second process that migrates waits as long as the first one takes.
BUSY_SECONDS = 30.0
PRAGMAS = (
    f"busy_timeout = {BUSY_SECONDS * 1000:.0f}",  # first: the next one may have to wait
    "journal_mode = WAL",  # readers never wait for the writer
    # What is journalled before the provider is called must survive a power cut, so that every commit is flushed.
    "synchronous = FULL",
    "foreign_keys = ON",
)
CONNECT_SECONDS = 5.0
SERVER_SETTINGS: Mapping[str, str] = {
    "application_name": "autoscaler",
    "timezone": "UTC",
    # A replica that froze in a transaction holds the lease's row: the server ends it well before a stand-by despairs.
    "idle_in_transaction_session_timeout": "5000",
    "lock_timeout": f"{BUSY_SECONDS * 1000:.0f}",
    # A host that vanished without a word is noticed within seconds, not after the usual two hours.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}


def parsed_url(url: str) -> URL:
    """The URL of a store.

    Raises:
        InvalidInput: it is none, or names a database that is not supported.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise InvalidInput(f"'{url}' is no database URL; give {SUPPORTED}") from None
    on_file = parsed.drivername == SQLITE and parsed.database not in (None, "", ":memory:")
    on_server = parsed.drivername == POSTGRESQL and parsed.database
    if not (on_file or on_server):
        told = parsed.render_as_string(hide_password=True)
        raise InvalidInput(f"the database {told} is not supported; give {SUPPORTED}")
    return parsed


def make_engine(url: URL) -> AsyncEngine:
    """A pool of prepared connections; nothing is opened before it is used."""
    if url.drivername == POSTGRESQL:
        settings = {"server_settings": dict(SERVER_SETTINGS), "timeout": CONNECT_SECONDS}
        # A server that was restarted leaves dead connections behind: each is tried before it is used.
        return create_async_engine(url, connect_args=settings, pool_pre_ping=True)
    engine = create_async_engine(url)
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

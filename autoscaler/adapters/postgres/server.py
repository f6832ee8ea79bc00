"""The life of the PostgreSQL server: made once, started and stopped often, reached by nobody but the pooler and us."""

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoscaler.adapters.postgres.layout import DATABASE, USER, Layout
from autoscaler.adapters.postgres.processes import Process, as_nobody_special, run, start
from autoscaler.adapters.postgres.programs import SERVICE_USER, Programs
from autoscaler.errors import ClusterError, InvalidInput

if TYPE_CHECKING:
    from psycopg import AsyncConnection

OWNER = "postgres"
# Names the socket file; nothing listens at this port.
SOCKET_PORT = 5432
MOST_CONNECTIONS = 60
LOOK_SECONDS = 0.005  # a start takes about a tenth of a second
START_SECONDS = 60.0
READY = "ready"


class Server:
    """A server in one folder; its processes are in the groups whose files are ``join``."""

    def __init__(
        self,
        programs: Programs,
        layout: Layout,
        *,
        shared_buffers_mib: int,
        join: tuple[Path, ...],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._programs = programs
        self._layout = layout
        self._shared_buffers_mib = shared_buffers_mib
        self._join = join
        self._sleep = sleep
        self._process: Process | None = None
        self._session: AsyncConnection[Any] | None = None

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and not self._process.ended

    async def make(self) -> None:
        """Make the folder's cluster and its database, where they are missing; it runs afterwards.

        Raises:
            InvalidInput: the folder cannot be used.
            ClusterError: it does not start.
        """
        if not (self._layout.data / "PG_VERSION").exists():
            await self._initialise()
        await self.start()
        if not await self.ask("select 1 from pg_database where datname = %s", DATABASE):
            await self.ask(f"create role {USER} login")
            await self.ask(f"create database {DATABASE} owner {USER}")

    async def start(self) -> None:
        """Return when it takes connections.

        Raises:
            ClusterError: it ended instead, or takes too long.
        """
        pid_file = self._layout.data / "postmaster.pid"
        self._process = await start(
            [
                *as_nobody_special(self._programs.setpriv, dies_with="INT"),
                *(str(self._programs.postgres), "-D", str(self._layout.data), *self._options()),
            ],
            name="the PostgreSQL server",
            log=self._layout.folder / "postgres.log",
            join=self._join,
        )
        for _ in range(int(START_SECONDS / LOOK_SECONDS)):
            self._process.demand_running()
            with suppress(OSError):
                told = pid_file.read_text().split()
                # One that was killed has left a file that says "ready", too.
                if told[:1] == [str(self._process.pid)] and told[-1] == READY:
                    return
            await self._sleep(LOOK_SECONDS)
        raise ClusterError(f"the PostgreSQL server in {self._layout.data} is not ready after {START_SECONDS:g} s")

    async def stop(self) -> None:
        """End all sessions and leave; nothing that was committed is lost."""
        await self._leave_session()
        if self._process is not None:
            await self._process.stop(signal.SIGINT)

    async def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, past the pooler.

        Raises:
            ClusterError: the server did not answer.
        """
        from psycopg import AsyncConnection, Error

        try:
            if self._session is None or self._session.closed:
                await self._leave_session()
                self._session = await AsyncConnection.connect(
                    host=str(self._layout.run), port=SOCKET_PORT, user=OWNER, dbname=OWNER, autocommit=True
                )
            cursor = await self._session.execute(statement.encode(), values or None)
            return await cursor.fetchall() if cursor.description else []
        except Error as problem:
            raise ClusterError(f"the PostgreSQL server does not answer: {problem}") from None

    async def _leave_session(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _initialise(self) -> None:
        data = self._layout.data
        data.mkdir(mode=0o700, exist_ok=True)
        self._layout.hand_over(data)
        try:
            await run(
                [
                    *as_nobody_special(self._programs.setpriv, dies_with="INT"),
                    *(str(self._programs.initdb), "-D", str(data), "-U", OWNER, "--encoding=UTF8", "--locale=C"),
                    # Only the servers' user may enter the folder of the socket, and nothing else is listened at.
                    "--auth=trust",
                ],
                name="initdb",
            )
        except ClusterError as problem:
            who = SERVICE_USER if os.getuid() == 0 else "this user"
            raise InvalidInput(
                f"no PostgreSQL can be made in {data}: {problem}; take a folder that {who} can enter, and that is empty"
            ) from None

    def _options(self) -> list[str]:
        settings = (
            "listen_addresses=",
            f"port={SOCKET_PORT}",
            f"unix_socket_directories={self._layout.run}",
            f"max_connections={MOST_CONNECTIONS}",
            # Small: the page cache of the group is what grows and shrinks with the size.
            f"shared_buffers={self._shared_buffers_mib}MB",
            "max_wal_size=256MB",
            "log_checkpoints=off",  # there is one at every pause
        )
        return [word for setting in settings for word in ("-c", setting)]

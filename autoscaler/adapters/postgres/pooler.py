"""PgBouncer before the server: it never sleeps, so that who comes meanwhile waits instead of failing."""

import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoscaler.adapters.postgres.layout import DATABASE, USER, Layout
from autoscaler.adapters.postgres.processes import Process, as_nobody_special, start
from autoscaler.adapters.postgres.programs import Programs
from autoscaler.adapters.postgres.server import SOCKET_PORT
from autoscaler.errors import ClusterBusy, ClusterError

if TYPE_CHECKING:
    from psycopg import AsyncConnection

ADMIN = "autoscaler"
NOT_PAUSED = "not paused"  # what PgBouncer answers then
LOOK_SECONDS = 0.02
START_SECONDS = 10.0
# A pause waits for running transactions; one that takes longer keeps the cluster awake.
PAUSE_SECONDS, PAUSE_LOOK_SECONDS = 5.0, 0.005
CONFIGURATION = """\
[databases]
{database} = host={run} port={socket_port} dbname={database} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {run}
unix_socket_mode = 0700
auth_type = scram-sha-256
auth_file = {run}/users.txt
admin_users = {admin}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 2000
ignore_startup_parameters = extra_float_digits,options
; Who waits for a resume or for his turn waits as long as it takes: a delay, never an error.
query_wait_timeout = 0
client_login_timeout = 0
; A server that does not take us is tried again at once: it may have been on its way up.
server_login_retry = 1
server_lifetime = 0
server_idle_timeout = 0
pidfile =
log_connections = 0
log_disconnections = 0
log_stats = 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """Clients and transactions at the pooler, now; ``queries`` since it was started."""

    clients: int
    waiting: int
    busy: int
    queries: int

    @property
    def wanted(self) -> bool:
        """Whether somebody uses the database or wants to."""
        return self.waiting > 0 or self.busy > 0


class Pooler:
    """One PgBouncer with one database."""

    def __init__(
        self, programs: Programs, layout: Layout, *, pool_size: int, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._programs = programs
        self._layout = layout
        self._pool_size = pool_size
        self._sleep = sleep
        self._secret = secrets.token_urlsafe(24)
        self._process: Process | None = None
        self._console: AsyncConnection[Any] | None = None

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and not self._process.ended

    async def start(self) -> None:
        """Return when it answers.

        Raises:
            ClusterError: it ended instead: its port is taken, say.
        """
        path = self._layout.run / f".s.PGSQL.{self._layout.port}"
        path.unlink(missing_ok=True)  # of one that was killed
        await self._leave_console()
        configuration = self._configure()
        self._process = await start(
            [
                *as_nobody_special(self._programs.setpriv, dies_with="TERM"),
                *(str(self._programs.pgbouncer), str(configuration)),
            ],
            name="PgBouncer",
            log=self._layout.folder / "pgbouncer.log",
        )
        for _ in range(int(START_SECONDS / LOOK_SECONDS)):
            self._process.demand_running()
            if listens(path):
                return
            await self._sleep(LOOK_SECONDS)
        raise ClusterError(f"PgBouncer does not answer at {path}")

    async def stop(self) -> None:
        """Every client is disconnected."""
        await self._leave_console()
        if self._process is not None:
            await self._process.stop(signal.SIGTERM)

    async def pools(self) -> Pools:
        """Who is there.

        Raises:
            ClusterError: the pooler does not answer.
        """
        rows = [row for row in await self._ask("SHOW POOLS") if row["database"] == DATABASE]
        stats = [row for row in await self._ask("SHOW STATS") if row["database"] == DATABASE]
        waiting = sum(row["cl_waiting"] for row in rows)
        return Pools(
            clients=sum(row["cl_active"] for row in rows) + waiting,
            waiting=waiting,
            busy=sum(row["sv_active"] for row in rows),
            queries=int(sum(row["total_query_count"] for row in stats)),
        )

    async def pause(self) -> None:
        """Let running transactions end and give all connections to the server up; from now on clients wait.

        Raises:
            ClusterBusy: a transaction goes on for too long; nothing has changed.
        """
        console = await self._connect()
        try:
            console.pgconn.send_query(f"PAUSE {DATABASE}".encode())
            for _ in range(int(PAUSE_SECONDS / PAUSE_LOOK_SECONDS)):
                console.pgconn.consume_input()
                if not console.pgconn.is_busy():
                    return
                await self._sleep(PAUSE_LOOK_SECONDS)
        finally:
            await console.close()
        await self.resume()
        raise ClusterBusy(f"a transaction has kept the cluster from pausing for {PAUSE_SECONDS:g} s")

    async def resume(self) -> None:
        """Let clients through, if they were held back."""
        try:
            await self._ask(f"RESUME {DATABASE}")
        except ClusterError as problem:
            if NOT_PAUSED not in str(problem):
                raise

    async def _ask(self, command: str) -> list[dict[str, Any]]:
        """The console takes simple queries only, which a statement without values is."""
        from psycopg import Error
        from psycopg.rows import dict_row

        try:
            if self._console is None or self._console.closed:
                await self._leave_console()
                self._console = await self._connect()
            cursor = await self._console.cursor(row_factory=dict_row).execute(command.encode())
            return await cursor.fetchall() if cursor.description else []
        except Error as problem:
            raise ClusterError(f"PgBouncer does not answer: {problem}") from None

    async def _connect(self) -> "AsyncConnection[Any]":
        from psycopg import AsyncConnection, OperationalError

        try:
            return await AsyncConnection.connect(
                host=str(self._layout.run),
                port=self._layout.port,
                user=ADMIN,
                password=self._secret,
                dbname="pgbouncer",
                autocommit=True,
                prepare_threshold=None,  # after some repetitions psycopg would prepare a statement
            )
        except OperationalError as problem:
            raise ClusterError(f"PgBouncer does not answer: {problem}") from None

    async def _leave_console(self) -> None:
        if self._console is not None:
            await self._console.close()
            self._console = None

    def _configure(self) -> Path:
        run = self._layout.run
        users = {USER: self._layout.password(), ADMIN: self._secret}
        self._write(run / "users.txt", "".join(f'"{name}" "{password}"\n' for name, password in users.items()))
        configuration = run / "pgbouncer.ini"
        text = CONFIGURATION.format(
            database=DATABASE,
            user=USER,
            run=run,
            socket_port=SOCKET_PORT,
            port=self._layout.port,
            admin=ADMIN,
            pool_size=self._pool_size,
        )
        self._write(configuration, text)
        return configuration

    def _write(self, path: Path, text: str) -> None:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        self._layout.hand_over(path)


def listens(path: Path) -> bool:
    """Whether somebody can connect: the socket is there a moment before that."""
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(path)) == 0

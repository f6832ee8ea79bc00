"""A real PostgreSQL server of the test run's own: a folder and a port that nobody else uses, gone afterwards."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

PROGRAMS = Path("/usr/lib/postgresql")
START_SECONDS = 30
# Nothing of it outlives the run, so nothing has to survive a power cut.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=16MB")
PASSWORD = "a secret of the tests"

# One worker runs all of them, so that one server is enough.
needs_postgres = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; every test takes a database of its own."""

    port: int
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://tests:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty one."""
        name = f"test_{next(self.numbers)}"
        asyncio.run(self._create(name))
        return self.url(name)

    async def _create(self, name: str) -> None:
        engine = create_async_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"create database {name}"))
        await engine.dispose()


def missing() -> str | None:
    """Why no server can be started here."""
    if not shutil.which("setpriv"):
        return "no setpriv (Debian: util-linux), which starts a server that ends with the tests"
    return None if _servers() else f"no PostgreSQL server under {PROGRAMS} (Debian: apt-get install postgresql)"


@contextmanager
def running_server() -> Iterator[Server]:
    """A server that is stopped in any case: the kernel ends it when this process dies."""
    with TemporaryDirectory(prefix="autoscaler-pg-") as folder:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data, log = Path(folder, "data"), Path(folder, "log")
        _initialise(data, Path(folder))
        port = free_port()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*_as_nobody_special(), str(_programs() / "postgres"), "-D", str(data), "-p", str(port), *_options()],
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_until_it_answers(process, port, log)
            yield Server(port)
        finally:
            process.send_signal(2)  # SIGINT: the server ends all sessions and leaves
            process.wait(START_SECONDS)


def _programs() -> Path:
    """Of the newest version."""
    return max(_servers(), key=lambda one: float(one.parts[-3])).parent


def _servers() -> list[Path]:
    return list(PROGRAMS.glob("*/bin/postgres"))


def _as_nobody_special() -> list[str]:
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=INT", "--"]


def _initialise(data: Path, folder: Path) -> None:
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)  # the server's user reads it; the folder lets nobody else in
    subprocess.run(
        [
            *(*_as_nobody_special(), str(_programs() / "initdb"), "-D", str(data), "-U", "tests", "--no-sync"),
            *("--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={secret}"),
        ],
        check=True,
        capture_output=True,
    )


def _options() -> list[str]:
    settings = (*QUICK, "listen_addresses=127.0.0.1", "unix_socket_directories=")
    return [word for setting in settings for word in ("-c", setting)]


def free_port() -> int:
    """A port of this machine that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    asked = [str(_programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    while subprocess.run(asked, check=False).returncode != 0:
        if process.poll() is not None:
            raise AssertionError(f"the PostgreSQL server ended: {log.read_text()}")

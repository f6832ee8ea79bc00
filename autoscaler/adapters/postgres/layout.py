"""Where everything of a local cluster lies: what lasts in its folder, what lives in a short-lived one."""

import os
import secrets
import shutil
import socket
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from tempfile import mkdtemp
from typing import TextIO

from autoscaler.adapters.postgres.programs import SERVICE_USER
from autoscaler.errors import InvalidInput

DATABASE = USER = "app"
LOOPBACK = "127.0.0.1"
PASSWORD_FILE = "pgpass"  # noqa: S105 - a name of a file
# The path of a Unix socket is kept in 108 bytes, and PostgreSQL puts `.s.PGSQL.65535` behind the folder.
LONGEST_SOCKET_FOLDER = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The folders of a cluster.

    Args:
        folder: what lasts: the data, the logs, the password.
        run: sockets and the pooler's configuration, made anew at every start; only the servers' user may enter it.
        port: where the pooler listens, on this machine only.
        lock: held as long as this process has the folder.
    """

    folder: Path
    run: Path
    port: int
    lock: TextIO

    @property
    def data(self) -> Path:
        """What `initdb` made."""
        return self.folder / "data"

    @property
    def password_file(self) -> Path:
        """For libpq: the password is in no URL and on no command line."""
        return self.folder / PASSWORD_FILE

    @property
    def url(self) -> str:
        """What a client connects to."""
        return url_of(self.folder, port=self.port)

    def password(self) -> str:
        """The one in the file; a new one where there is none."""
        if not self.password_file.exists():
            line = f"{LOOPBACK}:*:*:{USER}:{secrets.token_urlsafe(24)}\n"
            with os.fdopen(os.open(self.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(line)
        return self.password_file.read_text().strip().rpartition(":")[2]

    def hand_over(self, path: Path) -> None:
        """Make it the servers' user's, when that is another one than we."""
        if os.getuid() == 0:
            shutil.chown(path, SERVICE_USER, SERVICE_USER)

    def clear(self) -> None:
        """Remove what was made for this start, and let others have the folder."""
        shutil.rmtree(self.run, ignore_errors=True)
        self.lock.close()


def url_of(folder: Path, *, port: int) -> str:
    """Where clients of the cluster in a folder connect; the password stays in its file."""
    return f"postgresql://{USER}@{LOOPBACK}:{port}/{DATABASE}?passfile={folder.absolute() / PASSWORD_FILE}"


def lay_out(folder: Path, *, port: int) -> Layout:
    """The folders, made where they are missing.

    Raises:
        InvalidInput: they cannot be made, another process has them, or somebody listens at the port.
    """
    _demand_free(port)
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder)
        run = Path(mkdtemp(prefix="autoscaler-"))
    except OSError as problem:
        raise InvalidInput(f"{folder} cannot be used for a cluster: {problem.strerror}") from None
    layout = Layout(folder=folder, run=run, port=port, lock=lock)
    if len(str(run)) > LONGEST_SOCKET_FOLDER:
        layout.clear()
        raise InvalidInput(f"{run} is too long for a Unix socket; set TMPDIR to a shorter folder")
    layout.hand_over(run)
    return layout


def _locked(folder: Path) -> TextIO:
    lock = (folder / "lock").open("a")
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise InvalidInput(f"{folder} is another process's, which sizes its cluster; take another folder") from None
    return lock


def _demand_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as problem:
            raise InvalidInput(f"port {port} of {LOOPBACK} cannot be used: {problem.strerror}; take another") from None

"""The programs that a local cluster is made of, and which Debian package has each."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autoscaler.errors import InvalidInput

SERVERS = Path("/usr/lib/postgresql")
SYSTEM_FOLDERS = "/usr/sbin:/sbin"  # where Debian puts daemons, and a user's PATH often does not look
SERVICE_USER = "postgres"  # made by Debian's package; PostgreSQL and PgBouncer refuse to run as root


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where they are."""

    postgres: Path
    initdb: Path
    pgbouncer: Path
    setpriv: Path

    @property
    def pgbench(self) -> Path:
        """The load generator that comes with the server."""
        return self.postgres.parent / "pgbench"


def find_programs(servers: Path = SERVERS, path: str | None = None) -> Programs:
    """All of them, the server in its newest version.

    Raises:
        InvalidInput: some are missing; the message names the packages.
    """
    path = f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}" if path is None else path
    server = _newest(servers.glob("*/bin/postgres")) or _which("postgres", path)
    pgbouncer, setpriv = _which("pgbouncer", path), _which("setpriv", path)
    if server is None or pgbouncer is None or setpriv is None:
        packages = (("postgresql", server), ("pgbouncer", pgbouncer), ("util-linux", setpriv))
        missing = " ".join(package for package, found in packages if found is None)
        raise InvalidInput(f"not installed here: {missing}; on Debian and Ubuntu: apt-get install {missing}")
    return Programs(postgres=server, initdb=server.parent / "initdb", pgbouncer=pgbouncer, setpriv=setpriv)


def _newest(servers: Iterable[Path]) -> Path | None:
    return max(servers, key=lambda one: float(one.parts[-3]), default=None)


def _which(name: str, path: str) -> Path | None:
    found = shutil.which(name, path=path)
    return None if found is None else Path(found)

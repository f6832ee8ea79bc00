"""A server in its group behind its pooler, as one thing: what can be asked of it, and how it sleeps and wakes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autoscaler.adapters.postgres.cgroups import ROOT, Cgroup, Usage, make_cgroup
from autoscaler.adapters.postgres.layout import DATABASE, Layout, lay_out
from autoscaler.adapters.postgres.pooler import Pooler, Pools
from autoscaler.adapters.postgres.programs import Programs, find_programs
from autoscaler.adapters.postgres.server import Server
from autoscaler.adapters.postgres.sizes import Unit
from autoscaler.errors import ClusterError, InvalidInput

REMOVE_TRIES, REMOVE_SECONDS = 40, 0.025
CACHE = "select blks_hit, blks_read from pg_stat_database where datname = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Pages read since the statistics began: from the server's own cache, and from outside it."""

    hit: int
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Where it lives and what an ACU of it is.

    Args:
        folder: what lasts.
        port: where clients connect, on this machine only.
        pool_size: how many transactions run at once; further ones wait for their turn.
        cgroup_root: where its group is made.
    """

    folder: Path
    port: int = 6543
    unit: Unit = field(default_factory=Unit)
    pool_size: int = 20
    cgroup_root: Path = ROOT


class Engine:
    """A running PostgreSQL; see `running_engine`."""

    def __init__(
        self,
        *,
        layout: Layout,
        server: Server,
        pooler: Pooler,
        cgroup: Cgroup,
        unit: Unit,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self.unit = unit
        self._sleep = sleep
        self._layout = layout
        self._server = server
        self._pooler = pooler
        self._cgroup = cgroup

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self._layout.url

    @property
    def runs(self) -> bool:
        """Whether the server is up; the pooler always is."""
        return self._server.runs

    def resize(self, acu: float) -> None:
        """Have this size from now on.

        Raises:
            ClusterError: the kernel refused it.
        """
        try:
            self._cgroup.limit(cpus=acu * self.unit.cpus, memory_bytes=self.unit.memory_bytes(acu))
        except OSError as problem:
            raise ClusterError(f"the cgroup does not take {acu:g} ACU: {problem}") from None

    def usage(self) -> Usage:
        """What was used so far."""
        return self._cgroup.usage()

    async def pools(self) -> Pools:
        """Who is there; a pooler that ended by itself is started again."""
        if not self._pooler.runs:
            await self._pooler.start()
            if not self.runs:
                await self._pooler.pause()
        return await self._pooler.pools()

    async def reads(self) -> Reads:
        """How well it caches; only while it is up."""
        ((hit, read),) = await self.ask(CACHE, DATABASE)
        return Reads(hit=hit, read=read)

    async def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, in the database of its superuser; only while it is up."""
        return await self._server.ask(statement, *values)

    async def sleep(self) -> bool:
        """Stop the server with clients held back; False when one came meanwhile, and it goes on as before.

        Raises:
            ClusterBusy: a transaction runs on; nothing has changed.
        """
        await self._server.ask("checkpoint")  # otherwise the stop does it, with clients waiting
        await self._pooler.pause()
        try:
            if (await self._pooler.pools()).waiting:
                await self._pooler.resume()
                return False
            await self._server.stop()
        except ClusterError:
            if self.runs:  # otherwise clients would wait for nobody
                await self._pooler.resume()
            raise
        return True

    async def wake(self) -> None:
        """Start the server, unless it is up, and let clients through."""
        if not self.runs:
            await self._server.start()
        await self._pooler.resume()

    async def recover(self) -> None:
        """Start a server that ended by itself; who comes meanwhile waits."""
        await self._pooler.pause()
        await self._server.stop()
        await self.wake()

    async def start(self) -> None:
        """Make what is missing, and take clients."""
        await self._server.make()
        await self._pooler.start()

    async def stop(self) -> None:
        """Leave nothing behind but the data."""
        await self._pooler.stop()
        await self._server.stop()
        for _ in range(REMOVE_TRIES):  # the last of the server's processes are on their way out
            if self._cgroup.remove():
                break
            await self._sleep(REMOVE_SECONDS)
        self._layout.clear()


async def start_engine(
    name: str,
    settings: EngineSettings,
    *,
    acu: float,
    sleep: Callable[[float], Awaitable[None]],
    programs: Programs | None = None,
) -> Engine:
    """Start one at a size.

    Raises:
        InvalidInput: a program, a right or a folder is missing.
        ClusterError: it does not start.
    """
    programs = programs or find_programs()
    _demand_psycopg()
    layout = lay_out(settings.folder, port=settings.port)
    try:
        cgroup = make_cgroup(name, root=settings.cgroup_root)
    except InvalidInput:
        layout.clear()
        raise
    unit = settings.unit
    server = Server(programs, layout, shared_buffers_mib=unit.shared_buffers_mib, join=cgroup.join, sleep=sleep)
    pooler = Pooler(programs, layout, pool_size=settings.pool_size, sleep=sleep)
    engine = Engine(layout=layout, server=server, pooler=pooler, cgroup=cgroup, unit=unit, sleep=sleep)
    try:
        engine.resize(acu)
        await engine.start()
    except BaseException:
        await engine.stop()
        raise
    return engine


def _demand_psycopg() -> None:
    if find_spec("psycopg") is None:
        raise InvalidInput("psycopg is not installed here: pip install 'autoscaler[local]'")

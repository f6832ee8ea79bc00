"""A cluster that is connected when it is first asked, and again after a failure: a broken one is like a silent one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime

from autoscaler.core.capacity import Range, Status
from autoscaler.core.ports import Cluster, Remembering, Stretch, TellsResumes
from autoscaler.core.resumes import Resume
from autoscaler.core.samples import Sample


class LateCluster:
    """Whatever goes wrong with connecting goes wrong in its own ticks: no other cluster waits for it or stops."""

    def __init__(self, cluster_id: str, connect: Callable[[], Awaitable[Cluster]]) -> None:
        self.cluster_id = cluster_id
        self._connect = connect
        self._connecting: asyncio.Task[Cluster] | None = None

    async def try_to_connect(self) -> None:
        """Connect now; a failure is left to the first one who asks."""
        with suppress(Exception):
            await self._cluster()

    async def status(self) -> Status:
        return await (await self._cluster()).status()

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        return await (await self._cluster()).samples_since(after)

    async def remembered(self, after: datetime | None, *, before: datetime) -> Stretch:
        cluster = await self._cluster()
        if not isinstance(cluster, Remembering):
            return Stretch(samples=(), end=before)
        return await cluster.remembered(after, before=before)

    async def resumes_since(self, after: datetime | None) -> Sequence[Resume]:
        cluster = await self._cluster()
        return await cluster.resumes_since(after) if isinstance(cluster, TellsResumes) else ()

    async def apply(self, wanted: Range) -> None:
        await (await self._cluster()).apply(wanted)

    async def _cluster(self) -> Cluster:
        """Who asks may give up; connecting goes on for the next one."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connected(), name=f"connect {self.cluster_id}")
            self._connecting.add_done_callback(_noticed)
        connecting = self._connecting
        try:
            return await asyncio.shield(connecting)
        except Exception:
            if self._connecting is connecting and connecting.done():
                self._connecting = None
            raise

    async def _connected(self) -> Cluster:
        return await self._connect()


def _noticed(task: "asyncio.Task[Cluster]") -> None:
    """Nobody need be left who asked: the next tick of the cluster tells what went wrong."""
    if not task.cancelled():
        task.exception()

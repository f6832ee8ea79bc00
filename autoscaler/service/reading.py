"""Clusters of one account are read together: whoever asks while a call is under way shares the next one."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from autoscaler.core.ports import FleetReader, Reading, Wanted
from autoscaler.errors import ClusterError
from autoscaler.service.account import Account
from autoscaler.storage.batches import Batches


class Reader:
    """Makes few large reads of many small ones; a read that takes longer than ``call_seconds`` has failed."""

    def __init__(self, source: FleetReader, account: Account, *, call_seconds: float) -> None:
        self._source = source
        self._account = account
        self._call_seconds = call_seconds
        self._reads = Batches(self._read_all, most=source.most_at_once, lanes=account.calls_at_once)

    async def read(self, cluster_id: str, after: datetime | None) -> Reading:
        """A cluster's status and its samples that start after ``after``.

        Raises:
            ClusterError: it cannot be read.
        """
        answer = await self._reads.add(Wanted(cluster_id=cluster_id, after=after))
        if isinstance(answer, ClusterError):
            raise answer
        return answer

    async def _read_all(self, wanted: Sequence[Wanted]) -> Sequence[Reading | ClusterError]:
        """An outage is told to each: to ask for each alone then would only make it worse."""
        try:
            return await self._account.attempt(lambda: self._in_time(wanted))
        except ClusterError as problem:
            return [problem] * len(wanted)

    async def _in_time(self, wanted: Sequence[Wanted]) -> Sequence[Reading | ClusterError]:
        try:
            async with asyncio.timeout(self._call_seconds):
                return await self._source.read(wanted)
        except TimeoutError:
            raise ClusterError(f"no answer to the read call within {self._call_seconds:g} s") from None

"""Calls of an account, one after the other where they come too fast."""

import asyncio
from collections.abc import Awaitable, Callable

from autoscaler.service.bucket import Bucket
from autoscaler.service.clock import Stopwatch

# So many may come together after a quiet time: a tick of a few clusters need not be spread.
BURST_SECONDS = 2.0


class Turns:
    """So many calls a second, in real time; whoever comes too early waits."""

    def __init__(self, per_second: float, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        watch = Stopwatch()
        size = max(1.0, BURST_SECONDS * per_second)
        self._bucket = Bucket(per_second=per_second, size=size, now=lambda: watch.seconds)
        self._sleep = sleep

    async def take(self) -> None:
        """Return when a call may be made."""
        seconds = self._bucket.reserve()
        if seconds > 0:
            await self._sleep(seconds)

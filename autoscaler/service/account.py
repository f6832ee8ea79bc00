"""One account at a provider: how many calls at once and a second, so that people's own calls still get through."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from zlib import crc32

import numpy as np
import structlog

from autoscaler.errors import ClusterThrottled
from autoscaler.service.bucket import Bucket
from autoscaler.service.clock import Stopwatch

T = TypeVar("T")

# A throttled call did nothing and is made again after about so long: a tick later would be a minute later.
WAITS_SECONDS = (1.0, 2.0, 4.0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimits:
    """``calls_per_second`` None: as many as come. ``burst`` calls may come together after a quiet time."""

    calls_at_once: int = 64
    calls_per_second: float | None = None
    burst: float = 100.0


NO_LIMITS = AccountLimits()


class Accounts:
    """All that are used, by name; each of them with the same limits."""

    def __init__(self, limits: AccountLimits = NO_LIMITS, *, paced: Callable[[str], bool] = lambda name: False) -> None:
        """``paced`` accounts are not asked too often by whoever makes their calls: here nobody waits twice."""
        self._limits = limits
        self._paced = paced
        self._known: dict[str, Account] = {}

    def of(self, name: str) -> "Account":
        """The account of that name."""
        if name not in self._known:
            limits = replace(self._limits, calls_per_second=None) if self._paced(name) else self._limits
            self._known[name] = Account(name, limits)
        return self._known[name]


class Account:
    """Whose calls are counted together. A slow or throttled account holds up no other."""

    def __init__(
        self,
        name: str = "",
        limits: AccountLimits = NO_LIMITS,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        watch = Stopwatch()
        rate = limits.calls_per_second
        self.name = name
        self.calls_at_once = limits.calls_at_once
        self._places = asyncio.Semaphore(limits.calls_at_once)
        self._bucket = None if rate is None else Bucket(per_second=rate, size=limits.burst, now=lambda: watch.seconds)
        self._sleep = sleep
        self._chance = np.random.default_rng(crc32(name.encode()))

    async def attempt(self, call: Callable[[], Awaitable[T]], *, calls: int = 1) -> T:
        """The answer of a call, once there is room for it; a throttled one is made again a few times.

        Args:
            call: makes ``calls`` calls to the provider.

        Raises:
            ClusterThrottled: the provider takes no calls for longer than that.
        """
        for wait_seconds in WAITS_SECONDS:
            try:
                return await self._in_turn(call, calls)
            except ClusterThrottled as throttled:
                log.debug("throttled", account=self.name, reason=str(throttled))
                # Spread, or all who were refused together would come back together.
                await self._sleep(wait_seconds * float(self._chance.uniform(0.5, 1.5)))
        return await self._in_turn(call, calls)

    async def _in_turn(self, call: Callable[[], Awaitable[T]], calls: int) -> T:
        async with self._places:
            if self._bucket is not None:
                await self._sleep(max(self._bucket.reserve() for _ in range(calls)))
            return await call()

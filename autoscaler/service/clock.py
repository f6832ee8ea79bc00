"""The only place that reads the wall clock: everybody else is handed one of these."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from autoscaler.core.ports import Clock


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ScaledClock:
    """Time that runs ``speed`` times faster than real time, from ``start`` on; it never goes back."""

    def __init__(self, *, start: datetime, speed: float) -> None:
        self._start = start
        self._speed = speed
        self._since = Stopwatch()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._since.seconds * self._speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


class GridClock:
    """Another clock's time, told in whole intervals since 1970.

    The service and its simulated clusters share one, so that a tick that comes a little late still sees the
    moment it is about, and a backtest of the same workload sees the same.
    """

    def __init__(self, clock: Clock, *, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds

    def exact(self) -> datetime:
        """The other clock's time as it is."""
        return self._clock.now()

    def now(self) -> datetime:
        whole = self._clock.now().timestamp() // self._seconds * self._seconds
        return datetime.fromtimestamp(whole, UTC)

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


class Stopwatch:
    """Seconds of real time since it was made or last restarted."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self._started

    def restart(self) -> None:
        """Begin at zero again."""
        self._started = time.monotonic()

"""Where forecasters are fitted: out of the event loop and out of its process, bounded in every way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Protocol

from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.service.bucket import Bucket
from autoscaler.service.clock import Stopwatch
from autoscaler.service.fit_process import FitProcess

SECONDS_PER_HOUR = 3600.0
# What may wait for each process. Whoever finds no place asks again at a later tick: so a fleet that was started at
# one moment is not fitted at one moment, and ticks never wait for more than some fits.
WAITING_FOR_EACH = 4


class Fits(Protocol):
    """Whoever fits forecasters."""

    async def fit(self, forecaster: Forecaster, history: History) -> FittedForecaster | None:
        """The fit; None when there is no place for it now.

        Raises:
            Exception: whatever the forecaster raised, or why its process had no answer.
        """
        ...


class InThreads:
    """Beside the event loop, but in this process: for small fleets, and for tests."""

    async def fit(self, forecaster: Forecaster, history: History) -> FittedForecaster | None:
        return await asyncio.to_thread(forecaster.fit, history)

    def close(self) -> None:
        """There is nothing to end."""


class InProcesses:
    """In ``processes`` of their own; a fit that takes longer than ``seconds`` is ended with its process."""

    def __init__(self, *, processes: int, seconds: float, per_hour: int) -> None:
        self._seconds = seconds
        self._most = processes * (1 + WAITING_FOR_EACH)
        self._taken = 0
        self._processes = [FitProcess() for _ in range(processes)]
        self._idle: SimpleQueue[FitProcess] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="fit")
        watch = Stopwatch()
        self._hourly = Bucket(per_second=per_hour / SECONDS_PER_HOUR, size=per_hour, now=lambda: watch.seconds)

    async def fit(self, forecaster: Forecaster, history: History) -> FittedForecaster | None:
        if self._taken >= self._most or not self._hourly.take():
            return None
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._fit, forecaster, history)
        finally:
            self._taken -= 1

    def close(self) -> None:
        """End everything at once."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.close()

    def _fit(self, forecaster: Forecaster, history: History) -> FittedForecaster:
        process = self._idle.get()
        try:
            return process.fit(forecaster, history, seconds=self._seconds)
        finally:
            self._idle.put(process)


def make_fits(*, processes: int, seconds: float, per_hour: int) -> InProcesses | InThreads:
    """In processes, or in threads where there shall be none."""
    return InProcesses(processes=processes, seconds=seconds, per_hour=per_hour) if processes else InThreads()

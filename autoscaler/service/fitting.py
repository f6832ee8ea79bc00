"""Where forecasters are fitted and policies tuned: out of the event loop and of its process, bounded in every way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from autoscaler.backtest.tuning.tuner import Tried, Tuner
from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.service.bucket import Bucket
from autoscaler.service.clock import Stopwatch
from autoscaler.service.fit_process import Fit, FitProcess, Task

T = TypeVar("T")

SECONDS_PER_HOUR = 3600.0
# What may wait for each process. Whoever finds no place asks again at a later tick: so a fleet that was started at
# one moment is not fitted at one moment, and ticks never wait for more than some fits.
WAITING_FOR_EACH = 4
# The first choice of a process waits for half a minute of compiling, and on a slow machine for some minutes.
COMPILING_SECONDS = 300.0


class Fits(Protocol):
    """Whoever fits forecasters and tries what a policy chooses from.

    ``elsewhere``: choices are made out of this process, and no tick waits for them.
    """

    @property
    def elsewhere(self) -> bool: ...

    async def fit(self, forecaster: Forecaster, history: History) -> FittedForecaster | None:
        """The fit; None when there is no place for it now.

        Raises:
            Exception: whatever the forecaster raised, or why its process had no answer.
        """
        ...

    def choose(self, tuner: Tuner) -> "asyncio.Future[Tried] | None":
        """What will be chosen, beside the ticks; None when there is no place for it now."""
        ...


class InThreads:
    """Beside the event loop, but in this process: for small fleets, and for tests."""

    elsewhere = False

    def __init__(self) -> None:
        self._chooser = ThreadPoolExecutor(1, thread_name_prefix="choose")

    async def fit(self, forecaster: Forecaster, history: History) -> FittedForecaster | None:
        return await asyncio.to_thread(forecaster.fit, history)

    def choose(self, tuner: Tuner) -> "asyncio.Future[Tried] | None":
        return asyncio.get_running_loop().run_in_executor(self._chooser, tuner.trying().do)

    def close(self) -> None:
        """Begin nothing more."""
        self._chooser.shutdown(wait=False, cancel_futures=True)


class InProcesses:
    """In ``processes`` of their own; a fit that takes longer than ``seconds`` is ended with its process.

    One more makes choices: a fit, which a tick waits for, never waits for them.
    """

    elsewhere = True

    def __init__(self, *, processes: int, seconds: float, per_hour: int) -> None:
        watch = Stopwatch()
        hourly = Bucket(per_second=per_hour / SECONDS_PER_HOUR, size=per_hour, now=lambda: watch.seconds)
        self._seconds = seconds
        self._fits = Crew(processes, name="fit", hourly=hourly)
        self._choices = Crew(1, name="choose", hourly=hourly)

    async def fit(self, forecaster: Forecaster, history: History) -> FittedForecaster | None:
        answer = self._fits.take(Fit(forecaster=forecaster, history=history), seconds=self._seconds)
        return None if answer is None else await answer

    def choose(self, tuner: Tuner) -> "asyncio.Future[Tried] | None":
        if not self._choices.room:
            return None
        return self._choices.take(tuner.trying(), seconds=self._seconds + COMPILING_SECONDS)

    def close(self) -> None:
        """End everything at once."""
        self._fits.close()
        self._choices.close()


class Crew:
    """Some processes, and who waits for them."""

    def __init__(self, count: int, *, name: str, hourly: Bucket) -> None:
        self._most, self._taken, self._hourly = count * (1 + WAITING_FOR_EACH), 0, hourly
        self._processes = [FitProcess() for _ in range(count)]
        self._idle: SimpleQueue[FitProcess] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=name)

    @property
    def room(self) -> bool:
        """Whether there is a place to wait."""
        return self._taken < self._most

    def take(self, task: Task[T], *, seconds: float) -> "asyncio.Future[T] | None":
        """What comes of a task; None when there is no place for it now."""
        if not self.room or not self._hourly.take():
            return None
        answer = asyncio.get_running_loop().run_in_executor(self._threads, self._do, task, seconds)
        self._taken += 1
        answer.add_done_callback(self._told)
        return answer

    def close(self) -> None:
        """End everything at once."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.close()

    def _do(self, task: Task[T], seconds: float) -> T:
        process = self._idle.get()
        try:
            return process.do(task, seconds=seconds)
        finally:
            self._idle.put(process)

    def _told(self, answer: "asyncio.Future[Any]") -> None:
        self._taken -= 1
        if not answer.cancelled():
            answer.exception()  # a cluster that has left the fleet does not ask any more


def make_fits(*, processes: int, seconds: float, per_hour: int) -> InProcesses | InThreads:
    """In processes, or in threads where there shall be none."""
    return InProcesses(processes=processes, seconds=seconds, per_hour=per_hour) if processes else InThreads()

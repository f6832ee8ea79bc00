"""A process of its own that fits forecasters or tunes policies, one after the other, and that may die without harm."""

import multiprocessing
import signal
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Lock
from typing import Generic, Protocol, TypeVar

from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.errors import AutoscalerError

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

STOP_SECONDS = 1.0


class Task(Protocol[T_co]):
    """What a process can do; it says what it is. What comes of it goes back over the pipe."""

    def do(self) -> T_co:
        """Do it.

        Raises:
            Exception: whatever a plug-in raises.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Fits a forecaster."""

    forecaster: Forecaster
    history: History

    def __str__(self) -> str:
        return f"a fit of {type(self.forecaster).__name__}"

    def do(self) -> FittedForecaster:
        return self.forecaster.fit(self.history)


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    """What came of a task, to be told from why nothing did."""

    answer: T


class FitProcess:
    """Started when it is first needed; ended when it takes too long, and started again for the next task.

    What goes over the pipe never touches a disk, and ends with the two processes that hold it.
    """

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False
        self._turn = Lock()  # it is closed from another thread than the one that starts it

    def do(self, task: Task[T], *, seconds: float) -> T:
        """Blocks: call it beside the event loop.

        Raises:
            AutoscalerError: the task failed, took too long, or its process died.
        """
        pipe = self._pipe or self._start()
        try:
            pipe.send(task)
            if not pipe.poll(seconds):
                raise AutoscalerError(f"{task} took longer than {seconds:g} s")
            answer: _Done[T] | str = pipe.recv()
        except (EOFError, OSError):
            self._end()
            raise AutoscalerError(f"{task} ended with its process, which died") from None
        except AutoscalerError:
            self._end()
            raise
        if isinstance(answer, str):
            raise AutoscalerError(f"{task} failed: {answer}")
        return answer.answer

    def close(self) -> None:
        """End the process, whatever it does; a task under way fails."""
        self._closed = True
        self._end()

    def _start(self) -> Connection:
        with self._turn:
            if self._closed:
                raise AutoscalerError("the service stops")
            context = multiprocessing.get_context("spawn")
            pipe, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), name="fit", daemon=True)
            process.start()
            theirs.close()
            self._process, self._pipe = process, pipe
            return pipe

    def _end(self) -> None:
        with self._turn:
            process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if process is not None:
            process.kill()
            process.join(STOP_SECONDS)
        if pipe is not None:
            pipe.close()


def _serve(pipe: Connection) -> None:
    """Do whatever comes until the other end is gone; Ctrl-C is left to the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_done(pipe.recv()))


def _done(task: Task[T]) -> _Done[T] | str:
    """What came of it, or why nothing did: a forecaster is a plug-in, and may raise what cannot be sent."""
    try:
        return _Done(task.do())
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"

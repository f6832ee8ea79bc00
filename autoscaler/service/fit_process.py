"""A process of its own that fits forecasters, one after the other, and that may die without harm."""

import multiprocessing
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Lock

from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.errors import AutoscalerError

STOP_SECONDS = 1.0


class FitProcess:
    """Started when it is first needed; ended when it takes too long, and started again for the next fit.

    What goes over the pipe never touches a disk, and ends with the two processes that hold it.
    """

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False
        self._turn = Lock()  # it is closed from another thread than the one that starts it

    def fit(self, forecaster: Forecaster, history: History, *, seconds: float) -> FittedForecaster:
        """Blocks: call it beside the event loop.

        Raises:
            AutoscalerError: the forecaster failed, took too long, or its process died.
        """
        pipe = self._pipe or self._start()
        try:
            pipe.send((forecaster, history))
            if not pipe.poll(seconds):
                raise AutoscalerError(f"a fit of {type(forecaster).__name__} took longer than {seconds:g} s")
            answer = pipe.recv()
        except (EOFError, OSError):
            self._end()
            raise AutoscalerError(f"the process that fitted {type(forecaster).__name__} died") from None
        except AutoscalerError:
            self._end()
            raise
        if isinstance(answer, str):
            raise AutoscalerError(f"the forecaster failed: {answer}")
        fitted: FittedForecaster = answer
        return fitted

    def close(self) -> None:
        """End the process, whatever it does; a fit under way fails."""
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
    """Fit whatever comes until the other end is gone; Ctrl-C is left to the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            forecaster, history = pipe.recv()
            pipe.send(_fitted(forecaster, history))


def _fitted(forecaster: Forecaster, history: History) -> FittedForecaster | str:
    """The fit, or why there is none: a forecaster is a plug-in, and may raise what cannot be sent."""
    try:
        return forecaster.fit(history)
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"

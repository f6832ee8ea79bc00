"""Errands beside each other, each in a process of its own: backtests, recommendations."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Generic, Protocol, TypeVar, cast

from autoscaler.errors import AutoscalerError

Tell = Callable[[str, str, int, int], None]
Report = Callable[[str, int, int], None]
Clock = Callable[[], datetime]
TERMINATED = 143  # what a shell says of a process that was asked to end

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Errand(Protocol[T_co]):
    """Something to do elsewhere, and under which name it is told of; it is sent there, and what comes of it back."""

    @property
    def name(self) -> str: ...

    def carry_out(self, *, now: Clock, on_progress: Report) -> T_co:
        """Do it; ``on_progress`` gets what is being done, steps done and steps in all."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What a worker says on the way."""

    what: str
    done: int
    steps: int


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What came of an errand."""

    outcome: T


def run_in_processes(errands: Sequence[Errand[T]], *, now: Clock, on_progress: Tell) -> list[T]:
    """Run all errands, as many at a time as there are processors; outcomes in the order of the errands.

    Raises:
        AutoscalerError: what a run has raised, or that one died; the others are ended then.
    """
    waiting = list(enumerate(errands))[::-1]
    working: dict[Connection, tuple[int, SpawnProcess]] = {}
    outcomes: dict[int, T] = {}
    try:
        while waiting or working:
            while waiting and len(working) < (os.cpu_count() or 1):
                place, errand = waiting.pop()
                connection, process = _start(errand, now)
                working[connection] = place, process
            for ready in wait(list(working)):
                assert isinstance(ready, Connection)  # noqa: S101 - nothing else is waited for
                place, process = working[ready]
                message = _received(ready, errands[place])
                if isinstance(message, Progress):
                    on_progress(errands[place].name, message.what, message.done, message.steps)
                    continue
                outcomes[place] = message.outcome
                del working[ready]
                process.join()
    finally:
        for _, process in working.values():
            process.terminate()
            process.join()
    return [outcomes[place] for place in range(len(errands))]


def _start(errand: Errand[T], now: Clock) -> tuple[Connection, SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(errand, now, theirs), daemon=True)
    process.start()
    theirs.close()
    return ours, process


def _received(connection: Connection, errand: Errand[T]) -> Done[T] | Progress:
    try:
        message = connection.recv()
    except EOFError:
        raise AutoscalerError(f"the run of {errand.name} died; there may be too little memory for it") from None
    if isinstance(message, BaseException):
        raise message
    return cast("Done[T] | Progress", message)  # workers send nothing else


def _work(errand: Errand[T], now: Clock, connection: Connection) -> None:
    """What a worker does; Ctrl-C is left to the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(TERMINATED))
    with suppress(BrokenPipeError):  # nobody waits for the outcome any more
        try:
            outcome = errand.carry_out(
                now=now,
                on_progress=lambda what, done, steps: connection.send(Progress(what, done, steps)),
            )
            connection.send(Done(outcome))
        except AutoscalerError as problem:
            connection.send(AutoscalerError(str(problem)))

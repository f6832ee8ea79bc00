"""Backtests beside each other, each in a process of its own."""

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
from pathlib import Path

from autoscaler.backtest.job import Outcome, perform
from autoscaler.backtest.request import Request
from autoscaler.errors import AutoscalerError

Tell = Callable[[str, str, int, int], None]
Clock = Callable[[], datetime]
TERMINATED = 143  # what a shell says of a process that was asked to end


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One backtest of several; its outputs, if any, go into ``out``, whose last part is ``folder``."""

    name: str
    folder: str
    request: Request
    out: Path | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a worker says on the way."""

    what: str
    done: int
    steps: int


def run_in_processes(orders: Sequence[Order], *, now: Clock, on_progress: Tell) -> list[Outcome]:
    """Run all orders, as many at a time as there are processors; outcomes in the order of the orders.

    Raises:
        AutoscalerError: what a run has raised, or that one died; the others are ended then.
    """
    waiting = list(enumerate(orders))[::-1]
    working: dict[Connection, tuple[int, SpawnProcess]] = {}
    outcomes: dict[int, Outcome] = {}
    try:
        while waiting or working:
            while waiting and len(working) < (os.cpu_count() or 1):
                place, order = waiting.pop()
                connection, process = _start(order, now)
                working[connection] = place, process
            for ready in wait(list(working)):
                assert isinstance(ready, Connection)  # noqa: S101 - nothing else is waited for
                place, process = working[ready]
                message = _received(ready, orders[place])
                if isinstance(message, Progress):
                    on_progress(orders[place].name, message.what, message.done, message.steps)
                    continue
                outcomes[place] = message
                del working[ready]
                process.join()
    finally:
        for _, process in working.values():
            process.terminate()
            process.join()
    return [outcomes[place] for place in range(len(orders))]


def _start(order: Order, now: Clock) -> tuple[Connection, SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(order, now, theirs), daemon=True)
    process.start()
    theirs.close()
    return ours, process


def _received(connection: Connection, order: Order) -> Outcome | Progress:
    try:
        message = connection.recv()
    except EOFError:
        raise AutoscalerError(f"the run of {order.name} died; there may be too little memory for it") from None
    if isinstance(message, BaseException):
        raise message
    assert isinstance(message, Outcome | Progress)  # noqa: S101 - workers send nothing else
    return message


def _work(order: Order, now: Clock, connection: Connection) -> None:
    """What a worker does; Ctrl-C is left to the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(TERMINATED))
    with suppress(BrokenPipeError):  # nobody waits for the outcome any more
        try:
            connection.send(
                perform(
                    order.request,
                    now=now,
                    out=order.out,
                    on_progress=lambda what, done, steps: connection.send(Progress(what, done, steps)),
                )
            )
        except AutoscalerError as problem:
            connection.send(AutoscalerError(str(problem)))

"""Tasks beside the ticks that must not end unnoticed: one that dies is told of, and begun again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

# A task that dies at once again must not fill the log.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0

log = structlog.get_logger(__name__)


def kept_alive(
    work: Callable[[], Awaitable[None]],
    name: str,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    on_death: Callable[[str, str], None] = lambda name, reason: None,
) -> asyncio.Task[None]:
    """A task that does ``work`` until it returns or somebody cancels it; a failure only makes it wait.

    ``on_death`` is told of the task and of what it died of.
    """
    return asyncio.create_task(_keep_alive(work, name, sleep, on_death), name=name)


def guarded(
    work: Callable[[], Awaitable[None]], name: str, *, on_death: Callable[[str, str], None]
) -> Callable[[], Awaitable[None]]:
    """Work that somebody begins again and again: a failure is told once, until it goes well again."""
    failing = False

    async def once() -> None:
        nonlocal failing
        try:
            await work()
        except Exception as problem:
            if not failing:
                log.exception("task_died", task=name)
                on_death(name, f"{type(problem).__name__}: {problem}")
            failing = True
        else:
            failing = False

    return once


async def _keep_alive(
    work: Callable[[], Awaitable[None]],
    name: str,
    sleep: Callable[[float], Awaitable[None]],
    on_death: Callable[[str, str], None],
) -> None:
    wait_seconds = FIRST_WAIT_SECONDS
    while True:
        try:
            await work()
        except Exception as problem:  # a fault of ours: whatever it is, the next turn may go well
            log.exception("task_died", task=name, wait_seconds=wait_seconds)
            on_death(name, f"{type(problem).__name__}: {problem}")
            await sleep(wait_seconds)
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)
        else:
            return

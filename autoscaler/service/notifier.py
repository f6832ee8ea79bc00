"""Who is told of events, beside the ticks: a bounded queue for each target, tries that wait longer and longer."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol
from uuid import uuid4

import structlog

from autoscaler.errors import NotDelivered
from autoscaler.observability.events import Event
from autoscaler.service.tasks import kept_alive

MOST_WAITING = 1000
# A storm becomes few messages: what came while the last one was under way goes together.
MOST_TOGETHER = 50
TRIES = 6
FIRST_WAIT_SECONDS = 1.0
LAST_WORDS_SECONDS = 2.0
OUTCOMES = ("sent", "dead", "dropped")

log = structlog.get_logger(__name__)


class Messenger(Protocol):
    """Somebody who carries messages to one target."""

    async def send(self, events: Sequence[Event], *, delivery: str) -> None:
        """Tell of some events; ``delivery`` is the same when a message is sent once more.

        Raises:
            NotDelivered: it did not arrive, or nobody knows.
        """
        ...


@dataclass(slots=True)
class Target:
    """Somebody to tell, and what waits to be told. ``counts``: of events sent, dead (given up) and dropped."""

    name: str
    messenger: Messenger
    wants: Callable[[Event], bool]
    counts: Counter[str] = field(default_factory=Counter)
    waiting: deque[Event] = field(default_factory=deque)
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    troubled: bool = False


class Notifier:
    """Tells targets; a listener of the feed."""

    def __init__(self, targets: Iterable[Target], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.targets = tuple(targets)
        self._sleep = sleep
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    def hear(self, event: Event) -> None:
        """Put an event down for everybody who wants it, and return at once."""
        for target in self.targets:
            if target.wants(event):
                self._put(target, event)

    def counts(self) -> dict[tuple[str, str], int]:
        """How many events each target was told, could not be told, or were too many."""
        return {(one.name, outcome): one.counts[outcome] for one in self.targets for outcome in OUTCOMES}

    def start(self) -> None:
        """Deliver from now on."""
        for target in self.targets:
            self._tasks.append(kept_alive(partial(self._deliver, target), f"notify {target.name}"))

    async def close(self) -> None:
        """Give what waits some seconds, then end; what is left is lost, and the events are in the store."""
        self._closing = True
        for target in self.targets:
            target.filled.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _put(self, target: Target, event: Event) -> None:
        if len(target.waiting) >= MOST_WAITING:
            if not target.counts["dropped"]:
                log.warning("notifications_dropped", target=target.name, reason=f"{MOST_WAITING} are waiting")
            target.counts["dropped"] += 1
            return
        target.waiting.append(event)
        target.filled.set()

    async def _deliver(self, target: Target) -> None:
        while target.waiting or not self._closing:
            await target.filled.wait()
            batch = [target.waiting.popleft() for _ in range(min(MOST_TOGETHER, len(target.waiting)))]
            if batch:
                await self._send(target, batch)
            if not (target.waiting or self._closing):
                target.filled.clear()

    async def _send(self, target: Target, batch: list[Event]) -> None:
        delivery, wait_seconds = uuid4().hex, FIRST_WAIT_SECONDS
        for left in range(TRIES - 1, -1, -1):
            try:
                await target.messenger.send(batch, delivery=delivery)
            except NotDelivered as problem:
                if problem.again and left and not self._closing:
                    await self._sleep(wait_seconds)
                    wait_seconds *= 2
                    continue
                self._give_up(target, batch, str(problem))
                return
            self._arrived(target, batch)
            return

    def _give_up(self, target: Target, batch: list[Event], reason: str) -> None:
        target.counts["dead"] += len(batch)
        if not target.troubled:
            log.warning("notification_failed", target=target.name, reason=reason)
        target.troubled = True

    def _arrived(self, target: Target, batch: list[Event]) -> None:
        target.counts["sent"] += len(batch)
        if target.troubled:
            log.info("notification_back", target=target.name, dead=target.counts["dead"])
        target.troubled = False

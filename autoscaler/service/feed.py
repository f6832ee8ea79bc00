"""The feed: whoever knows that something happened says it here, in a moment; it is kept and handed on beside."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

import structlog

from autoscaler.errors import StorageError
from autoscaler.observability.events import ENDS, Detail, Event, Kind
from autoscaler.service.clock import SystemClock
from autoscaler.service.tasks import kept_alive
from autoscaler.storage.events import Events

# While the store is away so many events wait for it; of more than that the oldest are lost, and counted.
MOST_WAITING = 10_000
AT_ONCE = 500
# Events that come together are written together: a commit is flushed to the disk.
LINGER_SECONDS = 0.2
RETRY_SECONDS = 1.0
# How often a replica looks for what another one wrote.
POLL_SECONDS = 1.0
LAST_WRITE_SECONDS = 2.0

Listener = Callable[[Event], None]

log = structlog.get_logger(__name__)


class Feed:
    """Takes events without making anybody wait, writes them in batches, and wakes those who read them."""

    def __init__(self, events: Events | None = None, *, now: Callable[[], datetime] | None = None) -> None:
        """``now`` tells cluster time; without ``events`` nothing is kept, and only listeners are told."""
        self.dropped = 0
        self.events = events
        self._now = now or SystemClock().now
        self._listeners: list[Listener] = []
        self._lasting: set[tuple[str, Kind]] = set()
        self._waiting: deque[Event] = deque()
        self._filled = asyncio.Event()
        self._newest = 0
        self._news = asyncio.Event()
        self._cut_off = False
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def newest(self) -> int:
        """The highest id of an event in the store, as far as is known."""
        return self._newest

    def emit(self, kind: Kind, text: str, *, cluster_id: str = "", **details: Detail) -> None:
        """Say that something happened: one sentence, and what a program may want to know of it."""
        event = Event(kind=kind, at=self._now(), text=text, cluster_id=cluster_id, details=details)
        for listener in self._listeners:
            listener(event)
        if self.events is None:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(event)
        self._filled.set()

    def follow(self, kind: Kind, holds: bool, text: str, *, cluster_id: str = "", **details: Detail) -> None:
        """Say that a condition began, once, and that it ended, once; call it as often as is known.

        What began before a restart is remembered: it is not said again.
        """
        place = cluster_id, kind
        if holds == (place in self._lasting):
            return
        if holds:
            self._lasting.add(place)
        else:
            self._lasting.discard(place)
        self.emit(kind if holds else ENDS[kind], text, cluster_id=cluster_id, **details)

    def lasts(self, kind: Kind, cluster_id: str = "") -> bool:
        """Whether a condition began and has not ended."""
        return (cluster_id, kind) in self._lasting

    def lasting(self) -> frozenset[tuple[str, Kind]]:
        """All conditions that last, each with its cluster."""
        return frozenset(self._lasting)

    def listen(self, listener: Listener) -> None:
        """Be told of every event that this process emits; a listener must be quick, and never fails."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Write from now on.

        Raises:
            StorageError: the store cannot be used.
        """
        if self.events is None:
            return
        await self.remember()
        self._tasks = [kept_alive(partial(self._write_on, self.events), "write events", on_death=self._tell_death)]
        if self.events.shared:
            self._tasks.append(kept_alive(partial(self._look_on, self.events), "look for events"))

    async def remember(self) -> None:
        """Know what lasts, whoever said so: for a replica that begins to act.

        Raises:
            StorageError: the store cannot be used.
        """
        if self.events is not None:
            self._newest = await self.events.newest_id()
            self._lasting = await self.events.lasting()

    async def close(self) -> None:
        """Write what waits, if the store takes it within some seconds, and end."""
        self._closing = True
        self._filled.set()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=LAST_WRITE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def newer_than(self, event_id: int) -> None:
        """Return when there is an event with a higher id in the store."""
        while self._newest <= event_id:
            await self._news.wait()

    async def _write_on(self, events: Events) -> None:
        while self._waiting or not self._closing:
            await self._filled.wait()
            if not self._closing:
                await asyncio.sleep(LINGER_SECONDS)
            batch = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            if batch:
                await self._keep(events, batch)
            if not (self._waiting or self._closing):
                self._filled.clear()

    async def _keep(self, events: Events, batch: list[Event]) -> None:
        try:
            self._publish(await events.add(batch))
            self._cut_off = False
        except StorageError as problem:
            self._waiting.extendleft(reversed(batch))
            if not self._cut_off:
                log.warning("events_unwritten", reason=str(problem))
            self._cut_off = True
            await asyncio.sleep(RETRY_SECONDS)

    async def _look_on(self, events: Events) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            with suppress(StorageError):
                self._publish(await events.newest_id())

    def _tell_death(self, name: str, reason: str) -> None:
        self.emit(Kind.TASK_DIED, f"the task '{name}' died and was begun again: {reason}", task=name)

    def _publish(self, newest: int) -> None:
        if newest <= self._newest:
            return
        self._newest = newest
        news, self._news = self._news, asyncio.Event()
        news.set()

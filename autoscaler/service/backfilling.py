"""Reads the past of new clusters from their providers, beside the ticks: so they have a forecast on the first day."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from autoscaler.core.ports import Clock, Remembering, Stretch
from autoscaler.errors import ClusterError, StorageError, UnknownName
from autoscaler.observability.events import Kind
from autoscaler.service.feed import Feed
from autoscaler.service.histories import Histories
from autoscaler.service.job import Job, Means
from autoscaler.storage.backfills import Backfill, Backfills
from autoscaler.storage.entries import Kept

# Whoever decides now goes before: so few ask for weeks at once.
AT_ONCE = 2
AGAIN_AFTER = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class Crew(Protocol):
    """Whoever has the workers."""

    def job(self, cluster_id: str) -> Job:
        """What the ticks of a cluster work on."""
        ...

    def remember_anew(self, cluster_id: str) -> None:
        """There is more of a cluster's past in the store."""
        ...


class ReadPasts:
    """A chore: begins with the clusters that are new, and returns at once."""

    def __init__(
        self,
        crew: Crew,
        backfills: Backfills,
        means: Means,
        *,
        clusters: Callable[[], Iterable[str]],
        kept: Callable[[], Kept],
    ) -> None:
        """``clusters`` are those whose providers remember them; ``kept`` is how coarse an old past is kept."""
        self._crew = crew
        self._backfills = backfills
        self._means = means
        self._clusters = clusters
        self._kept = kept
        self._histories = Histories(AT_ONCE)
        self._under_way: set[str] = set()
        self._done: set[str] | None = None
        self._again_at: dict[str, datetime] = {}

    async def __call__(self) -> None:
        """A cluster that failed waits a while, and goes on where it ended."""
        now = self._clock.now()
        with suppress(StorageError):  # then at the next turn
            self._done = self._done or set(await self._backfills.ended())
        for name in set(self._clusters()) - (self._done or set()) - self._under_way:
            if self._again_at.get(name, now) <= now:
                self._under_way.add(name)
                self._histories.later(self._read(name), f"past {name}")

    async def close(self) -> None:
        """Read no further; what was read is kept."""
        await self._histories.close()

    @property
    def _clock(self) -> Clock:
        return self._means.clock

    @property
    def _feed(self) -> Feed:
        return self._means.feed

    async def _read(self, cluster_id: str) -> None:
        try:
            one = await self._backfills.begin(cluster_id, at=self._clock.now())
            if one is None:
                return  # nothing was seen live yet: nobody knows where its past ends
            if one.ended_at is None:
                self._tell(await self._read_on(one))
            self._done = {*(self._done or ()), cluster_id}
        except (ClusterError, StorageError) as problem:
            self._again_at[cluster_id] = self._clock.now() + AGAIN_AFTER
            log.warning("past_unread", cluster=cluster_id, reason=str(problem))
            text = f"its past could not be read, and is tried again: {problem}"
            self._feed.follow(Kind.HISTORY_UNREAD, True, text, cluster_id=cluster_id)
        except UnknownName:
            pass  # it was removed meanwhile
        finally:
            self._under_way.discard(cluster_id)

    async def _read_on(self, one: Backfill) -> Backfill:
        while one.ended_at is None:
            stretch = await self._ask(one)
            now = self._clock.now()
            one = await self._backfills.keep(one, stretch.samples, upto=stretch.end, at=now, kept=self._kept())
        return one

    async def _ask(self, one: Backfill) -> Stretch:
        job = self._crew.job(one.cluster_id)
        cluster = job.cluster
        if not isinstance(cluster, Remembering):
            return Stretch(samples=(), end=one.before)
        return await self._means.accounts.of(job.account).attempt(
            lambda: self._means.ask(cluster.remembered(one.upto, before=one.before), "history"), calls=2
        )

    def _tell(self, one: Backfill) -> None:
        """Nobody need be told of an empty past, but that it was looked for."""
        log.info("past_read", cluster=one.cluster_id, samples=one.samples, before=one.before.isoformat())
        text = f"{one.samples} samples of the time before {one.before:%Y-%m-%d %H:%M} UTC were read"
        if self._feed.lasts(Kind.HISTORY_UNREAD, one.cluster_id):
            self._feed.follow(Kind.HISTORY_UNREAD, False, text, cluster_id=one.cluster_id)
        else:
            self._feed.emit(Kind.HISTORY_READ, text, cluster_id=one.cluster_id, samples=one.samples)
        self._crew.remember_anew(one.cluster_id)

"""One of several processes on one store: it stands by until the lease is free, acts while it holds it."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import structlog

from autoscaler.errors import StorageError
from autoscaler.observability.calls import CallMeter
from autoscaler.observability.events import Kind
from autoscaler.service.chores import Show
from autoscaler.service.clock import Stopwatch
from autoscaler.service.desk import Desk
from autoscaler.service.feed import Feed
from autoscaler.service.leadership import Candidate, Lead
from autoscaler.service.opening import opened
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.standby import StandBy
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.views import ClusterView, Observer
from autoscaler.service.wiring import acting
from autoscaler.storage.database import Database
from autoscaler.storage.entries import JournalEntry
from autoscaler.storage.repositories import Journal

# How often a stand-by asks: a hand-over takes no longer than this and the start of the clusters.
POLL_SECONDS = 1.0
SHORTEST_REFRESH_SECONDS = 5.0

Acting = Callable[[Lead], AbstractAsyncContextManager[Supervisor]]

log = structlog.get_logger(__name__)


@asynccontextmanager
async def standing(
    settings: ServiceSettings,
    *,
    observers: Iterable[Observer] = (),
    leads: Callable[[bool], None] = lambda acts: None,
    calls: CallMeter | None = None,
    retain: Callable[[Collection[str]], None] = lambda ids: None,
    saved: Show = lambda savings: None,
) -> AsyncIterator["Replica"]:
    """A replica at work; it hands over when the block ends.

    Args:
        observers: are told of every tick, after the log.
        leads: is told whenever it begins or ceases to act.
        calls: is told of every call to a provider.
        retain: is told who is left when a cluster leaves.
        saved: is told now and then what each cluster saved lately.

    Raises:
        InvalidInput: the settings cannot be used.
        StorageError: the store cannot be used.
    """
    async with opened(settings) as store:
        seen = tuple(observers)
        replica = Replica(
            StandBy(store.roster, store.bindings, Journal(store.database)),
            store.database,
            acting=lambda lead: acting(
                settings, store, lead=lead, observers=seen, calls=calls, retain=retain, saved=saved
            ),
            lease_seconds=settings.lease_seconds,
            share=settings.share,
            leads=leads,
            desk=store.desk(settings),
            feed=store.feed,
        )
        replica.start()
        try:
            yield replica
        finally:
            await replica.stop()


class Replica:
    """A fleet, whoever acts on it."""

    def __init__(
        self,
        standby: StandBy,
        database: Database,
        *,
        acting: Acting,
        lease_seconds: float,
        share: str = "",
        leads: Callable[[bool], None] = lambda acts: None,
        desk: Desk | None = None,
        feed: Feed | None = None,
    ) -> None:
        """``acting`` makes the supervisor that acts under a lead; ``desk`` takes orders, whoever acts."""
        self.desk = desk
        self._standby = standby
        self._feed = feed or Feed()
        self._on_file = database.on_file
        self._acting = acting
        self._leads = leads
        holder = f"{socket.gethostname()}:{os.getpid()}"
        self._candidate = Candidate(database, holder=holder, seconds=lease_seconds, share=share)
        self._supervisor: Supervisor | None = None
        self._waits = False
        self._refreshed: Stopwatch | None = None
        self._trouble: str | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def acts(self) -> bool:
        """Whether it decides, or another replica does."""
        return self._supervisor is not None

    @property
    def ready(self) -> bool:
        """Whether it acts and has looked at every cluster, or stands by and can read what the other one wrote."""
        return self._waits if self._supervisor is None else self._supervisor.ready

    def views(self) -> tuple[ClusterView, ...]:
        """Every cluster at its latest tick."""
        return (self._supervisor or self._standby).views()

    def view(self, cluster_id: str) -> ClusterView:
        """One cluster at its latest tick."""
        return (self._supervisor or self._standby).view(cluster_id)

    async def decisions(self, cluster_id: str, *, limit: int, before: int | None = None) -> tuple[JournalEntry, ...]:
        """Up to ``limit`` journalled decisions with ids below ``before``, newest first."""
        return await self._standby.decisions(cluster_id, limit=limit, before=before)

    def start(self) -> None:
        """Stand by, and act as soon as nobody else does."""
        self._task = asyncio.create_task(self._run(), name="replica")

    async def ended(self) -> None:
        """Return only by raising what made it impossible to go on."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Finish what is under way and hand over, in a few seconds at most."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)  # `ended` is who raises

    async def _run(self) -> None:
        while True:
            lead = await self._won()
            self._waits = False
            reason = await self._lead(lead)
            log.warning("stood_down", reason=reason)
            self._feed.emit(Kind.STOOD_DOWN, f"{self._candidate.holder} no longer acts: {reason}")
            await asyncio.sleep(POLL_SECONDS)

    async def _won(self) -> Lead:
        """Wait until nobody else acts; meanwhile keep what is shown up to date."""
        while True:
            try:
                lead = await self._candidate.stand()
                if lead is not None:
                    return lead
                await self._refresh()
                self._waits, self._trouble = True, None
            except StorageError as problem:
                if self._on_file:
                    raise
                self._warn_once(str(problem))
            await asyncio.sleep(POLL_SECONDS)

    async def _lead(self, lead: Lead) -> str:
        """Act until the lease is lost; returns the reason."""
        keeping = asyncio.create_task(lead.keep(), name="keep the lease")
        try:
            async with self._acting(lead) as supervisor:
                supervisor.start()
                self._supervisor = supervisor
                self._leads(True)
                log.info("leading", holder=self._candidate.holder)
                self._feed.emit(Kind.LEADING, f"{self._candidate.holder} acts")
                return await keeping
        except StorageError as problem:
            if self._on_file:
                raise
            return str(problem)
        finally:
            self._supervisor = None
            self._leads(False)
            keeping.cancel()
            with suppress(StorageError, TimeoutError):  # then it runs out by itself
                await lead.release()

    async def _refresh(self) -> None:
        if self._refreshed is None or self._refreshed.seconds >= SHORTEST_REFRESH_SECONDS:
            await self._standby.refresh()
            if self.desk is not None:
                await self.desk.look()
            self._refreshed = Stopwatch()

    def _warn_once(self, problem: str) -> None:
        """An outage is told once; its end shows in what follows."""
        self._waits = False
        if self._trouble is None:
            log.warning("store_unreachable", reason=problem)
        self._trouble = problem

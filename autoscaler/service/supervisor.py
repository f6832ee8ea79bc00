"""Drives the ticks of all clusters, each in its own task; the fleet as others see it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from autoscaler.core.ports import Clock
from autoscaler.errors import UnknownName
from autoscaler.observability.events import Kind
from autoscaler.service.clock import Stopwatch, SystemClock
from autoscaler.service.desk import Desk
from autoscaler.service.feed import Feed
from autoscaler.service.job import Job
from autoscaler.service.steering import Steering
from autoscaler.service.tasks import guarded
from autoscaler.service.views import ClusterView, Observer, TickReport
from autoscaler.service.worker import Worker
from autoscaler.storage.entries import JournalEntry
from autoscaler.storage.repositories import Journal

# More ticks at once would only make each of them wait longer for the journal and the event loop.
MOST_AT_ONCE = 256
# An account that answers slowly holds up only this many of them.
MOST_OF_AN_ACCOUNT = 64
# So many beats, or seconds, without a beat, and the job that drives the ticks is taken for dead.
MISSED_BEATS, SHORTEST_SILENCE_SECONDS = 10, 10.0

log = structlog.get_logger(__name__)


class Supervisor:
    """Starts what is due at every beat. A failing or slow cluster only ever stops itself."""

    def __init__(
        self,
        workers: Iterable[Worker] = (),
        *,
        journal: Journal,
        clock: Clock,
        hire: Callable[[Job], Worker] | None = None,
        retain: Callable[[Collection[str]], None] = lambda ids: None,
        observers: Iterable[Observer] = (),
        beat_seconds: float = 1.0,
        stop_seconds: float = 20.0,
        since_beat: Stopwatch | None = None,
        steering: Steering | None = None,
        feed: Feed | None = None,
        desk: Desk | None = None,
    ) -> None:
        """``clock`` tells the moments of decisions, ``desk`` is for those who steer.

        ``hire`` makes workers for newcomers, ``retain`` is told who is left when a cluster leaves.

        ``beat_seconds`` and ``stop_seconds`` are real time.
        """
        self.desk = desk
        self._workers = {worker.job.cluster_id: worker for worker in workers}
        self._hire = hire
        self._retain = retain
        self._leaving: set[asyncio.Task[None]] = set()
        self._journal = journal
        self._steering = steering or Steering()
        self._feed = feed or Feed()
        self._clock = clock
        self._observers = tuple(observers)
        self._beat_seconds = beat_seconds
        self._stop_seconds = stop_seconds
        self._since_beat = since_beat or Stopwatch()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._lanes: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MOST_OF_AN_ACCOUNT))
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._stopping = False
        self._beating: asyncio.Task[None] | None = None
        self._broken: list[object] = []
        self._errands: list[Callable[[], Awaitable[None]]] = []

    @property
    def ready(self) -> bool:
        """Whether every cluster has been looked at since the start, and the service still looks."""
        longest = max(MISSED_BEATS * self._beat_seconds, SHORTEST_SILENCE_SECONDS)
        beating = not self._stopping and self._since_beat.seconds < longest
        return beating and all(worker.looked for worker in self._workers.values())

    def views(self) -> tuple[ClusterView, ...]:
        """Every cluster at its latest tick."""
        return tuple(worker.view() for worker in self._workers.values())

    def view(self, cluster_id: str) -> ClusterView:
        """One cluster at its latest tick."""
        return self._worker(cluster_id).view()

    async def decisions(self, cluster_id: str, *, limit: int, before: int | None = None) -> tuple[JournalEntry, ...]:
        """Up to ``limit`` journalled decisions with ids below ``before``, newest first."""
        self._worker(cluster_id)
        return await self._journal.entries(cluster_id, limit=limit, before=before)

    def add_chore(self, chore: Callable[[], Awaitable[None]], *, every_seconds: float) -> None:
        """Something to do now and then while the scheduler drives; for the first time after ``every_seconds``."""
        name = f"chore {getattr(chore, '__qualname__', type(chore).__name__)}"
        chore = guarded(chore, name, on_death=self._tell_death)
        self._scheduler.add_job(
            chore, "interval", name=name, seconds=every_seconds, coalesce=True, misfire_grace_time=None
        )

    def before_ticks(self, *errands: Callable[[], Awaitable[None]]) -> None:
        """Something short to do at every beat before ticks start: to look for what changed in the store, say."""
        self._errands += errands

    def job(self, cluster_id: str) -> Job:
        """What the ticks of a cluster work on.

        Raises:
            UnknownName: there is no cluster of that id.
        """
        return self._worker(cluster_id).job

    @property
    def recent_seconds(self) -> float:
        """How far back the policies of all clusters look at most."""
        return max((worker.job.outlook.recent_seconds for worker in self._workers.values()), default=0.0)

    def enlist(self, job: Job) -> None:
        """A worker for a new cluster, from the next beat on."""
        if self._hire is None:
            raise TypeError("nobody was named who makes workers")
        self._workers[job.cluster_id] = self._hire(job)

    def dismiss(self, cluster_id: str) -> None:
        """No more ticks of a cluster; one that runs ends as it began."""
        worker = self._workers.pop(cluster_id, None)
        if worker is not None and worker.task is not None and worker.running:
            self._leaving.add(worker.task)
            worker.task.add_done_callback(self._leaving.discard)
        self._retain(self._workers.keys())

    def reassign(self, job: Job) -> None:
        """Another job for a cluster, from its next tick on.

        Raises:
            UnknownName: there is no cluster of that id.
        """
        self._worker(job.cluster_id).adopt(job)

    def remember_anew(self, cluster_id: str) -> None:
        """There is more of a cluster's past in the store: it counts from the next tick on."""
        self._worker(cluster_id).remember_anew()

    def start(self) -> None:
        """Let the scheduler drive the ticks from now on."""
        self._scheduler.add_job(
            guarded(self._drive, "beat", on_death=self._tell_death),
            "interval",
            name="beat",
            seconds=self._beat_seconds,
            next_run_time=SystemClock().now(),
            coalesce=True,  # a beat that came late looks at everything anyway
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """Start nothing more, and let running ticks finish what they began.

        A tick that takes longer is broken off; the next start settles what it left.
        """
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # the scheduler stops at the loop's next turn
        if self._beating is not None:
            await asyncio.wait([self._beating], timeout=self._stop_seconds)
        running = self._running()
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=self._stop_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def beat(self) -> None:
        """Start a tick for every cluster whose time has come."""
        await self._steering.refresh()
        for errand in self._errands:
            await self._run(errand)
        halted = self._steering.halted
        self._feed.follow(Kind.FROZEN, bool(halted), f"nothing is changed: {halted}" if halted else "changes go on")
        if self._stopping:
            return
        at = self._clock.now()
        for worker in self._workers.values():
            if worker.is_due(at):
                worker.task = asyncio.create_task(self._work(worker, at), name=f"tick {worker.job.cluster_id}")
        self._since_beat.restart()  # not before: one that always breaks off is none

    async def settle(self) -> None:
        """Return when no tick is running."""
        while running := self._running():
            await asyncio.wait(running)

    async def _drive(self) -> None:
        """A beat that ends in peace, even when the scheduler is stopped while it reads the store."""
        self._beating = asyncio.create_task(self.beat(), name="beat")
        with suppress(asyncio.CancelledError):
            await asyncio.shield(self._beating)

    def _running(self) -> list[asyncio.Task[None]]:
        of_crew = (worker.task for worker in self._workers.values() if worker.task is not None and worker.running)
        return [*of_crew, *self._leaving]

    async def _work(self, worker: Worker, at: datetime) -> None:
        async with self._lanes[worker.job.account], self._places:
            report = None if self._stopping else await worker.work(at)
        if report is None or self._workers.get(report.cluster_id) is not worker:  # nobody asks about one that has left
            return
        for observer in self._observers:
            self._tell(observer, report)

    async def _run(self, errand: Callable[[], Awaitable[None]]) -> None:
        """What goes wrong in one stops no tick; that it did is said once."""
        try:
            await errand()
        except Exception:
            if errand not in self._broken:
                self._broken.append(errand)
                log.exception("errand_failed", errand=type(errand).__name__)

    def _tell(self, observer: Observer, report: TickReport) -> None:
        """Somebody who only listens must not stop who acts; that he failed is said once."""
        try:
            observer.ticked(report)
        except Exception:
            if observer not in self._broken:
                self._broken.append(observer)
                log.exception("observer_failed", cluster=report.cluster_id, observer=type(observer).__name__)

    def _tell_death(self, name: str, reason: str) -> None:
        self._feed.emit(Kind.TASK_DIED, f"{name} met a fault and comes again: {reason}", task=name)

    def _worker(self, cluster_id: str) -> Worker:
        worker = self._workers.get(cluster_id)
        if worker is None:
            raise UnknownName("cluster", cluster_id, self._workers)
        return worker

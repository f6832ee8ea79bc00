"""Makes a service of its settings: the store, the clusters, and who decides about them."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from autoscaler.adapters.simulated import SimulatedAdapter
from autoscaler.core.decision import RuleSettings
from autoscaler.core.ports import Clock
from autoscaler.errors import StorageError
from autoscaler.observability.calls import CallMeter, NoMeter
from autoscaler.observability.ticks import TickLog
from autoscaler.service.account import AccountLimits, Accounts
from autoscaler.service.assignment import job_of
from autoscaler.service.budgets import BudgetTeller
from autoscaler.service.caps import ONE_HOUR, RecentActions
from autoscaler.service.chores import MakeRoom
from autoscaler.service.clock import GridClock, ScaledClock, SystemClock
from autoscaler.service.configured import Bindings, ConfiguredCluster
from autoscaler.service.desk import Desk
from autoscaler.service.feed import Feed
from autoscaler.service.fitting import Fits, make_fits
from autoscaler.service.following import follow_policies
from autoscaler.service.job import Job, Means
from autoscaler.service.leadership import ALONE, Lead
from autoscaler.service.ledgers import Ledgers
from autoscaler.service.notifier import Notifier
from autoscaler.service.notifying import Wishes, make_targets
from autoscaler.service.policy_desk import PolicyDesk
from autoscaler.service.rollouts import DriveRollouts
from autoscaler.service.settings import ClusterSettings, ServiceSettings
from autoscaler.service.steering import KillSwitch, Steering
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.telling import TickTeller
from autoscaler.service.together import together
from autoscaler.service.views import Observer, TickReport
from autoscaler.service.worker import Worker
from autoscaler.storage.controls import Controls
from autoscaler.storage.database import Database
from autoscaler.storage.entries import Registration
from autoscaler.storage.events import Events
from autoscaler.storage.migrate import migrate
from autoscaler.storage.policies import Policies
from autoscaler.storage.repositories import Clusters, Journal
from autoscaler.storage.retention import Retention
from autoscaler.storage.scores import Scores

# Reliving takes some 60 ms a day: of a world that is older, only the last days are lived again.
RELIVED_DAYS = 2
ONE_DAY = timedelta(days=1)
SHORTEST_CHORE_SECONDS = 60.0
# A crash loses what was not written yet: a minute of scores.
WRITE_SCORES_SECONDS = 60.0


@asynccontextmanager
async def running(
    settings: ServiceSettings,
    *,
    observers: Iterable[Observer] = (),
    on_decision: Callable[[TickReport], None] | None = None,
) -> AsyncIterator[Supervisor]:
    """A service at work; it stops gracefully when the block ends.

    Args:
        observers: are told of every tick, after the log.
        on_decision: gets the report of every tick that came to a decision.

    Raises:
        InvalidInput: the settings cannot be used.
        StorageError: the store cannot be used.
    """
    async with assembled(settings, observers=observers, on_decision=on_decision) as supervisor:
        supervisor.start()
        yield supervisor


@asynccontextmanager
async def assembled(
    settings: ServiceSettings,
    *,
    observers: Iterable[Observer] = (),
    on_decision: Callable[[TickReport], None] | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Supervisor]:
    """The same, but nothing drives it yet; ``clock`` replaces the one that the settings ask for.

    For a store that nobody else uses: replicas that share one are `autoscaler.service.replica`'s.
    """
    seen = (*observers, *_as_observers(on_decision))
    async with opened(settings, clock=clock) as store, acting(settings, store, observers=seen) as supervisor:
        yield supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open store, and what everybody who works on it shares: threads beside the event loop, time, orders."""

    database: Database
    executor: Executor
    fits: Fits
    clock: Clock
    steering: Steering
    feed: Feed
    bindings: Bindings
    notifier: Notifier

    def desk(self, settings: ServiceSettings) -> Desk:
        """Where orders are taken and decisions explained, whoever acts on them."""
        return Desk(
            self.database,
            journal=Journal(self.database),
            steering=self.steering,
            clock=self.clock,
            modes={one.id: one.mode for one in settings.clusters},
            feed=self.feed,
            policies=PolicyDesk(
                self.database,
                journal=Journal(self.database),
                clusters=lambda: settings.clusters,
                clock=self.clock,
                rings=tuple(ring.build() for ring in settings.rollout.rings),
                most_rise_fraction=settings.rollout.most_rise_fraction,
                feed=self.feed,
            ),
            notifier=self.notifier,
        )


@asynccontextmanager
async def opened(settings: ServiceSettings, *, clock: Clock | None = None) -> AsyncIterator[Store]:
    """The store, brought up to date.

    Raises:
        StorageError: it cannot be used.
    """
    database = Database(settings.database)
    executor = ThreadPoolExecutor(1, thread_name_prefix="beside")
    fits = make_fits(processes=settings.fit_processes, seconds=settings.fit_seconds, per_hour=settings.fits_per_hour)
    try:
        await migrate(database)
        grid = GridClock(clock or await _clock(settings, database), seconds=settings.decide_seconds)
        feed = Feed(Events(database), now=grid.now)
        bindings = Bindings(Policies(database))
        notifier = _notifier(settings, bindings)
        feed.listen(notifier.hear)
        await feed.start()
        notifier.start()
        try:
            yield Store(
                database=database,
                executor=executor,
                fits=fits,
                clock=grid,
                steering=Steering(Controls(database), KillSwitch(path=settings.kill_switch, environ=os.environ)),
                feed=feed,
                bindings=bindings,
                notifier=notifier,
            )
        finally:
            await feed.close()
            await notifier.close()
    finally:
        fits.close()
        executor.shutdown(wait=False, cancel_futures=True)
        await database.close()


@asynccontextmanager
async def acting(
    settings: ServiceSettings,
    store: Store,
    *,
    lead: Lead = ALONE,
    observers: Iterable[Observer] = (),
    calls: CallMeter | None = None,
) -> AsyncIterator[Supervisor]:
    """Clusters as the store left them, and who decides about them while ``lead`` holds; nothing drives it yet.

    Raises:
        InvalidInput: the settings cannot be used.
        StorageError: the store cannot be used.
    """
    clock, journal = store.clock, Journal(store.database, lead.fence)
    ledgers = Ledgers(Scores(store.database, lead.fence), store.executor) if settings.savings else None
    caps = RecentActions(settings.fleet_caps.build())
    caps.restore(await journal.acted_since(clock.now() - ONE_HOUR), RuleSettings())
    means = Means(
        journal=journal,
        clock=clock,
        executor=store.executor,
        call_seconds=settings.call_seconds,
        lead=lead,
        steering=store.steering,
        caps=caps,
        feed=store.feed,
        ledgers=ledgers,
        calls=calls or NoMeter(),
        fits=store.fits,
        accounts=Accounts(AccountLimits(calls_per_second=settings.calls_per_second)),
    )
    await store.feed.remember()
    clusters = Clusters(store.database, lead.fence)
    await store.bindings.refresh()
    jobs = await together(
        lambda one: _job(store.bindings.settings_of(one), settings, clusters, means), settings.clusters
    )
    supervisor = Supervisor(
        [Worker(job, means, decide_seconds=settings.decide_seconds) for job in jobs],
        journal=journal,
        clock=clock,
        observers=(TickLog(), TickTeller(store.feed), BudgetTeller(store.feed), *observers),
        # Twice an interval, so that no tick comes half an interval late.
        beat_seconds=min(1.0, settings.decide_seconds / settings.speed / 2),
        stop_seconds=settings.stop_seconds,
        steering=store.steering,
        feed=store.feed,
        desk=store.desk(settings),
    )

    supervisor.before_ticks(
        follow_policies(
            supervisor,
            store.bindings,
            clusters,
            settings=lambda: settings.clusters,
            clock=clock,
            decide_seconds=settings.decide_seconds,
        ),
        DriveRollouts(store.bindings, Policies(store.database, lead.fence), store.database, clock, store.feed),
    )
    kept = settings.retention.build(recent_seconds=max((job.outlook.recent_seconds for job in jobs), default=0.0))
    supervisor.add_chore(
        MakeRoom(retention=Retention(store.database, lead.fence, kept, only=_only(settings)), clock=clock),
        every_seconds=max(SHORTEST_CHORE_SECONDS, settings.retention.every_minutes * 60 / settings.speed),
    )
    if ledgers is not None:
        supervisor.add_chore(ledgers.write, every_seconds=WRITE_SCORES_SECONDS)
    try:
        yield supervisor
    finally:
        await supervisor.stop()
        await means.histories.close()
        await journal.drain()
        if ledgers is not None:
            await ledgers.write()


def _notifier(settings: ServiceSettings, bindings: Bindings) -> Notifier:
    own = {one.id: one.policy.notify for one in settings.clusters}
    wishes = Wishes((one.name for one in settings.notify), own, bindings.wishes)
    return Notifier(make_targets(settings.notify, wishes))


def _only(settings: ServiceSettings) -> set[str] | None:
    """Whose past is to be thinned: that of other shares their own releases see to."""
    return {one.id for one in settings.clusters} if settings.selector else None


async def _clock(settings: ServiceSettings, database: Database) -> Clock:
    """Real time, or a faster one that goes on where the store was left."""
    newest = await Clusters(database).newest_moment()
    if settings.speed != 1:
        start = settings.start or SystemClock().now()
        return ScaledClock(start=start if newest is None else max(start, newest), speed=settings.speed)
    if newest is not None and newest > SystemClock().now():
        raise StorageError(
            f"the database {database.name} has come to {newest.isoformat()}, which lies in the future: it was used "
            "at another speed; go on at that speed, or use another database"
        )
    return SystemClock()


async def _job(one: ConfiguredCluster, settings: ServiceSettings, clusters: Clusters, means: Means) -> Job:
    registration = await clusters.register(one.id, at=means.clock.now(), document=one.model_dump(mode="json"))
    return job_of(
        one,
        await _simulated(one, settings, registration, means),
        document_id=registration.document_id,
        decide_seconds=settings.decide_seconds,
    )


async def _simulated(
    one: ClusterSettings, settings: ServiceSettings, registration: Registration, means: Means
) -> SimulatedAdapter:
    """The cluster as it would be now, had the service never stopped."""
    taken = await means.journal.applied(one.id)
    start = _world_start(registration.started_at, means.clock.now())
    spec = one.cluster_document().build_spec(seed=one.seed)
    for change in taken:
        if change.at < start:
            spec = replace(spec, range=change.range)
    cluster = SimulatedAdapter(
        spec,
        one.workload.load(start=registration.started_at, step_seconds=settings.step_seconds),
        clock=means.clock,
        start=start,
        step_seconds=settings.step_seconds,
        faults=one.build_faults(),
    )
    changes = [(change.at, change.range) for change in taken if change.at >= start]
    await asyncio.get_running_loop().run_in_executor(means.executor, cluster.relive, changes)
    return cluster


def _world_start(started_at: datetime, now: datetime) -> datetime:
    """Where a world begins that is at most some days old, whole days after it really began."""
    days = max(0, (now - started_at) // ONE_DAY - RELIVED_DAYS)
    return started_at + days * ONE_DAY


@dataclass(frozen=True, slots=True)
class _CallOnDecision:
    """An observer that hands on the reports with a decision."""

    call: Callable[[TickReport], None]

    def ticked(self, report: TickReport) -> None:
        if report.decision is not None:
            self.call(report)


def _as_observers(on_decision: Callable[[TickReport], None] | None) -> tuple[Observer, ...]:
    return () if on_decision is None else (_CallOnDecision(on_decision),)

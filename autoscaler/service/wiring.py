"""Makes a service of its settings: the store, the clusters, and who decides about them."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from autoscaler.adapters.simulated import SimulatedAdapter
from autoscaler.backtest.run import LEAST_RECENT_SECONDS
from autoscaler.core.ports import Clock
from autoscaler.errors import StorageError
from autoscaler.observability.ticks import TickLog
from autoscaler.service.clock import GridClock, ScaledClock, SystemClock
from autoscaler.service.desk import Desk
from autoscaler.service.job import Job, Means
from autoscaler.service.settings import ClusterSettings, ServiceSettings
from autoscaler.service.steering import KillSwitch, Steering
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.views import Observer, TickReport
from autoscaler.service.worker import Worker
from autoscaler.storage.controls import Controls
from autoscaler.storage.database import Database
from autoscaler.storage.entries import Registration
from autoscaler.storage.migrate import migrate
from autoscaler.storage.repositories import Clusters, Journal
from models.outlook import OutlookSettings

# Reliving takes some 60 ms a day: of a world that is older, only the last days are lived again.
RELIVED_DAYS = 2
ONE_DAY = timedelta(days=1)


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
    """The same, but nothing drives it yet; ``clock`` replaces the one that the settings ask for."""
    database = Database(settings.database)
    executor = ThreadPoolExecutor(settings.fit_threads, thread_name_prefix="fit")
    try:
        await migrate(database)
        clock = GridClock(clock or await _clock(settings, database), seconds=settings.decide_seconds)
        journal = Journal(database)
        steering = Steering(Controls(database), KillSwitch(path=settings.kill_switch, environ=os.environ))
        means = Means(
            journal=journal, clock=clock, executor=executor, call_seconds=settings.call_seconds, steering=steering
        )
        jobs = [await _job(one, settings, database, means) for one in settings.clusters]
        supervisor = Supervisor(
            [Worker(job, means, decide_seconds=settings.decide_seconds) for job in jobs],
            journal=journal,
            clock=clock,
            observers=(TickLog(), *observers, *_as_observers(on_decision)),
            # Twice an interval, so that no tick comes half an interval late.
            beat_seconds=min(1.0, settings.decide_seconds / settings.speed / 2),
            stop_seconds=settings.stop_seconds,
            steering=steering,
            desk=_desk(database, means, jobs),
        )
        try:
            yield supervisor
        finally:
            await supervisor.stop()
            await journal.drain()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        await database.close()


def _desk(database: Database, means: Means, jobs: Iterable[Job]) -> Desk:
    modes = {job.cluster_id: job.mode for job in jobs}
    return Desk(database, journal=means.journal, steering=means.steering, clock=means.clock, modes=modes)


async def _clock(settings: ServiceSettings, database: Database) -> Clock:
    """Real time, or a faster one that goes on where the store was left."""
    newest = await Clusters(database).newest_moment()
    if settings.speed != 1:
        start = settings.start or SystemClock().now()
        return ScaledClock(start=start if newest is None else max(start, newest), speed=settings.speed)
    if newest is not None and newest > SystemClock().now():
        raise StorageError(
            f"the database {database.path} has come to {newest.isoformat()}, which lies in the future: it was used "
            "at another speed; go on at that speed, or use another database"
        )
    return SystemClock()


async def _job(one: ClusterSettings, settings: ServiceSettings, database: Database, means: Means) -> Job:
    document = one.policy_document()
    registration = await Clusters(database).register(one.id, at=means.clock.now(), document=one.model_dump(mode="json"))
    policy, rules = document.build_policy(), document.build_rules()
    return Job(
        cluster=await _simulated(one, settings, registration, means),
        title=one.title or one.id,
        profile=one.cluster.profile,
        policy_name=document.name or document.policy,
        policy=policy,
        forecaster=document.build_forecaster(),
        rules=rules,
        limits=one.cluster_document().build_limits(),
        prices=one.build_prices(),
        outlook=OutlookSettings(recent_seconds=max(policy.recent_seconds, LEAST_RECENT_SECONDS)),
        document_id=registration.document_id,
        longest_gap_seconds=max(rules.max_blind_seconds, 2 * settings.decide_seconds),
        mode=one.mode,
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

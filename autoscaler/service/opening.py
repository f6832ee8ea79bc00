"""Opens the store and what everybody who works on it shares, whoever acts."""

import os
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from autoscaler.core.ports import Clock
from autoscaler.errors import StorageError
from autoscaler.service.clock import GridClock, ScaledClock, SystemClock
from autoscaler.service.configured import Bindings
from autoscaler.service.desk import Desk
from autoscaler.service.feed import Feed
from autoscaler.service.fitting import Fits, make_fits
from autoscaler.service.notifier import Notifier
from autoscaler.service.notifying import Wishes, make_targets
from autoscaler.service.policy_desk import PolicyDesk
from autoscaler.service.roster import Member, Roster
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.sources.late import LateCluster
from autoscaler.service.sources.opened import Sources
from autoscaler.service.steering import KillSwitch, Steering
from autoscaler.storage.controls import Controls
from autoscaler.storage.database import Database
from autoscaler.storage.events import Events
from autoscaler.storage.migrate import migrate
from autoscaler.storage.policies import Policies
from autoscaler.storage.repositories import Clusters, Journal
from autoscaler.storage.roster import Listings


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open store, and what everybody who works on it shares: threads, time, orders, clusters."""

    database: Database
    executor: Executor
    fits: Fits
    clock: GridClock
    steering: Steering
    feed: Feed
    bindings: Bindings
    notifier: Notifier
    roster: Roster
    sources: Sources

    def desk(self, settings: ServiceSettings) -> Desk:
        """Where orders are taken and decisions explained, whoever acts on them."""
        return Desk(
            self.database,
            journal=Journal(self.database),
            steering=self.steering,
            clock=self.clock,
            roster=self.roster,
            sources=self.sources,
            feed=self.feed,
            policies=PolicyDesk(
                self.database,
                journal=Journal(self.database),
                clusters=self.roster.settings,
                clock=self.clock,
                rings=tuple(ring.build() for ring in settings.rollout.rings),
                most_rise_fraction=settings.rollout.most_rise_fraction,
                feed=self.feed,
            ),
            notifier=self.notifier,
            exact=self.clock.exact,
            decide_seconds=settings.decide_seconds,
        )

    def connect(self, member: Member) -> LateCluster:
        """The cluster of a member."""
        return self.sources.cluster(member.settings, started_at=member.registered_at or self.clock.now())


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
        async with aclosing(Sources(settings, database, clock=grid, executor=executor)) as sources:
            try:
                yield Store(
                    database=database,
                    executor=executor,
                    fits=fits,
                    clock=grid,
                    steering=Steering(Controls(database), KillSwitch(path=settings.kill_switch, environ=os.environ)),
                    feed=feed,
                    roster=Roster(Listings(database), settings.clusters, selects=settings.selects),
                    sources=sources,
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


def _notifier(settings: ServiceSettings, bindings: Bindings) -> Notifier:
    own = {one.id: one.policy.notify for one in settings.clusters}
    wishes = Wishes((one.name for one in settings.notify), own, bindings.wishes)
    return Notifier(make_targets(settings.notify, wishes))


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

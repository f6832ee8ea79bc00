"""What the replica that acts does besides ticks: it follows the roster, the policies and the releases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from autoscaler.service.assignment import job_of
from autoscaler.service.chores import ForgetPushed
from autoscaler.service.configured import ConfiguredCluster
from autoscaler.service.ending import TellEnds
from autoscaler.service.following import follow_policies
from autoscaler.service.handing_back import FinishReleases, NoteFoundRanges
from autoscaler.service.job import Job
from autoscaler.service.leadership import Lead
from autoscaler.service.muster import Muster
from autoscaler.service.opening import Store
from autoscaler.service.rollouts import DriveRollouts
from autoscaler.service.roster import Member, sow
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.sources.late import LateCluster
from autoscaler.service.supervisor import Supervisor
from autoscaler.storage.controls import Controls
from autoscaler.storage.policies import Policies
from autoscaler.storage.pushed import PushedSamples
from autoscaler.storage.repositories import Clusters
from autoscaler.storage.roster import Listings

EVERY_SECONDS = 60.0


@asynccontextmanager
async def at_work(
    settings: ServiceSettings, store: Store, supervisor: Supervisor, *, lead: Lead
) -> AsyncIterator[None]:
    """A supervisor with the roster's clusters, and from now on as the roster and their policies say.

    Raises:
        InvalidInput: a cluster of the settings file cannot be used.
        StorageError: the store cannot be used.
    """
    clusters, listings = Clusters(store.database, lead.fence), Listings(store.database, lead.fence)

    async def job_for(one: ConfiguredCluster, cluster: LateCluster) -> Job:
        told = await clusters.register(one.id, at=store.clock.now(), document=one.model_dump(mode="json"))
        return job_of(one, cluster, document_id=told.document_id, decide_seconds=settings.decide_seconds)

    async def make_job(member: Member, cluster: LateCluster) -> Job:
        return await job_for(store.bindings.settings_of(member.settings), cluster)

    muster = Muster(store.roster, supervisor, connect=store.connect, make_job=make_job)
    told_until = await clusters.newest_moment()
    await sow(settings.clusters, listings, at=store.clock.now(), selects=settings.selects)
    await store.bindings.refresh()
    await store.roster.refresh()
    await muster.begin()
    _add_chores(settings, store, supervisor, listings)
    with store.roster.followed_by(muster):
        supervisor.before_ticks(
            store.roster.refresh,
            follow_policies(
                supervisor,
                store.bindings,
                clusters,
                settings=muster.settings,
                clock=store.clock,
                decide_seconds=settings.decide_seconds,
            ),
            DriveRollouts(
                store.bindings, Policies(store.database, lead.fence), store.database, store.clock, store.feed
            ),
            TellEnds(store.steering, store.feed, store.clock, told_until=told_until),
            FinishReleases(
                fleet=supervisor, steering=store.steering, controls=Controls(store.database), feed=store.feed
            ),
        )
        yield


def _add_chores(settings: ServiceSettings, store: Store, supervisor: Supervisor, listings: Listings) -> None:
    pushed, days = PushedSamples(store.database), settings.retention.sample_days
    for chore in (
        NoteFoundRanges(roster=store.roster, database=store.database, listings=listings),
        ForgetPushed(pushed=pushed, clock=store.clock, days=days),
    ):
        supervisor.add_chore(chore, every_seconds=EVERY_SECONDS)

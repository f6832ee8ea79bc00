"""Gives every cluster a new job when somebody changed the policy that it is bound to; looked for at every beat."""

from collections.abc import Awaitable, Callable, Iterable

import structlog

from autoscaler.core.ports import Clock
from autoscaler.errors import StorageError
from autoscaler.service.assignment import job_of
from autoscaler.service.configured import Bindings, ConfiguredCluster
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.storage.repositories import Clusters

# Each change is written down: a large fleet takes some beats to change, and ticks go on meanwhile.
MOST_AT_ONCE = 50

log = structlog.get_logger(__name__)


def follow_policies(
    supervisor: Supervisor,
    bindings: Bindings,
    known: Clusters,
    *,
    settings: Callable[[], Iterable[ClusterSettings]],
    clock: Clock,
    decide_seconds: float,
) -> "FollowPolicies":
    """An errand of this supervisor: what is in force is stored in ``known``, then a worker has a new job."""

    async def reassign(one: ConfiguredCluster) -> None:
        if one.id not in {there.id for there in settings()}:  # it was removed while it waited
            return
        told = await known.register(one.id, at=clock.now(), document=one.model_dump(mode="json"))
        cluster = supervisor.job(one.id).cluster
        supervisor.reassign(job_of(one, cluster, document_id=told.document_id, decide_seconds=decide_seconds))

    return FollowPolicies(bindings, clusters=settings, reassign=reassign)


class FollowPolicies:
    """An errand of the supervisor."""

    def __init__(
        self,
        bindings: Bindings,
        *,
        clusters: Callable[[], Iterable[ClusterSettings]],
        reassign: Callable[[ConfiguredCluster], Awaitable[None]],
    ) -> None:
        """``clusters`` are those of the fleet now; ``reassign`` stores what is in force and gives the job."""
        self._bindings = bindings
        self._clusters = clusters
        self._reassign = reassign
        self._waiting: list[ClusterSettings] = []
        self._cut_off = False

    async def __call__(self) -> None:
        """One number is read; a store that is away leaves everything as it is, which is told once."""
        try:
            if await self._bindings.refresh():
                self._waiting = [one for one in self._clusters() if self._bindings.changed(one)]
            await self._work_off()
        except StorageError as problem:
            if not self._cut_off:
                log.warning("policies_unread", reason=str(problem))
            self._cut_off = True
            return
        self._cut_off = False

    async def _work_off(self) -> None:
        for one in self._waiting[:MOST_AT_ONCE]:
            in_force = self._bindings.settings_of(one)
            await self._reassign(in_force)
            log.info(
                "policy_taken",
                cluster=one.id,
                policy=in_force.policy.title,
                policy_version=in_force.policy_version,
            )
        del self._waiting[:MOST_AT_ONCE]

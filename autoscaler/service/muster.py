"""Makes the workers follow the roster: newcomers get one, changed clusters another job, removed ones none."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from autoscaler.errors import StorageError
from autoscaler.service.job import Job
from autoscaler.service.roster import Member, Roster
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.sources.late import LateCluster
from autoscaler.service.together import together

# What says who decides; anything else of the settings makes another cluster of it.
DECIDING = frozenset({"title", "tags", "policy", "shadows", "mode"})

log = structlog.get_logger(__name__)


class Crew(Protocol):
    """Whoever has the workers."""

    def enlist(self, job: Job) -> None:
        """A worker for a new cluster, from the next beat on."""
        ...

    def reassign(self, job: Job) -> None:
        """Another job for a cluster, from its next tick on."""
        ...

    def dismiss(self, cluster_id: str) -> None:
        """No more ticks of a cluster; one that runs ends as it began."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A member as the crew has it, and the connection to its cluster."""

    member: Member
    cluster: LateCluster


class Muster:
    """Brings a crew in line with the roster; what cannot be done now is tried again at the next look."""

    def __init__(
        self,
        roster: Roster,
        crew: Crew,
        *,
        connect: Callable[[Member], LateCluster],
        make_job: Callable[[Member, LateCluster], Awaitable[Job]],
    ) -> None:
        self._roster = roster
        self._crew = crew
        self._connect = connect
        self._make_job = make_job
        self._posts: dict[str, Post] = {}
        self._revision: int | None = None
        self._cut_off = False

    async def begin(self) -> None:
        """The whole fleet at once, each cluster connected, or left to its own ticks where that fails."""
        await self()
        await together(lambda post: post.cluster.try_to_connect(), self._posts.values())

    async def __call__(self) -> None:
        """Catch up with the roster."""
        if self._revision == self._roster.revision:
            return
        revision, members = self._roster.revision, dict(self._roster.members)
        for cluster_id in [name for name in self._posts if name not in members]:
            del self._posts[cluster_id]
            self._crew.dismiss(cluster_id)
        behind = [one for one in members.values() if self._is_behind(one)]
        settled = await together(self._follow, behind)
        self._revision = revision if all(settled) else None

    def settings(self) -> tuple[ClusterSettings, ...]:
        """Those of the clusters that have a worker."""
        return tuple(post.member.settings for post in self._posts.values())

    def _is_behind(self, member: Member) -> bool:
        post = self._posts.get(member.settings.id)
        return post is None or post.member.revision != member.revision

    async def _follow(self, member: Member) -> bool:
        """Whether it was followed, or never can be."""
        cluster_id, before = member.settings.id, self._posts.get(member.settings.id)
        same = before is not None and _source_of(before.member) == _source_of(member)
        cluster = before.cluster if before is not None and same else self._connect(member)
        try:
            job = await self._make_job(member, cluster)
        except StorageError as problem:
            if not self._cut_off:
                log.warning("roster_not_followed", cluster=cluster_id, reason=str(problem))
            self._cut_off = True
            return False
        except Exception as problem:  # a policy is a plug-in, and may be gone; the others go on
            log.exception("cluster_unusable", cluster=cluster_id, reason=str(problem))
            return True
        self._cut_off = False
        self._posts[cluster_id] = Post(member=member, cluster=cluster)
        if before is None:
            self._crew.enlist(job)
        else:
            self._crew.reassign(job)
        return True


def _source_of(member: Member) -> dict[str, object]:
    return member.settings.model_dump(mode="json", exclude=set(DECIDING))

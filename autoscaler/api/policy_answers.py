"""What requests about policies have in common: who takes them, which policy they name, and how one is shown."""

import re

from aiohttp import web

from autoscaler.api import policy_schemas as schemas
from autoscaler.api.access import CALLER
from autoscaler.api.bodies import once, seen_revision
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import answer
from autoscaler.api.problems import REQUEST_ID, shortened
from autoscaler.core.rollout import Rollout
from autoscaler.errors import NotPossible, UnknownName
from autoscaler.service.policy_desk import PolicyDesk, Written
from autoscaler.storage.policy_entries import StoredPolicy


def policy_desk_of(request: web.Request) -> PolicyDesk:
    """Who takes policies.

    Raises:
        NotPossible: this service has nobody for that.
    """
    desk = desk_of(request).policies
    if desk is None:
        raise NotPossible("this service keeps no policies")
    return desk


def name_of(request: web.Request) -> str:
    """The policy in the path.

    Raises:
        UnknownName: no policy can have that name.
    """
    name = request.match_info["policy"]
    if not re.fullmatch(schemas.NAME, name):
        raise UnknownName("policy", shortened(name), ())
    return name


async def written(request: web.Request, *, conditional: bool = True) -> Written:
    """Who writes, and what he has seen."""
    return Written(
        actor=request[CALLER].actor,
        request_id=request[REQUEST_ID],
        expected=seen_revision(request) if conditional else None,
        once=await once(request),
    )


def told_policy(stored: StoredPolicy) -> schemas.Policy:
    """A policy as it is shown."""
    now = stored.in_force
    return schemas.Policy(
        name=stored.name,
        version=now.version,
        newest_version=stored.newest,
        document=now.document,
        author=now.author,
        at=now.at,
        digest=now.digest,
        bindings=tuple(
            schemas.Binding(cluster_id=one.cluster_id, selector=None if one.selector is None else str(one.selector))
            for one in stored.bindings
        ),
        rollout=None if stored.rollout is None else _told_rollout(stored.rollout),
    )


def _told_rollout(rollout: Rollout) -> schemas.Rollout:
    count = len(rollout.order)
    return schemas.Rollout(
        state=rollout.state,
        from_version=rollout.from_version,
        to_version=rollout.to_version,
        ring=rollout.ring + 1,
        rings=tuple(schemas.Ring(clusters=one.size(count), soak_seconds=one.soak_seconds) for one in rollout.rings),
        reached_clusters=len(rollout.touched) if rollout.active else rollout.reached,
        of_clusters=count,
        touched=rollout.touched,
        started_at=rollout.started_at,
        ring_at=rollout.ring_at,
        reason=rollout.reason,
    )


def answer_policy(stored: StoredPolicy) -> web.Response:
    """A policy with the ETag that writes want."""
    response = answer(told_policy(stored))
    response.headers["ETag"] = f'"{stored.revision}"'
    return response

"""What can be seen of a cluster from outside; what cannot, with the reason."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from autoscaler.adapters.aurora_account import AuroraAccount
from autoscaler.adapters.aurora_control import ControlPlane, Document
from autoscaler.adapters.aurora_ranges import SERVERLESS, described, no_range
from autoscaler.adapters.aurora_samples import samples_in, settled_window
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError, ClusterGone

T = TypeVar("T")
SEEN_HOURS = 24
SETTLE_SECONDS = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Answers, each of its own call; a ClusterError in the place of one that was not given."""

    cluster: Document
    instances: Sequence[Document] | ClusterError
    proxies: Sequence[str] | ClusterError
    global_clusters: Sequence[tuple[str, bool]] | ClusterError
    integrations: Sequence[str] | ClusterError
    parameters: Mapping[str, str] | ClusterError
    least_acu: float | ClusterError | None
    events: Sequence[Document] | ClusterError
    samples: Sequence[Sample] | ClusterError
    serverless: tuple[str, ...]


def given(answer: T | ClusterError) -> T:
    """An answer that was given.

    Raises:
        ClusterError: the one in its place.
    """
    if isinstance(answer, ClusterError):
        raise answer
    return answer


async def gather(account: AuroraAccount, name: str, *, now: datetime) -> Facts:
    """All that can be seen of a cluster, by its name or resource id.

    Raises:
        ClusterGone: there is none.
        ClusterError: not even the cluster itself is told, or it is of the first generation, which ended in 2025.
    """
    control = ControlPlane(account)
    cluster = await control.cluster(name)
    if cluster is None:
        raise ClusterGone(f"there is no cluster {name} in this account and region")
    if described(cluster) is None:
        raise ClusterError(no_range(cluster))
    own, arn = cluster["DBClusterIdentifier"], cluster["DBClusterArn"]
    members = tuple(one["DBInstanceIdentifier"] for one in cluster.get("DBClusterMembers", ()))
    instances = await _answer(control.instances(own))
    since = now - timedelta(hours=SEEN_HOURS)
    answers = await asyncio.gather(
        _answer(control.proxies(own, members)),
        _answer(control.global_clusters(arn)),
        _answer(control.integrations(arn)),
        _answer(_parameters(control, cluster)),
        _answer(control.least_acu(cluster["Engine"], cluster["EngineVersion"])),
        _answer(_events(control, members, since=since, until=now)),
        _answer(_samples(account, _serverless(members, instances), now)),
    )
    names = ("proxies", "global_clusters", "integrations", "parameters", "least_acu", "events", "samples")
    told: dict[str, Any] = dict(zip(names, answers, strict=True))
    return Facts(cluster=cluster, instances=instances, serverless=_serverless(members, instances), **told)


def _serverless(members: Sequence[str], instances: Sequence[Document] | ClusterError) -> tuple[str, ...]:
    """The instances that scale; all members where nobody tells their classes."""
    if isinstance(instances, ClusterError):
        return tuple(members)
    scaling = {one["DBInstanceIdentifier"] for one in instances if one["DBInstanceClass"] == SERVERLESS}
    return tuple(name for name in members if name in scaling)


async def _answer(asked: Awaitable[T]) -> T | ClusterError:
    """A call that is not allowed hides one fact, not all."""
    try:
        return await asked
    except ClusterError as problem:
        return problem


async def _parameters(control: ControlPlane, cluster: Document) -> Mapping[str, str]:
    group = cluster.get("DBClusterParameterGroup")
    return {} if group is None else await control.parameters(group)


async def _events(
    control: ControlPlane, members: Sequence[str], *, since: datetime, until: datetime
) -> Sequence[Document]:
    found = await control.events("db-instance", since=since, until=until)
    return [one for one in found if one.get("SourceIdentifier") in members]


async def _samples(account: AuroraAccount, members: Sequence[str], now: datetime) -> Sequence[Sample]:
    lookback = timedelta(hours=SEEN_HOURS)
    window = settled_window(members, now=now, after=None, settle_seconds=SETTLE_SECONDS, lookback=lookback)
    [points] = await account.measure([window])
    return samples_in(window, given(points))

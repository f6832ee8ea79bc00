"""One AWS account in one region: its clients, and the calls that are made with them, many clusters in each."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from autoscaler.adapters.aurora_calls import CallCount
from autoscaler.adapters.aurora_errors import translated
from autoscaler.adapters.aurora_metrics import measured
from autoscaler.adapters.aurora_ranges import Described, described, no_range, scaling_of
from autoscaler.adapters.aurora_samples import Points, Window
from autoscaler.core.capacity import Range
from autoscaler.errors import ClusterError, ClusterForbidden, ClusterGone

MOST_DESCRIBED = 100  # [D] of a call
CALL_SECONDS = 8
RENEWED_BEFORE = timedelta(minutes=5)
SESSION_NAME = "autoscaler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How an account is reached; without a role with the credentials of the environment."""

    region: str
    role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: str | None = None


@dataclass(slots=True)
class _Session:
    """Clients that share credentials, until those expire."""

    stack: AsyncExitStack
    credentials: Mapping[str, str]
    expires_at: datetime | None
    clients: dict[str, Any] = field(default_factory=dict)

    def ends_by(self, now: datetime) -> bool:
        """Whether its credentials are to be renewed."""
        return self.expires_at is not None and now >= self.expires_at - RENEWED_BEFORE


async def at_once() -> None:
    """Nobody has to wait for anybody."""


class AuroraAccount:
    """Makes calls; each fails with a ClusterError that names its action."""

    def __init__(
        self, access: Access, *, now: Callable[[], datetime], turn: Callable[[], Awaitable[None]] = at_once
    ) -> None:
        """``turn`` returns when a call may be made: people want to call, too."""
        self._access = access
        self.now = now
        self.count = CallCount()
        self._turn = turn
        self._session: _Session | None = None
        self._retired: _Session | None = None
        self._opening = asyncio.Lock()
        self.forbidden: dict[str, str] = {}

    async def describe(self, resource_ids: Sequence[str]) -> list[Described | ClusterError]:
        """What RDS says of each, in their order; one that cannot be told does not touch the others."""
        try:
            found = {one["DbClusterResourceId"]: one for one in await self._described(resource_ids)}
        except ClusterError as problem:
            return [problem] * len(resource_ids)
        return [_told(one, found.get(one)) for one in resource_ids]

    async def all_clusters(self) -> list[Described]:
        """Every cluster of the account with a serverless range."""
        return [one for one in map(described, await self._described(())) if one is not None]

    async def classes(self, names: Sequence[str]) -> list[dict[str, str] | ClusterError]:
        """The classes of each cluster's instances by their names, for clusters by name."""
        found: dict[str, dict[str, str]] = {name: {} for name in names}
        filters = [{"Name": "db-cluster-id", "Values": list(names)}]
        try:
            async with translated("rds:DescribeDBInstances", f"{len(names)} clusters"):
                pages = (await self.client("rds")).get_paginator("describe_db_instances").paginate(Filters=filters)
                async for page in pages:
                    for one in page["DBInstances"]:
                        found[one["DBClusterIdentifier"]][one["DBInstanceIdentifier"]] = one["DBInstanceClass"]
        except ClusterError as problem:
            return [problem] * len(names)
        return list(found.values())

    async def measure(self, windows: Sequence[Window]) -> list[Points | ClusterError]:
        """What CloudWatch has of each window, in their order."""
        return await measured(lambda: self.client("cloudwatch"), windows)

    async def modify(self, cluster: Described, wanted: Range) -> None:
        """Ask for a range; ``forbidden`` tells from then on whether that is allowed."""
        try:
            async with translated("rds:ModifyDBCluster", cluster.name):
                client = await self.client("rds")
                await client.modify_db_cluster(
                    DBClusterIdentifier=cluster.name,
                    ServerlessV2ScalingConfiguration=scaling_of(wanted),
                    ApplyImmediately=True,
                )
        except ClusterForbidden as problem:
            self.forbidden[cluster.resource_id] = str(problem)
            raise
        self.forbidden.pop(cluster.resource_id, None)

    async def client(self, service: str) -> Any:  # noqa: ANN401 - botocore carries no types
        """A client of a service, with credentials that are still good."""
        async with self._opening:
            session = self._session
            if session is None or session.ends_by(self.now()):
                fresh = await self._opened()
                await self._retire()
                session = self._session = fresh
            if service not in session.clients:
                client = await session.stack.enter_async_context(self._made(service, session.credentials))
                self._watch(client)
                session.clients[service] = client
            return session.clients[service]

    async def close(self) -> None:
        """Close all connections."""
        await self._retire()
        await self._retire()

    async def _retire(self) -> None:
        """Calls may still be under way with the last credentials, not with those before."""
        if self._retired is not None:
            await self._retired.stack.aclose()
        self._retired, self._session = self._session, None

    async def _described(self, resource_ids: Sequence[str]) -> list[dict[str, Any]]:
        filters = [{"Name": "db-cluster-resource-id", "Values": list(resource_ids)}] if resource_ids else []
        async with translated("rds:DescribeDBClusters", f"{len(resource_ids) or 'all'} clusters"):
            pages = (await self.client("rds")).get_paginator("describe_db_clusters").paginate(Filters=filters)
            return [one async for page in pages for one in page["DBClusters"]]

    async def _opened(self) -> _Session:
        if self._access.role_arn is None:
            return _Session(AsyncExitStack(), {}, None)
        external = {} if self._access.external_id is None else {"ExternalId": self._access.external_id}
        async with translated("sts:AssumeRole", self._access.role_arn), self._made("sts", {}) as sts:
            self._watch(sts)
            taken = await sts.assume_role(RoleArn=self._access.role_arn, RoleSessionName=SESSION_NAME, **external)
        given = taken["Credentials"]
        credentials = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return _Session(AsyncExitStack(), credentials, given["Expiration"])

    def _watch(self, client: Any) -> None:  # noqa: ANN401 - botocore carries no types
        self.count.watch(client)
        client.meta.events.register("before-call", self._wait)

    async def _wait(self, **_: object) -> None:
        await self._turn()

    def _made(self, service: str, credentials: Mapping[str, str]) -> Any:  # noqa: ANN401 - botocore carries no types
        from aiobotocore.config import AioConfig

        # Whoever is throttled waits with all others of the account, not each for himself.
        config = AioConfig(retries={"total_max_attempts": 1}, connect_timeout=CALL_SECONDS, read_timeout=CALL_SECONDS)
        return _models().create_client(
            service,
            region_name=self._access.region,
            endpoint_url=self._access.endpoint_url,
            config=config,
            **credentials,
        )


@cache
def _models() -> Any:  # noqa: ANN401 - botocore carries no types
    """Reads the models of the services once, which takes a while; accounts share nothing else."""
    from aiobotocore.session import get_session

    session = get_session()
    # Seven times as fast as botocore's own, for thousands of points come in one answer.
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    return session


def _moment(told: float | str) -> datetime:
    from botocore.utils import parse_timestamp

    return parse_timestamp(told) if isinstance(told, str) else datetime.fromtimestamp(told, UTC)


def _told(resource_id: str, document: Mapping[str, Any] | None) -> Described | ClusterError:
    if document is None:
        return ClusterGone(f"there is no cluster with the resource id {resource_id}; a new one of its name is another")
    return described(document) or ClusterError(no_range(document))

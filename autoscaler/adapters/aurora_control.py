"""What else RDS tells of a cluster: its instances, and what is built around it. Reads only."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from autoscaler.adapters.aurora_account import AuroraAccount
from autoscaler.adapters.aurora_errors import translated
from autoscaler.adapters.aurora_events import happening_of
from autoscaler.core.happenings import Happening

Document = Mapping[str, Any]
RESOURCE_ID = re.compile(r"cluster-[A-Z0-9]+")


class ControlPlane:
    """Asks seldom, and one cluster at a time: for people, not for ticks."""

    def __init__(self, account: AuroraAccount) -> None:
        self._account = account

    async def cluster(self, name: str) -> Document | None:
        """A DBCluster by its name or resource id; None: there is none."""
        key = "db-cluster-resource-id" if RESOURCE_ID.fullmatch(name) else "db-cluster-id"
        filters = [{"Name": key, "Values": [name]}]
        found = await self._all("rds:DescribeDBClusters", "describe_db_clusters", "DBClusters", name, Filters=filters)
        return found[0] if found else None

    async def instances(self, cluster: str) -> list[Document]:
        """The DBInstances of a cluster."""
        filters = [{"Name": "db-cluster-id", "Values": [cluster]}]
        return await self._all(
            "rds:DescribeDBInstances", "describe_db_instances", "DBInstances", cluster, Filters=filters
        )

    async def proxies(self, cluster: str, instances: Sequence[str]) -> list[str]:
        """The names of the proxies in front of a cluster."""
        action, about = "rds:DescribeDBProxies", cluster
        proxies = await self._all(action, "describe_db_proxies", "DBProxies", about)
        return [one["DBProxyName"] for one in proxies if await self._leads_to(one["DBProxyName"], cluster, instances)]

    async def _leads_to(self, proxy: str, cluster: str, instances: Sequence[str]) -> bool:
        action, operation = "rds:DescribeDBProxyTargets", "describe_db_proxy_targets"
        targets = await self._all(action, operation, "Targets", proxy, DBProxyName=proxy)
        names = {cluster, *instances}
        return any(names & {one.get("TrackedClusterId"), one.get("RdsResourceId")} for one in targets)

    async def global_clusters(self, arn: str) -> list[tuple[str, bool]]:
        """The global databases a cluster is in, and whether it is the writing one."""
        action, operation = "rds:DescribeGlobalClusters", "describe_global_clusters"
        return [
            (one["GlobalClusterIdentifier"], bool(member.get("IsWriter")))
            for one in await self._all(action, operation, "GlobalClusters", arn)
            for member in one.get("GlobalClusterMembers", ())
            if member.get("DBClusterArn") == arn
        ]

    async def integrations(self, arn: str) -> list[str]:
        """The names of the zero-ETL integrations that a cluster feeds."""
        action, operation = "rds:DescribeIntegrations", "describe_integrations"
        found = await self._all(action, operation, "Integrations", arn)
        return [one["IntegrationName"] for one in found if one.get("SourceArn") == arn]

    async def parameters(self, group: str) -> dict[str, str]:
        """What somebody set in a cluster parameter group."""
        found = await self._all(
            "rds:DescribeDBClusterParameters",
            "describe_db_cluster_parameters",
            "Parameters",
            group,
            DBClusterParameterGroupName=group,
            Source="user",
        )
        return {one["ParameterName"]: one.get("ParameterValue", "") for one in found}

    async def least_acu(self, engine: str, version: str) -> float | None:
        """The least minimum that an engine of this version takes; None: RDS does not say."""
        found = await self._all(
            "rds:DescribeDBEngineVersions",
            "describe_db_engine_versions",
            "DBEngineVersions",
            f"{engine} {version}",
            Engine=engine,
            EngineVersion=version,
        )
        told = found[0].get("ServerlessV2FeaturesSupport", {}).get("MinCapacity") if found else None
        return None if told is None else float(told)

    async def events(self, kind: str, *, since: datetime, until: datetime, source: str | None = None) -> list[Document]:
        """Events of one source, or of all of a kind (`db-instance`, `db-cluster`), oldest first."""
        about = {} if source is None else {"SourceIdentifier": source}
        found = await self._all(
            "rds:DescribeEvents",
            "describe_events",
            "Events",
            source or f"all of kind {kind}",
            SourceType=kind,
            StartTime=since,
            EndTime=until,
            **about,
        )
        return sorted(found, key=lambda one: one["Date"])

    async def happened(
        self, kind: str, *, since: datetime, until: datetime, source: str | None = None
    ) -> list[Happening]:
        """What of the events matters, oldest first."""
        events = await self.events(kind, since=since, until=until, source=source)
        return [one for one in map(happening_of, events) if one is not None]

    async def _all(self, action: str, operation: str, key: str, about: str, **asked: Any) -> list[Document]:  # noqa: ANN401 - botocore's
        async with translated(action, about):
            client = await self._account.client("rds")
            pages = client.get_paginator(operation).paginate(**asked)
            return [one async for page in pages for one in page[key]]

"""Performance Insights: how many sessions of an instance work or wait, which CloudWatch tells late, if at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Protocol

from autoscaler.adapters.aurora_errors import translated
from autoscaler.adapters.aurora_samples import MINUTE_SECONDS
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError

LOAD = "db.load.avg"
LOOKED_AGAIN_AFTER = timedelta(minutes=15)


class Clients(Protocol):
    """Whoever has clients of an account."""

    async def client(self, service: str) -> Any:  # noqa: ANN401 - botocore carries no types
        """A client of a service."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """What Performance Insights calls the instances of a cluster that have it."""

    at: datetime
    instances: tuple[str, ...]
    identifiers: Mapping[str, str]


class Insights:
    """Adds the load of the busiest instance to samples; one that does not tell its load makes it unknown."""

    def __init__(self, account: Clients) -> None:
        self._account = account
        self._known: dict[str, _Known] = {}

    async def added(
        self, samples: Sequence[Sample], cluster: str, instances: tuple[str, ...], *, now: datetime
    ) -> list[Sample]:
        """The samples with their active sessions.

        Raises:
            ClusterError: AWS refused or did not answer.
        """
        if not samples or not instances:
            return list(samples)
        identifiers = await self._identifiers(cluster, instances, now)
        if set(identifiers) < set(instances):
            missing = ", ".join(sorted(set(instances) - set(identifiers)))
            raise ClusterError(
                f"{cluster}: Performance Insights is off for {missing}; switch it on, or the setting off"
            )
        loads = [await self._load(identifiers[one], samples) for one in instances]
        return [replace(one, active_sessions=_sessions(one, loads)) for one in samples]

    async def _identifiers(self, cluster: str, instances: tuple[str, ...], now: datetime) -> Mapping[str, str]:
        known = self._known.get(cluster)
        if known is not None and known.instances == instances and now - known.at < LOOKED_AGAIN_AFTER:
            return known.identifiers
        filters = [{"Name": "db-cluster-id", "Values": [cluster]}]
        async with translated("rds:DescribeDBInstances", cluster):
            pages = (await self._account.client("rds")).get_paginator("describe_db_instances").paginate(Filters=filters)
            told = [one async for page in pages for one in page["DBInstances"]]
        found = {
            one["DBInstanceIdentifier"]: one["DbiResourceId"] for one in told if one.get("PerformanceInsightsEnabled")
        }
        self._known[cluster] = _Known(now, instances, found)
        return found

    async def _load(self, identifier: str, samples: Sequence[Sample]) -> dict[datetime, float]:
        """By the minute; what cannot be true is left out."""
        async with translated("pi:GetResourceMetrics", identifier):
            client = await self._account.client("pi")
            told = await client.get_resource_metrics(
                ServiceType="RDS",
                Identifier=identifier,
                MetricQueries=[{"Metric": LOAD}],
                StartTime=samples[0].at,
                EndTime=samples[-1].end,
                PeriodInSeconds=MINUTE_SECONDS,
                PeriodAlignment="START_TIME",
            )
            points = told["MetricList"][0]["DataPoints"] if told["MetricList"] else []
        values = ((one["Timestamp"], one.get("Value")) for one in points)
        return {at: value for at, value in values if value is not None and isfinite(value) and value >= 0}


def _sessions(sample: Sample, loads: Sequence[Mapping[datetime, float]]) -> float | None:
    """Of the busiest instance; a sleeping one measures nothing, and nobody works in it."""
    if sample.capacity_acu == 0.0:
        return 0.0
    known = [load[sample.at] for load in loads if sample.at in load]
    return max(known) if len(known) == len(loads) else None

"""How many calls to AWS a fleet of Aurora clusters makes, and what CloudWatch wants for them a month.

    python -m benchmarks.aurora_calls [10 1000 10000] [--minutes 5] [--instances 1] [--cache-metrics]

The adapter and its shared calls as the service uses them, with as many ticks side by side as it runs of an account
(64), in front of a client that answers after a while and counts. No call fails, has a second page, or changes anything;
the classes of the instances, asked for every quarter of an hour, are left out.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from autoscaler.adapters.aurora import AuroraCluster
from autoscaler.adapters.aurora_account import Access, AuroraAccount
from autoscaler.adapters.aurora_calls import USD_PER_METRIC
from autoscaler.adapters.aurora_samples import CACHE_METRICS, METRICS
from autoscaler.service.sources.aurora import SharedCalls
from autoscaler.service.supervisor import MOST_OF_AN_ACCOUNT
from tests.fakes import MONDAY, ManualClock

MINUTES_A_MONTH = 30 * 24 * 60
VALUES = {
    "ServerlessDatabaseCapacity": 4.0,
    "ACUUtilization": 25.0,
    "CPUUtilization": 12.5,
    "DatabaseConnections": 7.0,
    "BufferCacheHitRatio": 99.5,
    "ReadIOPS": 20.0,
    "FreeableMemory": 25.0 * 2**30,
}


class Counting(AuroraAccount):
    """An account whose calls go nowhere."""

    def __init__(self, instances: int, answers_after: float) -> None:
        super().__init__(Access(region="us-east-1"), now=lambda: MONDAY)
        self.made: Counter[str] = Counter()
        self._instances = instances
        self._answers_after = answers_after

    async def client(self, service: str) -> Any:  # noqa: ANN401 - stands in for botocore's
        return self

    def get_paginator(self, action: str) -> "Paginator":
        """Of one action."""
        return Paginator(self, action)

    async def answer(self, action: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """One page."""
        await asyncio.sleep(self._answers_after)
        self.made[action] += 1
        if action == "describe_db_clusters":
            return {"DBClusters": [self._document(name) for name in asked["Filters"][0]["Values"]]}
        if action == "describe_db_instances":
            return {"DBInstances": []}  # all of them scale
        self.made["metrics"] += len(asked["MetricDataQueries"])
        minutes = _minutes(asked["StartTime"], asked["EndTime"])
        return {"MetricDataResults": [_answer(query, minutes) for query in asked["MetricDataQueries"]]}

    def _document(self, name: str) -> Mapping[str, Any]:
        members = [{"DBInstanceIdentifier": f"{name}-{n}", "IsClusterWriter": n == 0} for n in range(self._instances)]
        return {
            "DBClusterIdentifier": name.lower(),
            "DbClusterResourceId": name,
            "Status": "available",
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 1.0, "MaxCapacity": 16.0},
            "DBClusterMembers": members,
        }


@dataclass(frozen=True, slots=True)
class Paginator:
    """Pages of an action: one."""

    account: Counting
    action: str

    async def paginate(self, **asked: Any) -> AsyncIterator[Mapping[str, Any]]:  # noqa: ANN401 - stands in for botocore's
        """The page."""
        yield await self.account.answer(self.action, asked)


def main(
    clusters: Annotated[list[int] | None, typer.Argument(help="How many clusters.")] = None,
    minutes: Annotated[int, typer.Option(help="How many minutes, with one decision in each.")] = 5,
    instances: Annotated[int, typer.Option(help="Of each cluster.")] = 1,
    answers_after: Annotated[float, typer.Option(help="Seconds until AWS answers.")] = 0.15,
    cache_metrics: Annotated[bool, typer.Option(help="Hits of the cache, reads and free memory, too.")] = False,
) -> None:
    """Print a line for each size."""
    table = Table("clusters", "DescribeDBClusters", "GetMetricData", "metrics", "a cluster-month", "the fleet a month")
    metrics = (*METRICS, *CACHE_METRICS) if cache_metrics else METRICS
    for size in clusters or [10, 1000, 10_000]:
        made = asyncio.run(_measure(size, minutes, instances, answers_after, metrics))
        month = made["metrics"] / minutes * MINUTES_A_MONTH * USD_PER_METRIC
        each = [f"{made[name] / minutes:,.0f}" for name in ("describe_db_clusters", "get_metric_data", "metrics")]
        table.add_row(f"{size:,}", *each, f"{month / size:.2f} USD", f"{month:,.0f} USD")
    Console(width=120).print("Calls and metrics a minute, at one decision a minute", table)


async def _measure(
    size: int, minutes: int, instances: int, answers_after: float, metrics: tuple[str, ...]
) -> Counter[str]:
    clock, account = ManualClock(MONDAY), Counting(instances, answers_after)
    calls = SharedCalls(account)
    fleet = [AuroraCluster(f"c{n}", f"cluster-{n}", calls, clock=clock, metrics=metrics) for n in range(size)]
    newest: dict[str, datetime | None] = {}
    places = asyncio.Semaphore(MOST_OF_AN_ACCOUNT)

    async def tick(one: AuroraCluster) -> None:
        async with places:
            await one.status()
            samples = await one.samples_since(newest.get(one.cluster_id))
            if samples:
                newest[one.cluster_id] = samples[-1].at

    for minute in range(minutes + 1):
        if minute == 1:  # the first one reads hours
            account.made.clear()
        await asyncio.gather(*map(tick, fleet))
        await clock.advance(60.0)
    return account.made


def _minutes(start: datetime, end: datetime) -> list[datetime]:
    return [start + timedelta(minutes=n) for n in range(int((end - start) / timedelta(minutes=1)))]


def _answer(query: Mapping[str, Any], minutes: list[datetime]) -> Mapping[str, Any]:
    value = VALUES[query["MetricStat"]["Metric"]["MetricName"]]
    return {"Id": query["Id"], "Timestamps": minutes, "Values": [value] * len(minutes)}


if __name__ == "__main__":
    typer.run(main)

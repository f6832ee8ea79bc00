"""A cluster named shop of a simulated AWS, and what tests ask about it again and again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from tests.awsapi.servers import Simulated, simulated_aws
from tests.fakes import later

FIXED = {"MinCapacity": 2.0, "MaxCapacity": 16.0}


def create(aws: Simulated, scaling: dict[str, Any], *, instances: int = 1) -> None:
    """A cluster named shop, ready."""
    rds = aws.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="shop", Engine="aurora-postgresql", ServerlessV2ScalingConfiguration=scaling
    )
    for number in range(1, instances + 1):
        add_instance(rds, f"shop-{number}")
    aws.clock.move(60)


def add_instance(rds: Any, name: str, instance_class: str = "db.serverless") -> None:
    """Into the cluster of its name."""
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass=instance_class,
        DBClusterIdentifier=name.partition("-")[0],
        Engine="aurora-postgresql",
    )


@contextmanager
def shop_under_load() -> Iterator[Simulated]:
    """An hour of a cluster: ten minutes without load, then 4 ACU of at most 16."""
    with simulated_aws() as running:
        create(running, FIXED)
        running.world.live()
        running.clock.move(540)
        running.world.live()
        running.load_acu[0] = 4.0
        running.clock.move(3000)
        yield running


def the_cluster(aws: Simulated) -> Any:
    return aws.client("rds").describe_db_clusters(DBClusterIdentifier="shop")["DBClusters"][0]


def resize(aws: Simulated, **scaling: float) -> Any:
    return aws.client("rds").modify_db_cluster(DBClusterIdentifier="shop", ServerlessV2ScalingConfiguration=scaling)


def metric_query(
    query_id: str, name: str, dimensions: dict[str, str], *, period: int = 60, statistic: str = "Average"
) -> Any:
    """A query of GetMetricData."""
    metric = {
        "Namespace": "AWS/RDS",
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}


def capacity(aws: Simulated, *, minutes: int = 15, until: datetime | None = None, **dimensions: str) -> list[float]:
    """ServerlessDatabaseCapacity by the minute, oldest first."""
    until = until or aws.clock.now()
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[metric_query("acu", "ServerlessDatabaseCapacity", dimensions)],
        StartTime=until - timedelta(minutes=minutes),
        EndTime=until,
        ScanBy="TimestampAscending",
    )
    return list(answer["MetricDataResults"][0]["Values"])


def data(
    cloudwatch: Any, *queries: Any, start: datetime | None = None, end: datetime | None = None, **more: Any
) -> Any:
    return cloudwatch.get_metric_data(
        MetricDataQueries=list(queries),
        StartTime=start or later(0),
        EndTime=end or later(3600),
        **{"ScanBy": "TimestampAscending", **more},
    )


def values(answer: Any) -> dict[str, list[float]]:
    return {one["Id"]: one["Values"] for one in answer["MetricDataResults"]}

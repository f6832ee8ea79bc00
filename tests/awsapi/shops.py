"""A cluster named shop of a simulated AWS, and what tests ask about it again and again."""

from datetime import datetime, timedelta
from typing import Any

from tests.awsapi.servers import Simulated

FIXED = {"MinCapacity": 2.0, "MaxCapacity": 16.0}


def create(aws: Simulated, scaling: dict[str, Any], *, instances: int = 1) -> None:
    """A cluster named shop, ready."""
    rds = aws.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="shop", Engine="aurora-postgresql", ServerlessV2ScalingConfiguration=scaling
    )
    for number in range(1, instances + 1):
        rds.create_db_instance(
            DBInstanceIdentifier=f"shop-{number}",
            DBInstanceClass="db.serverless",
            DBClusterIdentifier="shop",
            Engine="aurora-postgresql",
        )
    aws.clock.move(60)


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

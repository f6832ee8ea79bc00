"""Performance Insights of instances, and provisioned ones beside serverless ones, as boto3 sees them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.awsapi.servers import Simulated, simulated_aws
from tests.awsapi.shops import add_instance, capacity, create, the_cluster

PAUSING = {"MinCapacity": 0.0, "MaxCapacity": 8.0, "SecondsUntilAutoPause": 300}


@pytest.fixture
def aws() -> Iterator[Simulated]:
    with simulated_aws() as running:
        create(running, PAUSING)
        yield running


@pytest.fixture
def rds(aws: Simulated) -> Any:
    return aws.client("rds")


def test_performance_insights_tells_the_load_by_the_second(aws: Simulated, rds: Any) -> None:
    made = rds.modify_db_instance(DBInstanceIdentifier="shop-1", EnablePerformanceInsights=True)["DBInstance"]
    aws.load_acu[0] = 4.0
    aws.clock.move(1200)
    insights = aws.client("pi")
    asked = {
        "ServiceType": "RDS",
        "Identifier": made["DbiResourceId"],
        "StartTime": aws.clock.now() - timedelta(seconds=30),
        "EndTime": aws.clock.now(),
    }
    told = insights.get_resource_metrics(**asked, MetricQueries=[{"Metric": "db.load.avg"}], PeriodInSeconds=1)[
        "MetricList"
    ][0]
    keys = insights.describe_dimension_keys(
        **asked, Metric="db.load.avg", GroupBy={"Group": "db.wait_event"}, PeriodInSeconds=10
    )["Keys"]

    assert told["Key"] == {"Metric": "db.load.avg"}
    assert [one["Value"] for one in told["DataPoints"]] == [1.0] * 30
    assert keys == [{"Dimensions": {"db.wait_event.name": "CPU", "db.wait_event.type": "CPU"}, "Total": 1.0}]
    with pytest.raises(ClientError, match=r"Metric db\.sql\.avg is not simulated") as problem:
        insights.get_resource_metrics(**asked, MetricQueries=[{"Metric": "db.sql.avg"}])
    assert problem.value.response["Error"]["Code"] == "InvalidArgumentException"
    rds.modify_db_instance(DBInstanceIdentifier="shop-1", EnablePerformanceInsights=False)
    with pytest.raises(ClientError, match="Performance Insights is not enabled"):
        insights.get_resource_metrics(**asked, MetricQueries=[{"Metric": "db.load.avg"}])


def test_a_provisioned_reader_is_measured_and_never_scales(aws: Simulated, rds: Any) -> None:
    add_instance(rds, "shop-2", "db.r6g.large")
    aws.load_acu[0] = 4.0
    aws.clock.move(1200)
    cloudwatch = aws.client("cloudwatch")
    listed = cloudwatch.list_metrics(Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "shop-2"}])["Metrics"]

    assert [one["MetricName"] for one in listed] == ["CPUUtilization", "DatabaseConnections", "FreeableMemory"]
    assert capacity(aws, DBInstanceIdentifier="shop-2") == []
    assert capacity(aws, DBClusterIdentifier="shop") == capacity(aws, DBInstanceIdentifier="shop-1")
    with pytest.raises(ClientError, match=r"Invalid DB Instance class: db\.r6g\.tiny"):
        rds.modify_db_instance(DBInstanceIdentifier="shop-2", DBInstanceClass="db.r6g.tiny")


def test_a_provisioned_writer_keeps_its_readers_awake_until_it_is_serverless(aws: Simulated, rds: Any) -> None:
    add_instance(rds, "shop-2", "db.r6g.large")
    aws.clock.move(60)
    rds.failover_db_cluster(DBClusterIdentifier="shop", TargetDBInstanceIdentifier="shop-2")
    aws.clock.move(3600)
    writers = {one["DBInstanceIdentifier"]: one["IsClusterWriter"] for one in the_cluster(aws)["DBClusterMembers"]}
    kept = capacity(aws, DBInstanceIdentifier="shop-1")
    rds.modify_db_instance(DBInstanceIdentifier="shop-2", DBInstanceClass="db.serverless")
    aws.clock.move(3600)

    assert writers == {"shop-1": False, "shop-2": True}
    assert kept[-1] > 0.0
    assert [capacity(aws, DBInstanceIdentifier=name)[-1] for name in ("shop-1", "shop-2")] == [0.0, 0.0]

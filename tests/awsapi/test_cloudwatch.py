"""CloudWatch's actions as boto3 sees them, in each of the protocols that it may speak."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.awsapi.servers import Simulated
from tests.awsapi.shops import data, metric_query, shop_under_load, values
from tests.fakes import later

SHOP = {"DBInstanceIdentifier": "shop-1"}
OF_SHOP = [{"Name": "DBInstanceIdentifier", "Value": "shop-1"}]


@pytest.fixture
def aws() -> Iterator[Simulated]:
    with shop_under_load() as running:
        yield running


@pytest.fixture
def cloudwatch(aws: Simulated) -> Any:
    return aws.client("cloudwatch")


@pytest.mark.parametrize("protocol", ["json", "smithy-rpc-v2-cbor", "query"])
def test_every_protocol_tells_the_same(protocol: str, aws: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (protocol,))
    monkeypatch.setattr("botocore.args.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (protocol,))
    cloudwatch = aws.client("cloudwatch")

    told = data(cloudwatch, metric_query("cpu", "CPUUtilization", SHOP), start=later(3300))["MetricDataResults"][0]
    [point] = cloudwatch.get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="CPUUtilization",
        Dimensions=OF_SHOP,
        StartTime=later(1800),
        EndTime=later(2100),
        Period=300,
        ExtendedStatistics=["p50"],
        Statistics=["Average", "SampleCount"],
    )["Datapoints"]
    with pytest.raises(ClientError, match="must be unique") as problem:
        data(cloudwatch, *[metric_query("cpu", "CPUUtilization", SHOP)] * 2)

    assert cloudwatch.meta.service_model.resolved_protocol == protocol
    assert (told["Timestamps"][0].timestamp(), told["Values"]) == (later(3300).timestamp(), [25.0, 25.0, 25.0])
    assert point == {
        "Timestamp": point["Timestamp"],
        "Unit": "Percent",
        "Average": 25.0,
        "SampleCount": 60.0,
        "ExtendedStatistics": {"p50": 25.0},
    }
    assert problem.value.response["Error"]["Code"] == "ValidationError"


def test_statistics_of_a_period(cloudwatch: Any) -> None:
    """From the 10th to the 15th minute: one minute at 0.5 % is not there, five minutes of 4 ACU are."""
    names = ("Average", "Minimum", "Maximum", "Sum", "SampleCount", "p50", "p99", "p0", "p99.9")
    queries = [
        metric_query(f"s{place}", "CPUUtilization", SHOP, period=1200, statistic=name)
        for place, name in enumerate(names)
    ]

    told = values(data(cloudwatch, *queries, end=later(1200)))

    assert {name: told[f"s{place}"][0] for place, name in enumerate(names)} == {
        "Average": 12.5,
        "Minimum": 0.0,
        "Maximum": 25.0,
        "Sum": 3000.0,
        "SampleCount": 240.0,
        "p50": 12.5,
        "p99": 25.0,
        "p0": 0.0,
        "p99.9": 25.0,
    }


def test_a_long_answer_comes_in_pages(cloudwatch: Any) -> None:
    queries = [metric_query(name.lower(), name, SHOP) for name in ("CPUUtilization", "ACUUtilization")]
    pages = []
    more: dict[str, Any] = {}
    while True:
        answer = data(cloudwatch, *queries, MaxDatapoints=40, **more)
        pages.append({one["Id"]: (len(one["Values"]), one["StatusCode"]) for one in answer["MetricDataResults"]})
        if "NextToken" not in answer:
            break
        more = {"NextToken": answer["NextToken"]}

    assert pages == [
        {"cpuutilization": (40, "PartialData")},
        {"cpuutilization": (18, "PartialData"), "acuutilization": (22, "PartialData")},
        {"acuutilization": (36, "PartialData")},
    ]
    assert {name: len(told) for name, told in values(data(cloudwatch, *queries)).items()} == {
        "cpuutilization": 58,
        "acuutilization": 58,
    }


def test_the_newest_comes_first_unless_asked_otherwise(cloudwatch: Any) -> None:
    query = metric_query("cpu", "CPUUtilization", SHOP)
    first, last = (
        data(cloudwatch, query, ScanBy=order)["MetricDataResults"][0]["Timestamps"]
        for order in ("TimestampAscending", "TimestampDescending")
    )

    assert first == last[::-1]


CPU = metric_query("cpu", "CPUUtilization", SHOP, period=300)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"StartTime": later(7200)}, "StartTime must be less than the parameter EndTime"),
        ({"MaxDatapoints": 200_000}, "MaxDatapoints is not between 1 and 100800"),
        ({"NextToken": "x"}, "The value x for parameter NextToken is not valid"),
        ({"MetricDataQueries": [CPU] * 501}, "must not have a size greater than 500"),
        ({"MetricDataQueries": [{"Id": "e"}]}, "must have either MetricStat or Expression"),
        ({"MetricDataQueries": [{**CPU, "Id": "Cpu"}]}, "is not matching the expected pattern"),
        (
            {"MetricDataQueries": [CPU, metric_query("tm", "CPUUtilization", SHOP, statistic="TM(10%:90%)")]},
            r"The value TM\(10%:90%\) for parameter MetricDataQueries.member.2.MetricStat.Stat is not a valid",
        ),
        ({"MetricDataQueries": [metric_query("x", "CPUUtilization", SHOP, period=90)]}, "or a multiple of 60"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], why: str, cloudwatch: Any) -> None:
    usual = {"MetricDataQueries": [CPU], "StartTime": later(0), "EndTime": later(3600)}
    with pytest.raises(ClientError, match=why):
        cloudwatch.get_metric_data(**{**usual, **asked})


def test_statistics_have_a_limit(cloudwatch: Any) -> None:
    asked = {"Namespace": "AWS/RDS", "MetricName": "CPUUtilization", "Dimensions": OF_SHOP, "Statistics": ["Average"]}
    why = "You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the datapoints"
    with pytest.raises(ClientError, match=why) as problem:
        cloudwatch.get_metric_statistics(**asked, StartTime=later(0), EndTime=later(86_460), Period=60)

    told = cloudwatch.get_metric_statistics(**asked, StartTime=later(0), EndTime=later(86_400), Period=60)["Datapoints"]

    assert problem.value.response["Error"]["Code"] == "InvalidParameterCombination"
    assert len(told) == 58


def test_metrics_are_listed_by_what_they_are_of_and_in_pages(aws: Simulated, cloudwatch: Any) -> None:
    def listed(**asked: Any) -> list[tuple[str, ...]]:
        pages = cloudwatch.get_paginator("list_metrics").paginate(**asked)
        return [
            (one["MetricName"], *(dimension["Value"] for dimension in one["Dimensions"]))
            for page in pages
            for one in page["Metrics"]
        ]

    for number in range(100):
        aws.world.instances[f"copy-{number}"] = aws.world.instances["shop-1"]

    assert listed(Namespace="AWS/EC2") == []
    assert listed(MetricName="ACUUtilization", Dimensions=[{"Name": "DBClusterIdentifier"}]) == [
        ("ACUUtilization", "shop"),
        ("ACUUtilization", "shop", "WRITER"),
    ]
    assert len(cloudwatch.list_metrics()["Metrics"]) == 500
    assert len(listed()) == 101 * 7 + 7 * 2


def test_db_load_is_told_while_performance_insights_is_on(aws: Simulated, cloudwatch: Any) -> None:
    query = metric_query("load", "DBLoad", SHOP, period=300)
    off = values(data(cloudwatch, query))
    aws.client("rds").modify_db_instance(DBInstanceIdentifier="shop-1", EnablePerformanceInsights=True)

    assert off == {"load": []}
    assert values(data(cloudwatch, query))["load"][-2:] == [1.0, 1.0]  # 4 ACU are about a core


def test_who_asks_for_the_future_gets_the_past(cloudwatch: Any) -> None:
    query = metric_query("cpu", "CPUUtilization", SHOP)

    assert len(values(data(cloudwatch, query, end=later(86_400 * 400)))["cpu"]) == 58


def test_a_period_finer_than_a_minute_has_no_points(cloudwatch: Any) -> None:
    assert values(data(cloudwatch, metric_query("cpu", "CPUUtilization", SHOP, period=10))) == {"cpu": []}


def test_points_get_coarser_and_are_forgotten(aws: Simulated) -> None:
    """Written at once, since to live through half a year takes a while."""
    aws.world.clusters["shop"].simulated = None
    recorder = aws.world.instances["shop-1"].recorder
    aws.clock.move(86_400 * 500)
    now = aws.clock.now().timestamp() // 3600 * 3600
    for days, width in ((470, 3600), (450, 3600), (62, 300), (14, 60)):
        for place in range(60):
            recorder.add(now - days * 86_400 + place * width, {"CPUUtilization": float(days)})
    recorder.add(now, {})

    def counted(days: float, period: int) -> int:
        moment = aws.clock.now() - timedelta(days=days)
        query = metric_query("cpu", "CPUUtilization", SHOP, period=period)
        answer = data(
            aws.client("cloudwatch"), query, start=moment - timedelta(hours=2), end=moment + timedelta(hours=70)
        )
        return len(values(answer)["cpu"])

    told = {days: [counted(days, period) for period in (60, 300, 3600)] for days in (470, 450, 62, 14)}
    assert told == {470: [0, 0, 0], 450: [0, 0, 60], 62: [0, 60, 5], 14: [60, 12, 1]}

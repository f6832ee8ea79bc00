"""Metric math as boto3 sees it."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.awsapi.servers import Simulated
from tests.awsapi.shops import data, metric_query, shop_under_load, values

SHOP = {"DBInstanceIdentifier": "shop-1"}


@pytest.fixture
def aws() -> Iterator[Simulated]:
    with shop_under_load() as running:
        yield running


@pytest.fixture
def cloudwatch(aws: Simulated) -> Any:
    return aws.client("cloudwatch")


def expression(query_id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"Id": query_id, "Expression": text, **more}


CPU = metric_query("cpu", "CPUUtilization", SHOP, period=300)
ACU = metric_query("acu", "ACUUtilization", SHOP, period=300)
NONE = metric_query("none", "CPUUtilization", {"DBInstanceIdentifier": "other"}, period=300)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cpu / acu * 100", [0.0, 72.72727]),
        ("100 * (1 - cpu / acu)", [100.0, 27.27273]),
        ("-cpu + 2 ^ 3 / 4", [2.0, -23.0]),
        ("SUM([cpu, acu])", [12.5, 59.375]),
        ("MAX(METRICS())", [12.5, 34.375]),
        ("cpu - AVG(cpu)", [-20.83333, 4.16667]),
        ("FILL(none, 7)", [7.0, 7.0]),
        ("FILL(none, REPEAT)", []),
        ("FILL(cpu, LINEAR) * PERIOD(cpu)", [0.0, 7500.0]),
        ("CEIL(cpu / 7)", [0.0, 4.0]),
        ("cpu / (cpu - cpu)", []),
        ("later * 2", [0.0, 50.0]),
    ],
)
def test_metric_math(text: str, told: list[float], cloudwatch: Any) -> None:
    queries = [{**one, "ReturnData": False} for one in (CPU, ACU, NONE)]

    answer = values(data(cloudwatch, expression("e", text), *queries, expression("later", "cpu", ReturnData=False)))

    assert [round(one, 5) for one in answer["e"][1:4:2]] == told  # without load, and under it
    assert list(answer) == ["e"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("cpu +", "it ends too early"),
        ("cpu cpu", "Unexpected 'cpu'"),
        ("(cpu", "it ends too early"),
        ("nobody * 2", "there is no query 'nobody'"),
        ("SEARCH('x', 'Average')", "Unexpected"),
        ("ANOMALY_DETECTION_BAND(cpu)", "the function ANOMALY_DETECTION_BAND of 1 is not simulated"),
        ("2 * 3", "it comes to a number"),
        ("AVG(cpu)", "it comes to a number"),
        ("[cpu, 1]", "a list is of time series"),
        ("FILL(cpu, acu)", "gaps are filled with a number"),
        ("e", "in a circle"),
        ("(" * 60 + "cpu" + ")" * 60, "nested too deep"),
    ],
)
def test_an_expression_that_is_none_is_refused(text: str, why: str, cloudwatch: Any) -> None:
    with pytest.raises(ClientError, match=why) as problem:
        data(cloudwatch, CPU, ACU, expression("e", text))

    assert problem.value.response["Error"]["Code"] == "ValidationError"

"""EventBridge Scheduler of the simulated AWS, as boto3 sees it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autoscaler.awsapi.moods import Moods
from autoscaler.awsapi.schedules import TARGET
from tests.awsapi.servers import Simulated, simulated_aws

ROLE = "arn:aws:iam::123456789012:role/any"
SCALING = {"MinCapacity": 2, "MaxCapacity": 8}


def schedule(at: str, **others: Any) -> dict[str, Any]:
    content = json.dumps({"DbClusterIdentifier": "shop", "ServerlessV2ScalingConfiguration": SCALING})
    return {
        "Name": "back",
        "ScheduleExpression": at,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": TARGET, "RoleArn": ROLE, "Input": content},
        **others,
    }


def held(aws: Simulated) -> Any:
    [cluster] = aws.client("rds").describe_db_clusters()["DBClusters"]
    return cluster["ServerlessV2ScalingConfiguration"]


def test_a_schedule_changes_a_cluster_once_and_is_gone() -> None:
    with simulated_aws() as aws:
        scheduler = aws.client("scheduler")
        aws.client("rds").create_db_cluster(
            DBClusterIdentifier="shop",
            Engine="aurora-postgresql",
            ServerlessV2ScalingConfiguration=SCALING | {"MinCapacity": 4},
        )
        aws.clock.move(60)
        scheduler.create_schedule(**schedule(f"at({aws.clock.at:%Y-%m-%dT%H}:30:00)"))
        scheduler.update_schedule(**schedule(f"at({aws.clock.at:%Y-%m-%dT%H}:40:00)"))
        told = scheduler.get_schedule(Name="back")
        aws.clock.move(1800)
        before = held(aws)
        aws.clock.move(1800)
        after = held(aws)
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            scheduler.get_schedule(Name="back")

    assert told["Target"]["RoleArn"] == ROLE
    assert (before["MinCapacity"], after["MinCapacity"]) == (4, 2)


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"ScheduleExpression": "rate(5 minutes)"}, "rate\\(5 minutes\\) is not simulated"),
        ({"Target": {"Arn": "arn:aws:lambda:x", "RoleArn": ROLE}}, "arn:aws:lambda:x is not simulated"),
        ({"Target": {"Arn": TARGET, "RoleArn": ROLE, "Input": "[]"}}, "no JSON object with a DbClusterIdentifier"),
    ],
)
def test_what_is_not_simulated_is_refused(others: dict[str, Any], why: str) -> None:
    with simulated_aws() as aws, pytest.raises(ClientError, match=why):
        aws.client("scheduler").create_schedule(**schedule("at(2026-03-02T09:00:00)", **others))


def test_there_is_one_of_a_name_and_calls_may_be_denied() -> None:
    with simulated_aws(Moods(denied=("scheduler:DeleteSchedule",))) as aws:
        scheduler = aws.client("scheduler")
        scheduler.create_schedule(**schedule("at(2026-03-02T09:00:00)"))
        with pytest.raises(ClientError, match="ConflictException"):
            scheduler.create_schedule(**schedule("at(2026-03-02T09:00:00)"))
        with pytest.raises(ClientError, match="AccessDenied"):
            scheduler.delete_schedule(Name="back")

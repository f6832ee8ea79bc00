"""Ranges that are taken and refused, as boto3 sees them."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.awsapi.servers import Simulated, simulated_aws
from tests.awsapi.shops import FIXED, create, resize, the_cluster

PAUSING = {"MinCapacity": 0.0, "MaxCapacity": 8.0, "SecondsUntilAutoPause": 600}


@pytest.fixture
def aws() -> Iterator[Simulated]:
    with simulated_aws() as running:
        yield running


@pytest.fixture
def rds(aws: Simulated) -> Any:
    return aws.client("rds")


WRONG_RANGES: dict[str, tuple[dict[str, float], str]] = {
    "maximum below 1": ({"MinCapacity": 0.5, "MaxCapacity": 0.5}, "The maximum capacity must be at least 1.0."),
    "off the grain": ({"MinCapacity": 1.3, "MaxCapacity": 4}, "increments of 0.5"),
    "too large": ({"MinCapacity": 1, "MaxCapacity": 300}, "at most 256.0"),
    "minimum above maximum": ({"MinCapacity": 8, "MaxCapacity": 4}, "minimum capacity 8.0 isn't valid"),
    "no number": ({"MinCapacity": float("nan"), "MaxCapacity": 4}, "minimum capacity nan isn't valid"),
    "a pause above 0": (
        {"MinCapacity": 1, "MaxCapacity": 4, "SecondsUntilAutoPause": 300},
        "SecondsUntilAutoPause can only be specified when minimum capacity is 0.",
    ),
    "a pause too short": ({"MinCapacity": 0, "MaxCapacity": 4, "SecondsUntilAutoPause": 299}, "between 300 and 86400"),
}


@pytest.mark.parametrize(("scaling", "why"), WRONG_RANGES.values(), ids=WRONG_RANGES)
def test_a_wrong_range_is_refused_and_changes_nothing(
    aws: Simulated,
    rds: Any,
    scaling: dict[str, float],
    why: str,
) -> None:
    create(aws, FIXED)

    with pytest.raises(ClientError, match=why) as problem:
        resize(aws, **scaling)

    assert problem.value.response["Error"]["Code"] == "InvalidParameterValue"
    assert the_cluster(aws)["ServerlessV2ScalingConfiguration"] == FIXED


def test_the_first_range_needs_both_bounds(rds: Any) -> None:
    with pytest.raises(ClientError, match="Both MinCapacity and MaxCapacity must be specified"):
        rds.create_db_cluster(
            DBClusterIdentifier="shop",
            Engine="aurora-postgresql",
            ServerlessV2ScalingConfiguration={"MaxCapacity": 4.0},
        )


def test_a_partial_change_keeps_the_other_bound(aws: Simulated, rds: Any) -> None:
    create(aws, PAUSING)
    resize(aws, MaxCapacity=4.0)

    assert the_cluster(aws)["ServerlessV2ScalingConfiguration"] == {**PAUSING, "MaxCapacity": 4.0}

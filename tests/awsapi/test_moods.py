"""The faults that can be switched on, as boto3 sees them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from math import isnan
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from autoscaler.awsapi.moods import WRONG, Moods
from autoscaler.errors import InvalidInput
from tests.awsapi.servers import Simulated, simulated_aws
from tests.awsapi.shops import FIXED, capacity, create, resize, the_cluster


@pytest.fixture
def aws() -> Iterator[Simulated]:
    with simulated_aws() as running:
        create(running, FIXED)
        yield running


def feel(aws: Simulated, **moods: Any) -> None:
    aws.world.gate.moods = Moods(**moods)


def test_lists_lack_what_is_there(aws: Simulated) -> None:
    feel(aws, left_out_fraction=1.0)
    rds = aws.client("rds")

    assert (rds.describe_db_clusters()["DBClusters"], rds.describe_db_instances()["DBInstances"]) == ([], [])
    assert the_cluster(aws)["DBClusterIdentifier"] == "shop"


def test_answers_end_in_the_middle(aws: Simulated) -> None:
    feel(aws, torn_fraction=1.0)

    with pytest.raises(ResponseParserError):
        the_cluster(aws)


def test_a_cluster_is_busy_for_minutes_and_takes_no_change(aws: Simulated) -> None:
    feel(aws, busy_fraction=0.5, seed=4)
    told = []
    for _ in range(60):
        aws.clock.move(60)
        told.append(the_cluster(aws)["Status"])
    while the_cluster(aws)["Status"] == "available":
        aws.clock.move(60)
    with pytest.raises(ClientError, match="it is backing-up") as problem:
        resize(aws, MinCapacity=4.0, MaxCapacity=16.0)

    assert problem.value.response["Error"]["Code"] == "InvalidDBClusterStateFault"
    assert 20 <= told.count("backing-up") <= 40
    assert set(told) == {"available", "backing-up"}


@pytest.mark.parametrize(("way", "told"), [("negative", -3.0), ("huge", 1e12), ("zero", 0.0), ("halved", 1.0)])
def test_numbers_are_wrong_in_the_ways_that_are_named(aws: Simulated, way: str, told: float) -> None:
    feel(aws, wrong_fraction=1.0, wrong=(way,))
    aws.clock.move(600)

    assert set(capacity(aws, DBInstanceIdentifier="shop-1")) == {told}


def test_some_numbers_are_no_numbers_and_the_same_ones_each_time(aws: Simulated) -> None:
    feel(aws, wrong_fraction=0.3, wrong=("not-a-number",))
    aws.clock.move(3600)
    first, again = (capacity(aws, minutes=60, DBInstanceIdentifier="shop-1") for _ in range(2))

    assert [isnan(one) for one in first] == [isnan(one) for one in again]
    assert 8 <= sum(map(isnan, first)) <= 30
    assert {one for one in first if not isnan(one)} == {2.0}


def test_a_clock_that_is_ahead_shifts_minutes_and_the_date(aws: Simulated) -> None:
    aws.clock.move(1200)
    until = aws.clock.now() - timedelta(minutes=6)
    seen = capacity(aws, until=until, DBInstanceIdentifier="shop-1")
    before = the_date(aws)
    feel(aws, skew_seconds=240.0)

    assert len(seen) == 15
    assert len(capacity(aws, until=until + timedelta(minutes=4), DBInstanceIdentifier="shop-1")) == 15
    assert 200 <= the_date(aws) - before <= 400


def test_a_clock_that_is_ahead_shifts_events(aws: Simulated) -> None:
    def moments() -> list[float]:
        events = aws.client("rds").describe_events(Duration=60)["Events"]
        return [one["Date"].timestamp() for one in events]

    before = moments()
    feel(aws, skew_seconds=240.0)

    assert moments() == [at + 240.0 for at in before]
    assert len(before) == 2


@pytest.mark.parametrize(("seconds", "why"), [(400.0, "Signature expired"), (-400.0, "Signature not yet current")])
def test_a_clock_that_is_too_far_off_is_refused(aws: Simulated, seconds: float, why: str) -> None:
    feel(aws, skew_seconds=seconds)

    with pytest.raises(ClientError, match=why) as problem:
        the_cluster(aws)

    assert problem.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "wrong",
    [{"torn_fraction": 2.0}, {"wrong": ("odd",)}, {"wrong": ()}, {"skew_seconds": float("nan")}, {"busy_fraction": -1}],
    ids=str,
)
def test_a_mood_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong)).partition("_")[0]):
        replace(Moods(), **wrong)


def test_every_way_to_be_wrong_is_wrong() -> None:
    told = {way: tell(np.array([2.0]))[0] for way, tell in WRONG.items()}

    assert isnan(told.pop("not-a-number"))
    assert told == {"negative": -3.0, "huge": 1e12, "zero": 0.0, "halved": 1.0, "doubled": 4.0}


def the_date(aws: Simulated) -> float:
    """What the Date header says, in seconds since 1970."""
    from email.utils import parsedate_to_datetime

    headers = aws.client("rds").describe_db_clusters()["ResponseMetadata"]["HTTPHeaders"]
    return parsedate_to_datetime(headers["date"]).timestamp()

"""The endpoint as boto3 sees it."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from autoscaler.awsapi.moods import Moods
from autoscaler.cli.endpoint import EndpointDocument
from autoscaler.errors import InvalidInput
from tests.awsapi.servers import Simulated, simulated_aws
from tests.awsapi.shops import FIXED, capacity, create, resize, the_cluster

PAUSING = {"MinCapacity": 0.0, "MaxCapacity": 8.0, "SecondsUntilAutoPause": 600}


@pytest.fixture
def aws() -> Iterator[Simulated]:
    with simulated_aws() as running:
        yield running


@pytest.fixture
def rds(aws: Simulated) -> Any:
    return aws.client("rds")


def post(aws: Simulated, path: str, body: object = None, method: str = "POST") -> int:
    request = Request(aws.url + path, data=json.dumps(body).encode(), method=method)  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310
        return int(answer.status)


def messages(rds: Any) -> list[str]:
    return [one["Message"] for one in rds.describe_events(SourceType="db-instance", Duration=1440)["Events"]]


def test_a_cluster_is_created_then_available(aws: Simulated, rds: Any) -> None:
    made = rds.create_db_cluster(
        DBClusterIdentifier="Shop",
        Engine="aurora-postgresql",
        ServerlessV2ScalingConfiguration=FIXED,
        Tags=[{"Key": "env", "Value": "prod"}],
    )["DBCluster"]
    aws.clock.move(60)
    found = the_cluster(aws)

    assert (made["Status"], found["Status"]) == ("creating", "available")
    assert found["ServerlessV2ScalingConfiguration"] == FIXED
    assert found["TagList"] == [{"Key": "env", "Value": "prod"}]
    assert found["DbClusterResourceId"].startswith("cluster-")


def test_a_cluster_of_the_same_name_is_another_one(aws: Simulated, rds: Any) -> None:
    create(aws, FIXED, instances=0)
    first = the_cluster(aws)["DbClusterResourceId"]
    rds.delete_db_cluster(DBClusterIdentifier="shop", SkipFinalSnapshot=True)
    create(aws, FIXED, instances=0)

    assert the_cluster(aws)["DbClusterResourceId"] != first


def test_unknown_names_are_told_apart(rds: Any) -> None:
    with pytest.raises(rds.exceptions.DBClusterNotFoundFault, match="DBCluster x not found"):
        rds.describe_db_clusters(DBClusterIdentifier="x")
    with pytest.raises(rds.exceptions.DBInstanceNotFoundFault, match="DBInstance x not found"):
        rds.describe_db_instances(DBInstanceIdentifier="x")


def test_capacity_follows_the_load_and_metrics_come_late(aws: Simulated, rds: Any) -> None:
    create(aws, FIXED)
    the_cluster(aws)  # it has lived up to now
    aws.load_acu[0] = 6.0
    aws.clock.move(600)

    by_instance = capacity(aws, DBInstanceIdentifier="shop-1")

    assert by_instance[0] == 2.0
    assert by_instance[-1] == 8.0
    assert len(by_instance) in (8, 9)  # of eleven minutes the last one or two are not published yet
    assert capacity(aws, DBClusterIdentifier="shop") == by_instance
    assert capacity(aws, DBInstanceIdentifier="other") == []


def test_a_raised_floor_holds_and_a_second_change_finds_it_busy(aws: Simulated, rds: Any) -> None:
    create(aws, FIXED)
    resize(aws, MinCapacity=6.0, MaxCapacity=16.0)

    with pytest.raises(rds.exceptions.InvalidDBClusterStateFault):
        resize(aws, MinCapacity=7.0, MaxCapacity=16.0)
    aws.clock.move(300)

    assert capacity(aws, DBInstanceIdentifier="shop-1")[-1] == 6.0
    assert resize(aws, MinCapacity=7.0, MaxCapacity=16.0)["DBCluster"]["Status"] == "available"


@pytest.mark.parametrize("wake", ["a connection", "a changed range", "a look at the logs"])
def test_an_idle_cluster_pauses_and_wakes(aws: Simulated, rds: Any, wake: str) -> None:
    create(aws, PAUSING)
    aws.clock.move(1200)
    assert capacity(aws, DBInstanceIdentifier="shop-1")[-1] == 0.0
    assert the_cluster(aws)["Status"] == "available"

    match wake:
        case "a connection":
            post(aws, "/_simulator/clusters/shop/connect")
        case "a changed range":
            resize(aws, MinCapacity=0.0, MaxCapacity=4.0)
        case _:
            rds.describe_db_log_files(DBInstanceIdentifier="shop-1")
    aws.clock.move(300)

    assert capacity(aws, DBInstanceIdentifier="shop-1")[-1] > 0.0
    assert messages(rds) == [
        "DB instance created",
        "Initiated pause for the DB instance.",
        "Successfully paused the DB instance.",
        "Initiated resume for the DB instance.",
        "Successfully resumed the DB instance.",
    ]


def test_the_newest_reader_takes_over(aws: Simulated, rds: Any) -> None:
    create(aws, FIXED, instances=2)
    rds.failover_db_cluster(DBClusterIdentifier="shop", TargetDBInstanceIdentifier="shop-2")

    assert the_cluster(aws)["Status"] == "failing-over"
    aws.clock.move(120)
    members = {one["DBInstanceIdentifier"]: one["IsClusterWriter"] for one in the_cluster(aws)["DBClusterMembers"]}
    assert members == {"shop-1": False, "shop-2": True}


def test_a_stopped_cluster_takes_no_range_until_it_is_started(aws: Simulated, rds: Any) -> None:
    create(aws, FIXED)
    rds.stop_db_cluster(DBClusterIdentifier="shop")
    aws.clock.move(60)

    with pytest.raises(ClientError, match="it is stopped"):
        resize(aws, MinCapacity=4.0, MaxCapacity=16.0)
    rds.start_db_cluster(DBClusterIdentifier="shop")
    aws.clock.move(60)
    assert resize(aws, MinCapacity=4.0, MaxCapacity=16.0)["DBCluster"]["Status"] == "available"


def test_a_changed_maximum_waits_for_a_reboot(aws: Simulated, rds: Any) -> None:
    def parameters() -> str:
        return str(the_cluster(aws)["DBClusterMembers"][0]["DBClusterParameterGroupStatus"])

    create(aws, FIXED)
    resize(aws, MinCapacity=2.0, MaxCapacity=32.0)
    waiting = parameters()
    rds.reboot_db_instance(DBInstanceIdentifier="shop-1")

    assert (waiting, parameters()) == ("pending-reboot", "in-sync")


def test_tags_of_a_cluster_come_and_go(aws: Simulated, rds: Any) -> None:
    create(aws, FIXED, instances=0)
    arn = the_cluster(aws)["DBClusterArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])

    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "b", "Value": "2"}]


def test_lists_come_in_pages(aws: Simulated, rds: Any) -> None:
    for number in range(25):
        rds.create_db_cluster(DBClusterIdentifier=f"c{number:02}", Engine="aurora-mysql")

    pages = list(rds.get_paginator("describe_db_clusters").paginate(PaginationConfig={"PageSize": 20}))

    assert [len(one["DBClusters"]) for one in pages] == [20, 5]


def test_engine_versions_tell_which_can_pause(rds: Any) -> None:
    found = rds.describe_db_engine_versions(Engine="aurora-mysql")["DBEngineVersions"]

    assert [one["ServerlessV2FeaturesSupport"]["MinCapacity"] for one in found] == [0.5, 0.0]


def test_who_calls_too_often_is_throttled() -> None:
    with simulated_aws(Moods(burst=1)) as aws:
        rds = aws.client("rds")
        rds.describe_db_clusters()
        with pytest.raises(ClientError) as problem:
            rds.describe_db_clusters()

    assert problem.value.response["Error"]["Code"] == "Throttling"


def test_faults_can_be_switched_on(aws: Simulated, rds: Any) -> None:
    assert post(aws, "/_simulator/moods", {"denied": ["rds:ModifyDBCluster"]}, "PUT") == 204

    with pytest.raises(ClientError, match="is not authorized to perform: rds:ModifyDBCluster"):
        resize(aws, MinCapacity=1.0, MaxCapacity=2.0)
    with pytest.raises(HTTPError) as problem:
        post(aws, "/_simulator/moods", {"failing": 1}, "PUT")
    problem.value.close()


def test_missing_minutes_stay_missing() -> None:
    with simulated_aws(Moods(missing_fraction=1.0)) as aws:
        create(aws, FIXED)
        aws.clock.move(1200)

        assert capacity(aws, DBInstanceIdentifier="shop-1") == []


def test_roles_can_be_taken(aws: Simulated) -> None:
    sts = aws.client("sts")
    taken = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/sizer", RoleSessionName="me", ExternalId="ours")

    assert sts.get_caller_identity()["Account"] == "123456789012"
    assert taken["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/sizer/me"


def test_an_action_that_is_not_simulated_says_so(rds: Any) -> None:
    with pytest.raises(ClientError, match="The action DescribeDBSnapshots of rds is not simulated"):
        rds.describe_db_snapshots()


def test_a_mood_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidInput, match="missing_fraction"):
        EndpointDocument(moods={"missing_fraction": 2}).build_moods()

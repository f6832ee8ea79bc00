"""What is built around a cluster keeps it from pausing, and waits for its start; as boto3 sees it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.awsapi.servers import Simulated, simulated_aws
from tests.awsapi.shops import add_instance, capacity, create, the_cluster

PAUSING = {"MinCapacity": 0.0, "MaxCapacity": 8.0, "SecondsUntilAutoPause": 300}
SHOP_ARN = "arn:aws:rds:us-east-1:123456789012:cluster:shop"
Build = Callable[[Any], None]


@pytest.fixture
def aws() -> Iterator[Simulated]:
    with simulated_aws() as running:
        create(running, PAUSING)
        yield running


@pytest.fixture
def rds(aws: Simulated) -> Any:
    return aws.client("rds")


def build_proxy(rds: Any) -> None:
    rds.create_db_proxy(DBProxyName="door", EngineFamily="POSTGRESQL", RoleArn="r" * 20, VpcSubnetIds=["a", "b"])
    rds.register_db_proxy_targets(DBProxyName="door", DBClusterIdentifiers=["shop"])


def build_integration(rds: Any) -> None:
    rds.create_integration(SourceArn=SHOP_ARN, TargetArn="arn:aws:redshift-serverless:warehouse", IntegrationName="etl")


def build_global(rds: Any) -> None:
    rds.create_global_cluster(GlobalClusterIdentifier="world", SourceDBClusterIdentifier=SHOP_ARN)


def replicate(rds: Any) -> None:
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="mine", DBParameterGroupFamily="aurora-postgresql17", Description="x"
    )
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="mine",
        Parameters=[
            {"ParameterName": "rds.logical_replication", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}
        ],
    )
    rds.modify_db_cluster(DBClusterIdentifier="shop", DBClusterParameterGroupName="mine")
    rds.reboot_db_instance(DBInstanceIdentifier="shop-1")


def stop_replication(rds: Any) -> None:
    rds.modify_db_cluster(DBClusterIdentifier="shop", DBClusterParameterGroupName="default.aurora-postgresql17")
    rds.reboot_db_instance(DBInstanceIdentifier="shop-1")


BUILT: dict[str, tuple[Build, Build]] = {
    "a proxy": (build_proxy, lambda rds: rds.delete_db_proxy(DBProxyName="door")),
    "an integration": (build_integration, lambda rds: rds.delete_integration(IntegrationIdentifier="etl")),
    "a global database": (
        build_global,
        lambda rds: rds.remove_from_global_cluster(GlobalClusterIdentifier="world", DbClusterIdentifier=SHOP_ARN),
    ),
    "replication": (
        replicate,
        stop_replication,
    ),
}


@pytest.mark.parametrize(("build", "take_away"), BUILT.values(), ids=BUILT)
def test_it_stays_awake_until_that_is_taken_away(build: Build, take_away: Build, aws: Simulated, rds: Any) -> None:
    build(rds)
    aws.clock.move(3600)
    kept = capacity(aws, DBInstanceIdentifier="shop-1")
    take_away(rds)
    aws.clock.move(3600)
    freed = capacity(aws, DBInstanceIdentifier="shop-1")

    assert kept[-1] > 0.0
    assert freed[-1] == 0.0


def test_proxies_tell_whom_they_lead_to(rds: Any) -> None:
    build_proxy(rds)

    assert [one["DBProxyName"] for one in rds.describe_db_proxies()["DBProxies"]] == ["door"]
    assert rds.describe_db_proxy_targets(DBProxyName="door")["Targets"][0]["TrackedClusterId"] == "shop"
    assert rds.describe_db_proxy_target_groups(DBProxyName="door")["TargetGroups"][0]["IsDefault"]
    rds.deregister_db_proxy_targets(DBProxyName="door", DBClusterIdentifiers=["shop"])
    assert rds.describe_db_proxy_targets(DBProxyName="door")["Targets"] == []
    with pytest.raises(rds.exceptions.DBProxyNotFoundFault, match="DB proxy x not found"):
        rds.describe_db_proxies(DBProxyName="x")
    with pytest.raises(rds.exceptions.DBProxyAlreadyExistsFault):
        build_proxy(rds)


def test_integrations_tell_their_source(rds: Any) -> None:
    build_integration(rds)

    [told] = rds.describe_integrations()["Integrations"]
    assert (told["IntegrationName"], told["SourceArn"], told["Status"]) == ("etl", SHOP_ARN, "active")
    with pytest.raises(rds.exceptions.IntegrationAlreadyExistsFault):
        build_integration(rds)
    with pytest.raises(rds.exceptions.IntegrationNotFoundFault):
        rds.delete_integration(IntegrationIdentifier="other")


def test_a_global_database_has_one_primary_and_no_secondary_pauses(aws: Simulated, rds: Any) -> None:
    build_global(rds)
    rds.create_db_cluster(
        DBClusterIdentifier="far",
        Engine="aurora-postgresql",
        ServerlessV2ScalingConfiguration=PAUSING,
        GlobalClusterIdentifier="world",
    )
    add_instance(rds, "far-1")
    aws.clock.move(3600)
    far_arn = SHOP_ARN.replace("shop", "far")
    first = members(rds)
    rds.switchover_global_cluster(GlobalClusterIdentifier="world", TargetDbClusterIdentifier=far_arn)

    assert capacity(aws, DBInstanceIdentifier="far-1")[-1] > 0.0
    assert (first, members(rds)) == ({"shop": True, "far": False}, {"far": True, "shop": False})
    assert the_cluster(aws)["GlobalClusterIdentifier"] == "world"
    with pytest.raises(rds.exceptions.InvalidGlobalClusterStateFault, match="is not empty"):
        rds.delete_global_cluster(GlobalClusterIdentifier="world")
    with pytest.raises(rds.exceptions.InvalidGlobalClusterStateFault, match="is the primary"):
        rds.remove_from_global_cluster(GlobalClusterIdentifier="world", DbClusterIdentifier=far_arn)
    with pytest.raises(rds.exceptions.InvalidDBClusterStateFault, match="already in a global cluster"):
        rds.create_global_cluster(GlobalClusterIdentifier="again", SourceDBClusterIdentifier=SHOP_ARN)
    with pytest.raises(ClientError, match="engineName should be specified"):
        rds.create_global_cluster(GlobalClusterIdentifier="empty")
    for arn in (SHOP_ARN, far_arn):
        rds.remove_from_global_cluster(GlobalClusterIdentifier="world", DbClusterIdentifier=arn)
    rds.delete_global_cluster(GlobalClusterIdentifier="world")
    assert rds.describe_global_clusters()["GlobalClusters"] == []


def members(rds: Any) -> dict[str, bool]:
    [found] = rds.describe_global_clusters(GlobalClusterIdentifier="world")["GlobalClusters"]
    return {one["DBClusterArn"].rpartition(":")[2]: one["IsWriter"] for one in found["GlobalClusterMembers"]}


@pytest.mark.parametrize("restart", ["a reboot", "a pause and a resume"])
def test_static_parameters_wait_for_a_start(restart: str, aws: Simulated, rds: Any) -> None:
    group_of(rds)
    rds.modify_db_cluster(DBClusterIdentifier="shop", DBClusterParameterGroupName="mine")
    before = status(aws)
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="mine",
        Parameters=[{"ParameterName": "max_connections", "ParameterValue": "77", "ApplyMethod": "pending-reboot"}],
    )
    waiting = status(aws)
    if restart == "a reboot":
        rds.reboot_db_instance(DBInstanceIdentifier="shop-1")
    else:
        aws.clock.move(3600)
        rds.describe_db_log_files(DBInstanceIdentifier="shop-1")
        aws.clock.move(120)

    assert (before, waiting, status(aws)) == ("in-sync", "pending-reboot", "in-sync")
    [told] = rds.describe_db_cluster_parameters(DBClusterParameterGroupName="mine", Source="user")["Parameters"]
    assert (told["ParameterName"], told["ParameterValue"], told["ApplyType"]) == ("max_connections", "77", "static")
    assert len(rds.describe_db_cluster_parameters(DBClusterParameterGroupName="mine")["Parameters"]) == 10


def group_of(rds: Any) -> None:
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="mine", DBParameterGroupFamily="aurora-postgresql17", Description="x"
    )


def status(aws: Simulated) -> str:
    return str(the_cluster(aws)["DBClusterMembers"][0]["DBClusterParameterGroupStatus"])


def test_a_parameter_group_of_an_instance(rds: Any) -> None:
    rds.create_db_parameter_group(
        DBParameterGroupName="own", DBParameterGroupFamily="aurora-postgresql17", Description="x"
    )
    rds.modify_db_instance(DBInstanceIdentifier="shop-1", DBParameterGroupName="own")
    rds.modify_db_parameter_group(
        DBParameterGroupName="own",
        Parameters=[{"ParameterName": "track_activity_query_size", "ParameterValue": "9000"}],
    )

    [told] = rds.describe_db_instances()["DBInstances"][0]["DBParameterGroups"]
    assert told == {"DBParameterGroupName": "own", "ParameterApplyStatus": "pending-reboot"}
    with pytest.raises(rds.exceptions.InvalidDBParameterGroupStateFault, match="cannot be deleted: shop-1"):
        rds.delete_db_parameter_group(DBParameterGroupName="own")


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("mine", {"ParameterName": "no_such"}, "Could not find parameter with name: no_such"),
        (
            "mine",
            {"ParameterName": "max_connections", "ApplyMethod": "immediate"},
            "cannot use immediate apply method for static parameter",
        ),
        ("default.aurora-postgresql17", {"ParameterName": "work_mem"}, "is a default one"),
        ("other", {"ParameterName": "work_mem"}, "DBClusterParameterGroup not found: other"),
    ],
)
def test_a_wrong_change_of_parameters_is_refused(name: str, change: dict[str, str], why: str, rds: Any) -> None:
    group_of(rds)
    with pytest.raises(ClientError, match=why):
        rds.modify_db_cluster_parameter_group(
            DBClusterParameterGroupName=name, Parameters=[{"ParameterValue": "1", **change}]
        )

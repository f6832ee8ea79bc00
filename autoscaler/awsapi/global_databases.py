"""RDS actions on global databases: in one neither the primary's writer nor any instance of a secondary pauses [D]."""

from collections.abc import Mapping
from typing import Any

from autoscaler.awsapi.around import GlobalDatabase
from autoscaler.awsapi.engines import latest, refuse_unknown
from autoscaler.awsapi.faults import invalid_combination, modelled
from autoscaler.awsapi.listing import page
from autoscaler.awsapi.world import Cluster, World

Parameters = Mapping[str, Any]


def create(world: World, given: Parameters) -> dict[str, Any]:
    """CreateGlobalCluster, around a cluster or empty."""
    name = given["GlobalClusterIdentifier"].lower()
    if name in world.around.global_databases:
        raise modelled("GlobalClusterAlreadyExistsFault", f"Global cluster {name} already exists.")
    source = given.get("SourceDBClusterIdentifier")
    first = None if source is None else world.cluster(_name(source))
    if first is None and "Engine" not in given:
        raise invalid_combination("When creating standalone global cluster, value for engineName should be specified.")
    if first is not None:
        _refuse_member(world, first)
    engine = given["Engine"] if first is None else first.engine
    refuse_unknown(engine, given.get("EngineVersion"))
    found = GlobalDatabase(
        name=name,
        engine=engine,
        version=given.get("EngineVersion") or (latest(engine) if first is None else first.version),
        resource_id=world.new_resource_id("cluster", name),
        protected=given.get("DeletionProtection", False),
        members=[] if first is None else [first.name],
    )
    world.around.global_databases[name] = found
    world.review(*found.members)
    return {"GlobalCluster": describe_one(world, found)}


def join(world: World, name: str, cluster: Cluster) -> None:
    """A new cluster is a member: the first one writes, the others are secondaries."""
    found = _found(world, name)
    if found.engine != cluster.engine:
        raise invalid_combination(f"The engine of {cluster.name} is not that of global cluster {found.name}.")
    found.members.append(cluster.name)
    world.review(cluster.name)


def describe(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeGlobalClusters."""
    asked = given.get("GlobalClusterIdentifier")
    found = list(world.around.global_databases.values()) if asked is None else [_found(world, asked)]
    return page("GlobalClusters", [describe_one(world, one) for one in found], given)


def delete(world: World, given: Parameters) -> dict[str, Any]:
    """DeleteGlobalCluster; it has to be empty."""
    found = _found(world, given["GlobalClusterIdentifier"])
    if found.members:
        raise modelled("InvalidGlobalClusterStateFault", f"Global Cluster {found.name} is not empty.")
    if found.protected:
        raise invalid_combination("Cannot delete protected Global Cluster, please disable deletion protection.")
    del world.around.global_databases[found.name]
    return {"GlobalCluster": {**describe_one(world, found), "Status": "deleting"}}


def remove(world: World, given: Parameters) -> dict[str, Any]:
    """RemoveFromGlobalCluster; the primary is the last one to go."""
    found, cluster = _member(world, given["GlobalClusterIdentifier"], given["DbClusterIdentifier"])
    if found.members[0] == cluster and len(found.members) > 1:
        raise modelled(
            "InvalidGlobalClusterStateFault",
            f"Cluster {cluster} is the primary of {found.name}, which has secondaries.",
        )
    found.members.remove(cluster)
    world.review(cluster)
    return {"GlobalCluster": describe_one(world, found)}


def switch_over(world: World, given: Parameters) -> dict[str, Any]:
    """SwitchoverGlobalCluster: a secondary becomes the primary."""
    found, cluster = _member(world, given["GlobalClusterIdentifier"], given["TargetDbClusterIdentifier"])
    found.members.remove(cluster)
    found.members.insert(0, cluster)
    world.review(*found.members)
    return {"GlobalCluster": describe_one(world, found)}


def describe_one(world: World, found: GlobalDatabase) -> dict[str, Any]:
    """A GlobalCluster."""
    arns = [world.arn("cluster", name) for name in found.members]
    return {
        "GlobalClusterIdentifier": found.name,
        "GlobalClusterResourceId": found.resource_id,
        "GlobalClusterArn": world.arn("global-cluster", found.name),
        "Status": "available",
        "Engine": found.engine,
        "EngineVersion": found.version,
        "DeletionProtection": found.protected,
        "GlobalClusterMembers": [
            {"DBClusterArn": arn, "IsWriter": place == 0, "Readers": arns[1:] if place == 0 else []}
            for place, arn in enumerate(arns)
        ],
    }


def _found(world: World, name: str) -> GlobalDatabase:
    found = world.around.global_databases.get(name.lower())
    if found is None:
        raise modelled("GlobalClusterNotFoundFault", f"Global cluster {name} not found.")
    return found


def _member(world: World, name: str, arn: str) -> tuple[GlobalDatabase, str]:
    found, cluster = _found(world, name), world.cluster(_name(arn)).name
    if cluster not in found.members:
        raise modelled("DBClusterNotFoundFault", f"Cluster {cluster} is not in global cluster {found.name}.")
    return found, cluster


def _refuse_member(world: World, cluster: Cluster) -> None:
    if world.around.global_database_of(cluster.name) is not None:
        raise modelled("InvalidDBClusterStateFault", f"Cluster {cluster.name} is already in a global cluster.")


def _name(arn: str) -> str:
    return arn.rpartition(":cluster:")[2]

"""RDS actions on clusters."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from autoscaler.awsapi import global_databases
from autoscaler.awsapi.engines import default_group, latest, refuse_unknown
from autoscaler.awsapi.faults import Fault, invalid_combination, invalid_value, wrong_state
from autoscaler.awsapi.listing import page, tag_list, tags_of, wanted
from autoscaler.awsapi.parameters import OF_CLUSTERS
from autoscaler.awsapi.ranges import changed_range, first_range, view
from autoscaler.awsapi.world import Cluster, Instance, Load, State, World, no_load
from autoscaler.core.capacity import Range
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.simulator.profiles import AURORA_V2
from autoscaler.simulator.spec import ClusterSpec

Parameters = Mapping[str, Any]
NAME = re.compile(r"[a-z](-?[a-z0-9]){0,62}")
CREATING, STOPPING, STARTING = timedelta(seconds=20), timedelta(seconds=30), timedelta(seconds=60)
FILTERS = ("db-cluster-id", "db-cluster-resource-id", "engine")
WHOLE_RANGE = Range(floor_acu=0.5, ceiling_acu=256.0)


def create(world: World, given: Parameters, *, load: Load = no_load) -> dict[str, Any]:
    """CreateDBCluster."""
    name = good_name(given["DBClusterIdentifier"], "DBClusterIdentifier")
    if name in world.clusters:
        raise Fault("DBClusterAlreadyExistsFault", f"DB Cluster already exists: {name}")
    if given.get("EngineMode", "provisioned") != "provisioned":
        raise invalid_combination(f"The engine mode {given['EngineMode']} you requested is currently unavailable.")
    refuse_unknown(given["Engine"], given.get("EngineVersion"))
    scaling = given.get("ServerlessV2ScalingConfiguration")
    now = world.now()
    cluster = Cluster(
        name=name,
        resource_id=world.new_resource_id("cluster", name),
        engine=given["Engine"],
        version=given.get("EngineVersion") or latest(given["Engine"]),
        spec=ClusterSpec(cluster_id=name, profile=AURORA_V2, range=WHOLE_RANGE),
        scaling=None if scaling is None else first_range(scaling),
        created_at=now,
        load=load,
        tags=tags_of(given.get("Tags", ())),
        protected=given.get("DeletionProtection", False),
        state=State(passing="creating", until=now + CREATING),
        group=_group(world, given, engine=given["Engine"]),
    )
    if "GlobalClusterIdentifier" in given:
        global_databases.join(world, given["GlobalClusterIdentifier"], cluster)
    world.clusters[name] = cluster
    world.tell(name, "db-cluster", "DB cluster created", "creation")
    return {"DBCluster": describe_one(world, cluster)}


def modify(world: World, given: Parameters) -> dict[str, Any]:
    """ModifyDBCluster: the range, the protection, the parameter group; nothing else is simulated."""
    cluster = available(world, given["DBClusterIdentifier"])
    if (scaling := given.get("ServerlessV2ScalingConfiguration")) is not None:
        held = cluster.held
        _change(cluster, first_range(scaling) if held is None else changed_range(scaling, held))
    cluster.protected = given.get("DeletionProtection", cluster.protected)
    if "DBClusterParameterGroupName" in given:
        cluster.group = _group(world, given, engine=cluster.engine)
        if cluster.simulated is not None:
            cluster.simulated.rouse()
    return {"DBCluster": describe_one(world, cluster)}


def _group(world: World, given: Parameters, *, engine: str) -> str | None:
    name = given.get("DBClusterParameterGroupName")
    return None if name is None else OF_CLUSTERS.check(world, name, engine)


def _change(cluster: Cluster, wanted_range: Range) -> None:
    if cluster.simulated is not None:
        try:
            cluster.simulated.apply(wanted_range)
        except ClusterBusy:
            raise wrong_state(cluster.name, "modifying") from None
        except ClusterError as problem:
            raise invalid_value(str(problem)) from None
    cluster.scaling = wanted_range


def describe(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBClusters."""
    filters = wanted(given, FILTERS)
    found = [one for _, one in sorted(world.clusters.items()) if not world.gate.leaves_out()]
    if name := given.get("DBClusterIdentifier"):
        found = [world.cluster(name.rpartition(":cluster:")[2])]
    for key, values in filters.items():
        found = [one for one in found if _filtered(world, one, key, values)]
    return page("DBClusters", [describe_one(world, one) for one in found], given)


def _filtered(world: World, one: Cluster, key: str, values: tuple[str, ...]) -> bool:
    told = {"db-cluster-resource-id": (one.resource_id,), "engine": (one.engine,)}
    return not set(values).isdisjoint(told.get(key, (one.name, world.arn("cluster", one.name))))


def delete(world: World, given: Parameters) -> dict[str, Any]:
    """DeleteDBCluster, at once; its instances have to be gone."""
    cluster = world.cluster(given["DBClusterIdentifier"])
    if cluster.protected:
        raise invalid_combination("Cannot delete protected Cluster, please disable deletion protection and try again.")
    if cluster.members:
        raise Fault("InvalidDBClusterStateFault", "Cluster cannot be deleted, it still contains DB instances.")
    if world.around.global_database_of(cluster.name) is not None:
        raise Fault(
            "InvalidDBClusterStateFault",
            "This cluster is a part of a global cluster, please remove it from globalcluster first",
        )
    if not given.get("SkipFinalSnapshot", False) and not given.get("FinalDBSnapshotIdentifier"):
        raise invalid_combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    del world.clusters[cluster.name]
    world.tell(cluster.name, "db-cluster", "DB cluster deleted", "deletion")
    return {"DBCluster": {**describe_one(world, cluster), "Status": "deleting"}}


def fail_over(world: World, given: Parameters) -> dict[str, Any]:
    """FailoverDBCluster, to a named reader or the one of the lowest tier."""
    cluster, target = available(world, given["DBClusterIdentifier"]), given.get("TargetDBInstanceIdentifier")
    readers = [one for one in cluster.members if one is not cluster.writer]
    if not readers:
        message = f"Cluster {cluster.name} has no reader that could become the writer."
        raise Fault("InvalidDBClusterStateFault", message)
    if target is not None and target not in {one.name for one in readers}:
        raise invalid_value(f"{target} is no reader of cluster {cluster.name}")
    heir = _fail_over(world, cluster, readers, target)
    world.tell(cluster.name, "db-cluster", f"Started cross AZ failover to DB instance: {heir}", "failover")
    world.tell(cluster.name, "db-cluster", f"Completed failover to DB instance: {heir}", "failover")
    return {"DBCluster": describe_one(world, cluster)}


def _fail_over(world: World, cluster: Cluster, readers: Sequence[Instance], target: str | None) -> str:
    """Returns who writes from now on."""
    heir = min(readers, key=lambda one: (one.name != target, one.tier))
    simulated = cluster.simulated
    if simulated is not None and cluster.led_by is None and heir.name not in cluster.parts:
        names = {one.name: member for member, one in cluster.places.items()}
        simulated.fail_over(to=None if target is None else names[heir.name])
        return cluster.places[simulated.writer.name].name
    cluster.led_by = heir if heir.name in cluster.parts else None
    cluster.members.sort(key=lambda one: one is not heir)
    world.settle(cluster)
    return heir.name


def stop(world: World, given: Parameters) -> dict[str, Any]:
    """StopDBCluster."""
    cluster = available(world, given["DBClusterIdentifier"])
    cluster.scaling = cluster.held
    cluster.state.begin("stopping", until=world.now() + STOPPING, then="stopped")
    world.settle(cluster)
    world.tell(cluster.name, "db-cluster", "DB cluster stopped", "notification")
    return {"DBCluster": describe_one(world, cluster)}


def start(world: World, given: Parameters) -> dict[str, Any]:
    """StartDBCluster; paused instances are awake afterwards [D]."""
    cluster = world.cluster(given["DBClusterIdentifier"])
    status = world.status(cluster)
    if status != "stopped":
        raise wrong_state(cluster.name, status)
    cluster.state.begin("starting", until=world.now() + STARTING)
    world.settle(cluster)
    world.tell(cluster.name, "db-cluster", "DB cluster started", "notification")
    return {"DBCluster": describe_one(world, cluster)}


def available(world: World, name: str) -> Cluster:
    """A cluster that takes orders.

    Raises:
        Fault: there is none, or it is busy.
    """
    cluster = world.cluster(name)
    status = world.status(cluster)
    if status != "available":
        raise wrong_state(cluster.name, status)
    return cluster


def good_name(name: str, parameter: str) -> str:
    """A name as it is kept.

    Raises:
        Fault: it cannot be one.
    """
    if not NAME.fullmatch(name.lower()):
        raise invalid_value(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain"
            " only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive"
            " hyphens."
        )
    return name.lower()


def describe_one(world: World, cluster: Cluster) -> dict[str, Any]:
    """A DBCluster."""
    held, writer = cluster.held, cluster.writer
    resized = cluster.simulated is not None and cluster.simulated.needs_reboot
    found = world.around.global_database_of(cluster.name)
    reads_only = found is not None and found.members[0] != cluster.name
    host = f"{world.region}.rds.amazonaws.com"
    return {
        "DBClusterIdentifier": cluster.name,
        "DbClusterResourceId": cluster.resource_id,
        "DBClusterArn": world.arn("cluster", cluster.name),
        "Status": world.status(cluster),
        "Engine": cluster.engine,
        "EngineVersion": cluster.version,
        "EngineMode": "provisioned",
        "Endpoint": f"{cluster.name}.cluster-simulated.{host}",
        "ReaderEndpoint": f"{cluster.name}.cluster-ro-simulated.{host}",
        "Port": 5432 if cluster.engine == "aurora-postgresql" else 3306,
        "ClusterCreateTime": cluster.created_at,
        "DeletionProtection": cluster.protected,
        "StorageType": "aurora",
        "DBClusterParameterGroup": cluster.group or default_group(cluster.engine, cluster.version),
        "DBClusterMembers": [
            {
                "DBInstanceIdentifier": one.name,
                "IsClusterWriter": one is writer and not reads_only,
                "DBClusterParameterGroupStatus": "pending-reboot"
                if (resized and one.name not in cluster.parts) or world.wanted_parameters(one) != one.applied
                else "in-sync",
                "PromotionTier": one.tier,
            }
            for one in cluster.members
        ],
        "TagList": tag_list(cluster.tags),
        **({} if found is None else {"GlobalClusterIdentifier": found.name}),
        **(
            {} if held is None else {"ServerlessV2ScalingConfiguration": view(held), "ServerlessV2PlatformVersion": "2"}
        ),
    }

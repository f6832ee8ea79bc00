"""RDS actions on instances."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from autoscaler.awsapi.classes import acu_of
from autoscaler.awsapi.clusters import available, good_name
from autoscaler.awsapi.engines import default_group
from autoscaler.awsapi.faults import Fault, invalid_combination, invalid_value
from autoscaler.awsapi.listing import page, tag_list, tags_of, wanted
from autoscaler.awsapi.parameters import OF_INSTANCES
from autoscaler.awsapi.world import SERVERLESS, Cluster, Instance, State, World
from autoscaler.simulator.spec import DEFAULT_TIER, LAST_TIER, MOST_READERS

Parameters = Mapping[str, Any]
CREATING, REBOOTING, MODIFYING = timedelta(seconds=30), timedelta(seconds=15), timedelta(seconds=60)
FILTERS = ("db-cluster-id", "db-instance-id", "engine")


def create(world: World, given: Parameters) -> dict[str, Any]:
    """CreateDBInstance, in a cluster; the first one is its writer."""
    name = good_name(given["DBInstanceIdentifier"], "DBInstanceIdentifier")
    if name in world.instances:
        raise Fault("DBInstanceAlreadyExists", f"DB instance already exists: {name}")
    if "DBClusterIdentifier" not in given:
        raise invalid_combination("Only instances of Aurora clusters are simulated: specify DBClusterIdentifier.")
    cluster = world.cluster(given["DBClusterIdentifier"])
    _refuse_class(cluster, given["DBInstanceClass"])
    if len(cluster.members) > MOST_READERS:
        raise Fault("InstanceQuotaExceeded", f"A cluster has at most {MOST_READERS} readers.")
    if given["Engine"] != cluster.engine:
        raise invalid_combination(f"The engine {given['Engine']} is not that of cluster {cluster.name}.")
    now = world.now()
    instance = Instance(
        name=name,
        cluster=cluster,
        instance_class=given["DBInstanceClass"],
        tier=_tier(given.get("PromotionTier", DEFAULT_TIER)),
        created_at=now,
        resource_id=world.new_resource_id("db", name),
        group=_group(world, given, engine=cluster.engine),
        insights=given.get("EnablePerformanceInsights", False),
        tags=tags_of(given.get("Tags", ())),
        state=State(passing="creating", until=now + CREATING),
    )
    world.instances[name] = instance
    cluster.members.append(instance)
    if len(cluster.members) == 1 and instance.instance_class != SERVERLESS:
        cluster.led_by = instance
    world.settle(cluster)
    world.restarted(instance)
    world.tell(name, "db-instance", "DB instance created", "creation")
    return {"DBInstance": _describe_one(world, instance)}


def modify(world: World, given: Parameters) -> dict[str, Any]:
    """ModifyDBInstance: class, promotion tier, parameter group, Performance Insights; nothing else is simulated."""
    instance = _available(world, given["DBInstanceIdentifier"])
    cluster, changed = instance.cluster, given.get("DBInstanceClass", instance.instance_class)
    tier = _tier(given.get("PromotionTier", instance.tier))
    if "DBParameterGroupName" in given:
        instance.group = _group(world, given, engine=cluster.engine)
    instance.insights = given.get("EnablePerformanceInsights", instance.insights)
    if (changed, tier) != (instance.instance_class, instance.tier):
        _refuse_class(cluster, changed)
        leads = cluster.writer is instance
        if changed != instance.instance_class:
            instance.state.begin("modifying", until=world.now() + MODIFYING)
            cluster.scaling = cluster.held
        instance.instance_class, instance.tier = changed, tier
        if leads:
            cluster.members.sort(key=lambda one: one is not instance)
            cluster.led_by = None if changed == SERVERLESS else instance
        world.settle(cluster)
    return {"DBInstance": _describe_one(world, instance)}


def _refuse_class(cluster: Cluster, name: str) -> None:
    if name != SERVERLESS:
        acu_of(name)
    elif cluster.scaling is None:
        raise Fault(
            "InvalidDBClusterStateFault",
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB"
            " instance.",
        )


def _group(world: World, given: Parameters, *, engine: str) -> str | None:
    name = given.get("DBParameterGroupName")
    return None if name is None else OF_INSTANCES.check(world, name, engine)


def describe(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBInstances."""
    filters = wanted(given, FILTERS)
    found = [one for _, one in sorted(world.instances.items()) if not world.gate.leaves_out()]
    if name := given.get("DBInstanceIdentifier"):
        found = [world.instance(name)]
    for key, values in filters.items():
        found = [one for one in found if _told(one, key) in values]
    return page("DBInstances", [_describe_one(world, one) for one in found], given)


def delete(world: World, given: Parameters) -> dict[str, Any]:
    """DeleteDBInstance, at once."""
    instance = world.instance(given["DBInstanceIdentifier"])
    cluster = instance.cluster
    cluster.members.remove(instance)
    del world.instances[instance.name]
    if cluster.led_by is instance:
        heir = cluster.members[0] if cluster.members else None
        cluster.led_by = None if heir is None or heir.instance_class == SERVERLESS else heir
    cluster.scaling = cluster.held
    world.settle(cluster)
    world.tell(instance.name, "db-instance", "DB instance deleted", "deletion")
    return {"DBInstance": {**_describe_one(world, instance), "DBInstanceStatus": "deleting"}}


def reboot(world: World, given: Parameters) -> dict[str, Any]:
    """RebootDBInstance: parameters that waited for it, such as max_connections, are taken over."""
    instance = _available(world, given["DBInstanceIdentifier"])
    simulated = available(world, instance.cluster.name).simulated
    for name, one in instance.cluster.places.items():
        if one is instance and simulated is not None:
            simulated.reboot(name)
    world.restarted(instance)
    instance.state.begin("rebooting", until=world.now() + REBOOTING)
    world.tell(instance.name, "db-instance", "DB instance restarted", "availability")
    return {"DBInstance": _describe_one(world, instance)}


def read_logs(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBLogFiles: no file is simulated, but that looking for them wakes a paused cluster [D]."""
    simulated = world.instance(given["DBInstanceIdentifier"]).cluster.simulated
    if simulated is not None:
        simulated.read_logs()
    return {"DescribeDBLogFiles": []}


def _available(world: World, name: str) -> Instance:
    instance = world.instance(name)
    status = instance.state.at(world.now())
    if status != "available":
        raise Fault("InvalidDBInstanceState", f"Instance {instance.name} is not available, it is {status}.")
    return instance


def _tier(tier: int) -> int:
    if not 0 <= tier <= LAST_TIER:
        raise invalid_value(f"Invalid promotion tier {tier}. It must be between 0 and {LAST_TIER}.")
    return tier


def _told(one: Instance, key: str) -> str:
    return {"db-cluster-id": one.cluster.name, "db-instance-id": one.name, "engine": one.cluster.engine}[key]


def _describe_one(world: World, instance: Instance) -> dict[str, Any]:
    cluster = instance.cluster
    stopped = cluster.state.settled == "stopped"
    return {
        "DBInstanceIdentifier": instance.name,
        "DBClusterIdentifier": cluster.name,
        "DBInstanceArn": world.arn("db", instance.name),
        "DBInstanceClass": instance.instance_class,
        "DBInstanceStatus": world.status(cluster) if stopped else instance.state.at(world.now()),
        "Engine": cluster.engine,
        "EngineVersion": cluster.version,
        "InstanceCreateTime": instance.created_at,
        "PromotionTier": instance.tier,
        "DbiResourceId": instance.resource_id,
        "DBParameterGroups": [
            {
                "DBParameterGroupName": instance.group or default_group(cluster.engine, cluster.version),
                "ParameterApplyStatus": "in-sync"
                if world.wanted_parameters(instance) == instance.applied
                else "pending-reboot",
            }
        ],
        "PerformanceInsightsEnabled": instance.insights,
        "TagList": tag_list(instance.tags),
    }

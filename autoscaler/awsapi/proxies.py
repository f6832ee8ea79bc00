"""RDS actions on proxies: with one in front of it, no instance of a cluster pauses [D]."""

from collections.abc import Mapping
from typing import Any

from autoscaler.awsapi.around import Proxy
from autoscaler.awsapi.faults import invalid_value, modelled
from autoscaler.awsapi.listing import page
from autoscaler.awsapi.world import World

Parameters = Mapping[str, Any]
DEFAULT_GROUP = "default"
FAMILIES = {"POSTGRESQL": "aurora-postgresql", "MYSQL": "aurora-mysql"}


def create(world: World, given: Parameters) -> dict[str, Any]:
    """CreateDBProxy, without targets yet."""
    name = given["DBProxyName"].lower()
    if name in world.around.proxies:
        raise modelled("DBProxyAlreadyExistsFault", f"Proxy {name} already exists.")
    if given["EngineFamily"] not in FAMILIES:
        raise invalid_value(f"Engine family {given['EngineFamily']} is not simulated; there are: {', '.join(FAMILIES)}")
    proxy = Proxy(name=name, family=given["EngineFamily"], role=given["RoleArn"], created_at=world.now())
    world.around.proxies[name] = proxy
    return {"DBProxy": _describe_one(world, proxy)}


def delete(world: World, given: Parameters) -> dict[str, Any]:
    """DeleteDBProxy, at once."""
    proxy = _found(world, given["DBProxyName"])
    del world.around.proxies[proxy.name]
    world.review(*proxy.targets)
    return {"DBProxy": {**_describe_one(world, proxy), "Status": "deleting"}}


def describe(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBProxies."""
    asked = given.get("DBProxyName")
    found = list(world.around.proxies.values()) if asked is None else [_found(world, asked)]
    return page("DBProxies", [_describe_one(world, one) for one in found], given)


def register(world: World, given: Parameters) -> dict[str, Any]:
    """RegisterDBProxyTargets: clusters; single instances are not simulated."""
    proxy = _found(world, given["DBProxyName"])
    clusters = [world.cluster(name) for name in given.get("DBClusterIdentifiers", ())]
    if not clusters:
        raise invalid_value("Only clusters can be registered here: specify DBClusterIdentifiers.")
    for one in clusters:
        if one.engine != FAMILIES[proxy.family]:
            raise invalid_value(f"Cluster {one.name} is of engine {one.engine}, and the proxy is for {proxy.family}.")
        if one.name in proxy.targets:
            raise modelled("DBProxyTargetAlreadyRegisteredFault", f"Cluster {one.name} is registered already.")
    proxy.targets += [one.name for one in clusters]
    world.review(*proxy.targets)
    return {"DBProxyTargets": [_target(one.name) for one in clusters]}


def deregister(world: World, given: Parameters) -> dict[str, Any]:
    """DeregisterDBProxyTargets."""
    proxy = _found(world, given["DBProxyName"])
    for name in given.get("DBClusterIdentifiers", ()):
        if name not in proxy.targets:
            raise modelled("DBProxyTargetNotFoundFault", f"Cluster {name} is no target of proxy {proxy.name}.")
        proxy.targets.remove(name)
        world.review(name)
    return {}


def targets(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBProxyTargets."""
    return page("Targets", [_target(name) for name in _found(world, given["DBProxyName"]).targets], given)


def groups(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBProxyTargetGroups: there is one."""
    proxy = _found(world, given["DBProxyName"])
    group = {
        "DBProxyName": proxy.name,
        "TargetGroupName": DEFAULT_GROUP,
        "IsDefault": True,
        "Status": "available",
        "CreatedDate": proxy.created_at,
    }
    return page("TargetGroups", [group], given)


def _found(world: World, name: str) -> Proxy:
    proxy = world.around.proxies.get(name.lower())
    if proxy is None:
        raise modelled("DBProxyNotFoundFault", f"DB proxy {name} not found.")
    return proxy


def _target(cluster: str) -> dict[str, Any]:
    return {
        "TrackedClusterId": cluster,
        "RdsResourceId": cluster,
        "Type": "TRACKED_CLUSTER",
        "TargetHealth": {"State": "AVAILABLE"},
    }


def _describe_one(world: World, proxy: Proxy) -> dict[str, Any]:
    return {
        "DBProxyName": proxy.name,
        "DBProxyArn": world.arn("db-proxy", proxy.name),
        "Status": "available",
        "EngineFamily": proxy.family,
        "RoleArn": proxy.role,
        "CreatedDate": proxy.created_at,
        "Endpoint": f"{proxy.name}.proxy-simulated.{world.region}.rds.amazonaws.com",
    }

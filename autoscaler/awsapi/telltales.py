"""RDS actions that tell what is built around a cluster: only what the simulated cluster has switched on."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.listing import page
from autoscaler.awsapi.world import Cluster, World
from autoscaler.simulator.blockers import PauseBlocker

Parameters = Mapping[str, Any]
GROUP = "simulated-"
GLOBAL = (PauseBlocker.GLOBAL_DATABASE_PRIMARY, PauseBlocker.GLOBAL_DATABASE_SECONDARY)
SET_BY: Mapping[PauseBlocker, tuple[str, str]] = {
    PauseBlocker.LOGICAL_REPLICATION: ("rds.logical_replication", "1"),
    PauseBlocker.BINLOG: ("binlog_format", "ROW"),
    PauseBlocker.BABELFISH: ("rds.babelfish_status", "on"),
}


def group_of(cluster: Cluster) -> str:
    """The name of its cluster parameter group."""
    return f"{GROUP}{cluster.name}"


def is_global(cluster: Cluster) -> bool:
    """Whether it is in a global database."""
    return not cluster.blockers.isdisjoint(GLOBAL)


def is_secondary(cluster: Cluster) -> bool:
    """Whether it is one that others write to."""
    return PauseBlocker.GLOBAL_DATABASE_SECONDARY in cluster.blockers


def global_name(cluster: Cluster) -> str:
    """The name of its global database: each is in one of its own."""
    return f"{cluster.name}-global"


def proxies(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBProxies."""
    names = [f"{one.name}-proxy" for one in _with(world, (PauseBlocker.RDS_PROXY,))]
    asked = given.get("DBProxyName")
    if asked is not None and asked not in names:
        raise Fault("DBProxyNotFoundFault", f"DB proxy {asked} not found.")
    found = [{"DBProxyName": name, "Status": "available"} for name in names if asked in (None, name)]
    return page("DBProxies", found, given)


def proxy_targets(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBProxyTargets."""
    for one in _with(world, (PauseBlocker.RDS_PROXY,)):
        if given["DBProxyName"] == f"{one.name}-proxy":
            target = {"TrackedClusterId": one.name, "RdsResourceId": one.name, "Type": "TRACKED_CLUSTER"}
            return page("Targets", [target], given)
    raise Fault("DBProxyNotFoundFault", f"DB proxy {given['DBProxyName']} not found.")


def global_clusters(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeGlobalClusters."""
    found = [
        {
            "GlobalClusterIdentifier": global_name(one),
            "Engine": one.engine,
            "GlobalClusterMembers": [
                {
                    "DBClusterArn": world.arn("cluster", one.name),
                    "IsWriter": not is_secondary(one),
                }
            ],
        }
        for one in _with(world, GLOBAL)
    ]
    return page("GlobalClusters", found, given)


def integrations(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeIntegrations."""
    found = [
        {"IntegrationName": f"{one.name}-zero-etl", "SourceArn": world.arn("cluster", one.name), "Status": "active"}
        for one in _with(world, (PauseBlocker.ZERO_ETL,))
    ]
    return page("Integrations", found, given)


def cluster_parameters(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDBClusterParameters: what was set, never the defaults."""
    name = given["DBClusterParameterGroupName"]
    cluster = world.clusters.get(name.removeprefix(GROUP))
    if cluster is None or not name.startswith(GROUP):
        raise Fault("DBParameterGroupNotFound", f"DBClusterParameterGroup not found: {name}")
    found = [
        {"ParameterName": key, "ParameterValue": value, "Source": "user", "ApplyType": "static"}
        for blocker, (key, value) in SET_BY.items()
        if blocker in cluster.blockers
    ]
    return page("Parameters", found, given)


def _with(world: World, blockers: Iterable[PauseBlocker]) -> Iterator[Cluster]:
    wanted = set(blockers)
    return (one for one in world.clusters.values() if wanted & one.blockers)

"""The table of all actions: another one is a function and a line here."""

from collections.abc import Callable, Mapping
from typing import Any

from autoscaler.awsapi import (
    cloudwatch,
    clusters,
    engines,
    events,
    global_databases,
    insights,
    instances,
    integrations,
    parameters,
    proxies,
    tokens,
)
from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.models import CLOUDWATCH, PI, RDS, STS
from autoscaler.awsapi.world import Load, World

LoadOf = Callable[[Mapping[str, str]], Load]
Action = Callable[[World, Mapping[str, Any]], dict[str, Any]]


def table(load_of: LoadOf) -> Mapping[tuple[str, str], Action]:
    """Actions by service and name; ``load_of`` gives a created cluster its load by its tags."""

    def create_cluster(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
        tags = {one["Key"]: one.get("Value", "") for one in given.get("Tags", ())}
        return clusters.create(world, given, load=load_of(tags))

    return {
        (RDS, "CreateDBCluster"): create_cluster,
        (RDS, "ModifyDBCluster"): clusters.modify,
        (RDS, "DescribeDBClusters"): clusters.describe,
        (RDS, "DeleteDBCluster"): clusters.delete,
        (RDS, "FailoverDBCluster"): clusters.fail_over,
        (RDS, "StartDBCluster"): clusters.start,
        (RDS, "StopDBCluster"): clusters.stop,
        (RDS, "CreateDBInstance"): instances.create,
        (RDS, "ModifyDBInstance"): instances.modify,
        (RDS, "DescribeDBInstances"): instances.describe,
        (RDS, "DeleteDBInstance"): instances.delete,
        (RDS, "RebootDBInstance"): instances.reboot,
        (RDS, "DescribeDBLogFiles"): instances.read_logs,
        (RDS, "DescribeEvents"): events.describe,
        (RDS, "DescribeDBEngineVersions"): lambda _, given: engines.describe(given),
        (RDS, "AddTagsToResource"): events.add_tags,
        (RDS, "RemoveTagsFromResource"): events.remove_tags,
        (RDS, "ListTagsForResource"): events.list_tags,
        (RDS, "CreateDBProxy"): proxies.create,
        (RDS, "DescribeDBProxies"): proxies.describe,
        (RDS, "DeleteDBProxy"): proxies.delete,
        (RDS, "RegisterDBProxyTargets"): proxies.register,
        (RDS, "DeregisterDBProxyTargets"): proxies.deregister,
        (RDS, "DescribeDBProxyTargets"): proxies.targets,
        (RDS, "DescribeDBProxyTargetGroups"): proxies.groups,
        (RDS, "CreateGlobalCluster"): global_databases.create,
        (RDS, "DescribeGlobalClusters"): global_databases.describe,
        (RDS, "DeleteGlobalCluster"): global_databases.delete,
        (RDS, "RemoveFromGlobalCluster"): global_databases.remove,
        (RDS, "SwitchoverGlobalCluster"): global_databases.switch_over,
        (RDS, "CreateIntegration"): integrations.create,
        (RDS, "DescribeIntegrations"): integrations.describe,
        (RDS, "DeleteIntegration"): integrations.delete,
        **_of_groups(parameters.OF_CLUSTERS),
        **_of_groups(parameters.OF_INSTANCES),
        (PI, "GetResourceMetrics"): insights.get_metrics,
        (PI, "DescribeDimensionKeys"): insights.describe_keys,
        (CLOUDWATCH, "GetMetricData"): cloudwatch.get_data,
        (CLOUDWATCH, "GetMetricStatistics"): cloudwatch.get_statistics,
        (CLOUDWATCH, "ListMetrics"): cloudwatch.list_metrics,
        (STS, "GetCallerIdentity"): lambda _, __: tokens.who_am_i(),
        (STS, "AssumeRole"): tokens.assume_role,
    }


def _of_groups(of: parameters.Groups) -> dict[tuple[str, str], Action]:
    return {
        (RDS, f"Create{of.word}"): of.create,
        (RDS, f"Describe{of.word}s"): of.describe,
        (RDS, f"Modify{of.word}"): of.modify,
        (RDS, f"Delete{of.word}"): of.delete,
        (RDS, f"Describe{of.word.removesuffix('Group')}s"): of.parameters,
    }


def unknown(service: str, name: str) -> Fault:
    """An action that is not simulated, or that AWS does not have either."""
    return Fault("InvalidAction", f"The action {name} of {service} is not simulated.")

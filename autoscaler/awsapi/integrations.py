"""RDS actions on zero-ETL integrations: the writer of a cluster that feeds one does not pause [D]."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from autoscaler.awsapi.around import Integration
from autoscaler.awsapi.faults import invalid_value, modelled
from autoscaler.awsapi.listing import page
from autoscaler.awsapi.world import World

Parameters = Mapping[str, Any]


def create(world: World, given: Parameters) -> dict[str, Any]:
    """CreateIntegration, active at once."""
    name, (prefix, _, cluster) = given["IntegrationName"], given["SourceArn"].rpartition(":")
    if any(one.name == name for one in world.around.integrations.values()):
        raise modelled("IntegrationAlreadyExistsFault", f"Integration {name} already exists.")
    if not prefix.endswith(":cluster"):
        raise invalid_value(f"The source {given['SourceArn']} is not the ARN of a cluster.")
    one = Integration(
        name=name,
        arn=world.arn("integration", str(uuid5(NAMESPACE_URL, f"{name} {len(world.around.integrations)}"))),
        source=world.cluster(cluster).name,
        target=given["TargetArn"],
        created_at=world.now(),
    )
    world.around.integrations[one.arn] = one
    world.review(one.source)
    return _describe_one(world, one)


def describe(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeIntegrations."""
    asked = given.get("IntegrationIdentifier")
    found = list(world.around.integrations.values()) if asked is None else [_found(world, asked)]
    return page("Integrations", [_describe_one(world, one) for one in found], given)


def delete(world: World, given: Parameters) -> dict[str, Any]:
    """DeleteIntegration, at once."""
    one = _found(world, given["IntegrationIdentifier"])
    del world.around.integrations[one.arn]
    world.review(one.source)
    return {**_describe_one(world, one), "Status": "deleting"}


def _found(world: World, asked: str) -> Integration:
    for arn, one in world.around.integrations.items():
        if asked in (arn, one.name):
            return one
    raise modelled("IntegrationNotFoundFault", f"Integration {asked} not found.")


def _describe_one(world: World, one: Integration) -> dict[str, Any]:
    return {
        "IntegrationName": one.name,
        "IntegrationArn": one.arn,
        "SourceArn": world.arn("cluster", one.source),
        "TargetArn": one.target,
        "Status": "active",
        "CreateTime": one.created_at,
    }

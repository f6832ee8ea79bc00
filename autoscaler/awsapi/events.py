"""RDS actions on events and tags."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from autoscaler.awsapi.faults import invalid_combination, invalid_value
from autoscaler.awsapi.listing import page, tag_list, tags_of
from autoscaler.awsapi.world import Happening, World

Parameters = Mapping[str, Any]
USUAL_MINUTES, MOST_MINUTES = 60, 14 * 1440  # [D]


def describe(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeEvents, oldest first; without a time the last hour."""
    if "SourceIdentifier" in given and "SourceType" not in given:
        raise invalid_combination("SourceType is required when SourceIdentifier is specified.")
    found = [
        {
            "SourceIdentifier": one.source,
            "SourceType": one.kind,
            "Message": one.message,
            "EventCategories": list(one.categories),
            "Date": one.at,
            "SourceArn": world.arn("cluster" if one.kind == "db-cluster" else "db", one.source),
        }
        for one in _asked(world, given)
    ]
    return page("Events", found, given)


def _asked(world: World, given: Parameters) -> Iterator[Happening]:
    minutes = given.get("Duration", USUAL_MINUTES)
    if not 1 <= minutes <= MOST_MINUTES:
        raise invalid_value(f"Invalid value {minutes} for Duration. Must be between 1 and {MOST_MINUTES}")
    ahead = timedelta(seconds=world.gate.moods.skew_seconds)
    end = given.get("EndTime", world.now() + ahead)
    start = given.get("StartTime", end - timedelta(minutes=minutes))
    categories = set(given.get("EventCategories", ()))
    for one in world.events:
        at = one.at + ahead
        if (
            start <= at <= end
            and given.get("SourceType") in (None, one.kind)
            and given.get("SourceIdentifier") in (None, one.source)
            and (not categories or categories.intersection(one.categories))
        ):
            yield replace(one, at=at)


def add_tags(world: World, given: Parameters) -> dict[str, Any]:
    """AddTagsToResource."""
    _tags(world, given["ResourceName"]).update(tags_of(given["Tags"]))
    return {}


def remove_tags(world: World, given: Parameters) -> dict[str, Any]:
    """RemoveTagsFromResource."""
    tags = _tags(world, given["ResourceName"])
    for key in given["TagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags(world: World, given: Parameters) -> dict[str, Any]:
    """ListTagsForResource."""
    return {"TagList": tag_list(_tags(world, given["ResourceName"]))}


def _tags(world: World, arn: str) -> dict[str, str]:
    """The tags of a cluster or an instance, to be changed in place."""
    prefix, _, name = arn.rpartition(":")
    match prefix.rpartition(":")[2]:
        case "cluster":
            return world.cluster(name).tags
        case "db":
            return world.instance(name).tags
    raise invalid_value(f"Invalid resource name: {arn}")

"""Pages and filters of Describe calls."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autoscaler.awsapi.faults import invalid_value

FEWEST, MOST = 20, 100


def page(name: str, found: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A page of what was found, and where the next one begins.

    Raises:
        Fault: the size or the marker is wrong.
    """
    size, marker = parameters.get("MaxRecords", MOST), parameters.get("Marker") or "0"
    if not FEWEST <= size <= MOST:
        raise invalid_value(f"Invalid value {size} for MaxRecords. Must be between {FEWEST} and {MOST}")
    if not marker.isdecimal():
        raise invalid_value(f"Invalid marker {marker}")
    start = int(marker)
    more = {"Marker": str(start + size)} if start + size < len(found) else {}
    return {name: found[start : start + size], **more}


def wanted(parameters: Mapping[str, Any], known: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The values of each filter.

    Raises:
        Fault: a filter is not known.
    """
    known = tuple(known)
    filters = {one["Name"]: tuple(one["Values"]) for one in parameters.get("Filters", ())}
    for name in filters:
        if name not in known:
            raise invalid_value(f"Unrecognized filter name: {name}")
    return filters


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as they are told."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tags_of(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as they are kept."""
    return {one["Key"]: one.get("Value", "") for one in given}

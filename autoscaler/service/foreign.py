"""What comes over the network names no files of this machine."""

from collections.abc import Iterator, Mapping
from typing import Any

from autoscaler.documents.presets import PRESET, preset_names
from autoscaler.errors import InvalidInput
from autoscaler.registry import policy_names
from autoscaler.simulator.profiles import PROFILES

PLACES = ("file", "folder")


def refuse_files(document: Mapping[str, Any]) -> None:
    """Make sure that a cluster's settings can be read without reading anything else.

    Raises:
        InvalidInput: naming each place.
    """
    problems = [*_names(document), *(f"{place} names a file" for place in _files(document))]
    if problems:
        raise InvalidInput(f"{'; '.join(problems)}; what comes over the network reads no files here")


def _names(document: Mapping[str, Any]) -> Iterator[str]:
    cluster = document.get("cluster")
    for policy in (document.get("policy"), *document.get("shadows", ())):
        if isinstance(policy, str) and policy not in policy_names() and not policy.startswith(PRESET):
            there = ", ".join((*policy_names(), *preset_names()))
            yield f"no policy named '{policy}'; there are: {there}"
    if isinstance(cluster, str) and cluster not in PROFILES:
        yield f"no cluster profile named '{cluster}'; there are: {', '.join(sorted(PROFILES))}"


def _files(value: object, place: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            there = f"{place}.{key}" if place else str(key)
            if key in PLACES and inner is not None:
                yield there
            else:
                yield from _files(inner, there)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _files(inner, f"{place}.{number}")

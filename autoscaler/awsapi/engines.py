"""The engine versions there are: a few that can pause, one that cannot."""

from collections.abc import Mapping
from typing import Any

from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.listing import page

# [D] the newest version of each engine last; those from 16.3 and 3.08 on may have a minimum of 0.
VERSIONS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "aurora-postgresql": (("15.5", 0.5), ("16.3", 0.0), ("16.6", 0.0), ("17.4", 0.0)),
    "aurora-mysql": (("8.0.mysql_aurora.3.06.0", 0.5), ("8.0.mysql_aurora.3.08.0", 0.0)),
}


def latest(engine: str) -> str:
    """The version of a cluster for which none was named."""
    return VERSIONS[engine][-1][0]


def default_group(engine: str, version: str) -> str:
    """The name of the parameter group of those that have none of their own."""
    return f"default.{family(engine, version)}"


def family(engine: str, version: str) -> str:
    """The family of its parameter groups."""
    return f"{engine}{version.partition('.mysql_aurora')[0] if engine == 'aurora-mysql' else version.partition('.')[0]}"


def refuse_unknown(engine: str, version: str | None) -> None:
    """Let only known ones pass.

    Raises:
        Fault: there is no such engine or version.
    """
    if engine not in VERSIONS:
        raise Fault("InvalidParameterValue", f"Invalid DB engine: {engine}")
    if version is not None and version not in dict(VERSIONS[engine]):
        raise Fault("InvalidParameterCombination", f"Cannot find version {version} for {engine}")


def describe(given: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeDBEngineVersions."""
    found = [
        {
            "Engine": engine,
            "EngineVersion": version,
            "DBEngineVersionDescription": f"{engine} {version}",
            "Status": "available",
            "ServerlessV2FeaturesSupport": {"MinCapacity": least_acu, "MaxCapacity": 256.0},
        }
        for engine, versions in VERSIONS.items()
        for version, least_acu in versions
        if given.get("Engine") in (None, engine) and given.get("EngineVersion") in (None, version)
    ]
    return page("DBEngineVersions", found, given)

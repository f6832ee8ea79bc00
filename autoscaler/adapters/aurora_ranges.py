"""Ranges as Aurora writes them, and what it says of a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autoscaler.core.capacity import LOW_FLOOR_ACU, Phase, Range

SERVERLESS = "db.serverless"
USUAL_PAUSE_SECONDS = 300  # [D] when nobody said otherwise
# Other statuses are passing ones in which a change is refused.
DOWN = frozenset(
    {"creating", "deleting", "failed", "failing-over", "starting", "stopped", "stopping", "storage-failure"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A cluster as RDS tells it; ``instances`` are its members, the writer first."""

    name: str
    resource_id: str
    status: str
    range: Range
    instances: tuple[str, ...]
    tags: Mapping[str, str]
    created_at: datetime | None = None

    @property
    def phase(self) -> Phase:
        """What it is doing, as far as its status tells: a paused one is available, too."""
        if self.status == "available":
            return Phase.AVAILABLE
        return Phase.UNAVAILABLE if self.status in DOWN else Phase.CHANGING


def described(document: Mapping[str, Any]) -> Described | None:
    """A DBCluster; None when it has no serverless range."""
    scaling = document.get("ServerlessV2ScalingConfiguration")
    if not scaling:
        return None
    members = sorted(document.get("DBClusterMembers", ()), key=lambda one: not one.get("IsClusterWriter"))
    return Described(
        name=document["DBClusterIdentifier"],
        resource_id=document["DbClusterResourceId"],
        status=document["Status"],
        range=range_of(scaling),
        instances=tuple(one["DBInstanceIdentifier"] for one in members),
        created_at=document.get("ClusterCreateTime"),
        tags={one["Key"]: one.get("Value", "") for one in document.get("TagList", ())},
    )


def no_range(document: Mapping[str, Any]) -> str:
    """Why a DBCluster has no serverless range."""
    name = document["DBClusterIdentifier"]
    if document.get("EngineMode") == "serverless":
        return f"{name} is of Serverless v1, which ended in March 2025 and can be simulated only; convert it to v2"
    return f"{name} has no range of Serverless v2; give it one and a {SERVERLESS} instance"


def range_of(scaling: Mapping[str, Any]) -> Range:
    """A range as the core knows it: with a minimum of 0 the cluster pauses."""
    least, most = float(scaling["MinCapacity"]), float(scaling["MaxCapacity"])
    pause = int(scaling.get("SecondsUntilAutoPause", USUAL_PAUSE_SECONDS)) if least == 0 else None
    return Range(floor_acu=least, ceiling_acu=most, pause_after_seconds=pause)


def as_aurora_has_it(wanted: Range) -> Range:
    """The nearest range that Aurora has and that takes nothing away: it pauses from a minimum of 0 only."""
    if wanted.pause_after_seconds is None:
        return Range(floor_acu=max(wanted.floor_acu, LOW_FLOOR_ACU), ceiling_acu=wanted.ceiling_acu)
    if wanted.floor_acu > LOW_FLOOR_ACU:
        return Range(floor_acu=wanted.floor_acu, ceiling_acu=wanted.ceiling_acu)
    return Range(floor_acu=0.0, ceiling_acu=wanted.ceiling_acu, pause_after_seconds=wanted.pause_after_seconds)


def scaling_of(wanted: Range) -> dict[str, float]:
    """Always both bounds: what a single one would do is not known."""
    pause = {} if wanted.pause_after_seconds is None else {"SecondsUntilAutoPause": wanted.pause_after_seconds}
    return {"MinCapacity": wanted.floor_acu, "MaxCapacity": wanted.ceiling_acu, **pause}

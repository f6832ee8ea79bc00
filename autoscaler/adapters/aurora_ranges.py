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


LAST_FOLLOWING_TIER = 1  # [D] readers of these tiers scale with the writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An instance of a cluster."""

    name: str
    writes: bool
    tier: int
    awaits_restart: bool

    @property
    def stands_by(self) -> bool:
        """Whether it is as small as the floor lets it when it has to take over."""
        return not self.writes and self.tier > LAST_FOLLOWING_TIER


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A cluster as RDS tells it: ``members`` are those that scale, as far as is known, the writer first.

    A ``secondary`` of a Global Database has none that writes until it takes over.
    """

    name: str
    resource_id: str
    status: str
    range: Range
    members: tuple[Member, ...]
    secondary: bool
    tags: Mapping[str, str]
    created_at: datetime | None = None

    @property
    def instances(self) -> tuple[str, ...]:
        """The names of its members."""
        return tuple(one.name for one in self.members)

    @property
    def standbys(self) -> int:
        """How many may have to take over at the size of the floor."""
        return len(self.members) if self.secondary else sum(one.stands_by for one in self.members)

    @property
    def awaits_restart(self) -> bool:
        """Whether changed parameters hold from the next restart on."""
        return any(one.awaits_restart for one in self.members)

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
    members = [_member(one) for one in document.get("DBClusterMembers", ())]
    return Described(
        name=document["DBClusterIdentifier"],
        resource_id=document["DbClusterResourceId"],
        status=document["Status"],
        range=range_of(scaling),
        members=tuple(sorted(members, key=lambda one: not one.writes)),
        secondary=bool(document.get("GlobalClusterIdentifier")) and not any(one.writes for one in members),
        created_at=document.get("ClusterCreateTime"),
        tags={one["Key"]: one.get("Value", "") for one in document.get("TagList", ())},
    )


def _member(document: Mapping[str, Any]) -> Member:
    return Member(
        name=document["DBInstanceIdentifier"],
        writes=bool(document.get("IsClusterWriter")),
        tier=int(document.get("PromotionTier", LAST_FOLLOWING_TIER)),
        awaits_restart=document.get("DBClusterParameterGroupStatus") == "pending-reboot",
    )


def no_range(document: Mapping[str, Any]) -> str:
    """Why a DBCluster has no serverless range."""
    name = document["DBClusterIdentifier"]
    if document.get("EngineMode") == "serverless":
        return f"{name} is of Serverless v1, which ended in March 2025 and can be simulated only; convert it to v2"
    return f"{name} has no range of Serverless v2; give it one and a {SERVERLESS} instance"


def range_of(scaling: Mapping[str, Any]) -> Range:
    """A range as the core knows it: a minimum of 0 is the lowest floor, and that the cluster pauses."""
    least, most = float(scaling["MinCapacity"]), float(scaling["MaxCapacity"])
    pause = int(scaling.get("SecondsUntilAutoPause", USUAL_PAUSE_SECONDS)) if least == 0 else None
    return Range(floor_acu=max(least, LOW_FLOOR_ACU), ceiling_acu=most, pause_after_seconds=pause)


def as_aurora_has_it(wanted: Range) -> Range:
    """The nearest range that Aurora has and that takes nothing away: it pauses from the lowest floor only."""
    pause = wanted.pause_after_seconds if wanted.floor_acu <= LOW_FLOOR_ACU else None
    return Range(
        floor_acu=max(wanted.floor_acu, LOW_FLOOR_ACU), ceiling_acu=wanted.ceiling_acu, pause_after_seconds=pause
    )


def scaling_of(wanted: Range) -> dict[str, float]:
    """Always both bounds: what a single one would do is not known."""
    if wanted.pause_after_seconds is None:
        return {"MinCapacity": wanted.floor_acu, "MaxCapacity": wanted.ceiling_acu}
    return {"MinCapacity": 0, "MaxCapacity": wanted.ceiling_acu, "SecondsUntilAutoPause": wanted.pause_after_seconds}

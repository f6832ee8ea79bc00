"""What people send to register clusters, to push their samples and to see to drift, and what they are told."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from autoscaler.api.control_schemas import Acu, Body
from autoscaler.api.schemas import Drift, Range, Schema
from autoscaler.storage.roster import Origin

MOST_SAMPLES = 500
Count = Annotated[int, Field(ge=0, le=2**31)]
AnyDocument = str | dict[str, Any]


class ClusterSettings(Body):
    """A cluster, where it comes from, and who decides about it; of the settings file's, all but the mode."""

    id: str = Field(default="", description="Of the path, where there is one: it never changes.")
    title: str = ""
    kind: str = Field(default="simulated", description="Which source has it.")
    tags: dict[str, str] = Field(default={}, description="What it belongs to.")
    cluster: AnyDocument = Field(default={}, description="A profile by name, or a cluster document with its limits.")
    policy: AnyDocument = Field(default="auto", description="A policy or a preset by name, or a policy document.")
    shadows: list[AnyDocument] = Field(default=[], description="Policies that decide beside it, and are scored.")
    source: dict[str, Any] = Field(default={}, description="What its source wants to know.")
    workload: dict[str, Any] | None = Field(default=None, description="What a simulated cluster has to serve.")
    seed: int = Field(default=0, ge=0, description="Chance of a simulated cluster.")
    faults: dict[str, Any] = Field(default={}, description="What goes wrong with a simulated cluster.")


class ClusterRegistration(ClusterSettings):
    """A new cluster. It is only looked at until somebody changes its mode."""

    id: str = Field(description="Under which it is known from now on.")


class ClusterPatch(Body):
    """Some of the settings, as a JSON merge patch (RFC 7396): null takes a setting away."""

    title: str | None = None
    tags: dict[str, str | None] | None = None
    cluster: AnyDocument | None = None
    policy: AnyDocument | None = None
    shadows: list[AnyDocument] | None = None
    source: dict[str, Any] | None = None
    workload: dict[str, Any] | None = None
    seed: int | None = None
    faults: dict[str, Any] | None = None


class DiscoverOrder(Body):
    """Which source shall tell what there is."""

    kind: str = "simulated"


class AdoptOrder(Body):
    """A cluster that a source knows of; what is left out is as the source tells it."""

    id: str
    kind: str = "simulated"
    policy: AnyDocument = "auto"
    title: str | None = None
    tags: dict[str, str] | None = None
    cluster: dict[str, Any] | None = Field(default=None, description="What shall differ, its limits above all.")


class ClusterListing(Schema):
    """A cluster as it is registered; the ETag is what changes want in If-Match."""

    cluster_id: str
    origin: Origin = Field(description="file: the settings file still counts; api: it no longer does.")
    registered_at: datetime = Field(description="Cluster time.")
    removed_at: datetime | None
    found: Range | None = Field(description="The range it had when it was adopted, which a release restores.")
    settings: dict[str, Any]


class FoundCluster(Schema):
    """A cluster that nobody has registered."""

    id: str
    title: str
    range: Range | None = Field(description="In force there now.")
    tags: dict[str, str]
    settings: dict[str, Any]


class FoundClusters(Schema):
    """What a source knows of, and nobody has registered."""

    kind: str
    items: tuple[FoundCluster, ...]


class PushedSample(Body):
    """One metric interval; null is unknown, never zero."""

    at: AwareDatetime = Field(description="When it begins.")
    seconds: float = Field(gt=0, le=86_400, allow_inf_nan=False)
    demand_acu: Acu | None = None
    censored: bool = Field(default=False, description="It was saturated: the demand is this much or more.")
    capacity_acu: Acu | None = None
    connections: Count | None = None
    queries_per_second: Acu | None = None
    active_sessions: Acu | None = None
    cache_hit_fraction: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = Field(
        default=None, description="Of its page reads, those that memory served."
    )
    reads_per_second: Acu | None = Field(default=None, description="Pages read from storage.")
    freeable_gib: Acu | None = Field(default=None, description="Memory that was free of what its capacity has.")


class PushedRange(Body):
    """The range in force at a cluster."""

    floor_acu: Acu
    ceiling_acu: Acu
    pause_after_seconds: Count | None = None


class Push(Body):
    """Samples, oldest first, and the range in force where it is known."""

    samples: Annotated[list[PushedSample], Field(min_length=1, max_length=MOST_SAMPLES)]
    range: PushedRange | None = None


class Pushed(Schema):
    """What became of the samples of a push."""

    accepted: int = Field(description="New ones, which the next tick sees.")
    repeated: int = Field(description="Those that were there already; the first one counts.")
    late: int = Field(description="Those that begin before the newest one: they are not used.")
    newest_at: datetime | None


class DriftReport(Schema):
    """Whether somebody else changed the range of a cluster; the ETag is that of its control."""

    cluster_id: str
    drift: Drift | None = Field(description="The change that matters; null: there is none.")


class Acknowledgement(Body):
    """The drift that is meant."""

    at: AwareDatetime = Field(description="When it was noticed, as it was told.")

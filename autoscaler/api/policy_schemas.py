"""What people are told of stored policies."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from autoscaler.api.control_schemas import Body
from autoscaler.api.schemas import Known, Limits, Range, Schema
from autoscaler.core.control import Direction
from autoscaler.core.rollout import RolloutState

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"


class NewPolicy(Body):
    """A policy that is not there yet."""

    name: Annotated[str, Field(pattern=NAME, description="What it is called from now on.")]
    document: dict[str, Any] = Field(description="A policy document; see `autoscaler policies schema`.")


class BindingOrder(Body):
    """What a policy is for: either a cluster or a selector."""

    cluster_id: str | None = Field(default=None, description="One cluster by its id.")
    selector: str | None = Field(default=None, description="All clusters with these tags: env=prod,team=shop.")


class RollbackOrder(Body):
    """Which version to go back to."""

    version: int = Field(ge=1, le=2**31 - 1)


class AnyPolicy(BaseModel):
    """A policy document, in JSON or (application/yaml) YAML; `autoscaler policies schema` prints its schema."""

    model_config = ConfigDict(extra="allow")

    policy: str = Field(description="What decides.")


class Binding(Schema):
    """What a policy is for."""

    cluster_id: str | None
    selector: str | None


class Ring(Schema):
    """So many clusters, for so long."""

    clusters: int
    soak_seconds: float


class Rollout(Schema):
    """A new version on its way to the clusters, or the latest one that was."""

    state: RolloutState
    from_version: int
    to_version: int
    ring: int = Field(description="Which ring is in force, from 1 on.")
    rings: tuple[Ring, ...]
    reached_clusters: int = Field(description="How many clusters have the new version.")
    of_clusters: int
    touched: tuple[str, ...] = Field(description="The clusters with the new version.")
    started_at: datetime = Field(description="Cluster time.")
    ring_at: datetime = Field(description="When this ring began, in cluster time.")
    reason: str = Field(description="Why it is where it is.")


class Version(Schema):
    """What somebody once wrote; it never changes."""

    policy: str
    version: int
    document: dict[str, Any]
    author: str
    at: datetime = Field(description="Real time.")
    digest: str = Field(description="SHA-256 of the document.")


class Policy(Schema):
    """A policy as it stands; its ETag is what writes want in If-Match."""

    name: str
    version: int = Field(description="In force, but where a rollout has come by.")
    newest_version: int
    document: dict[str, Any]
    author: str
    at: datetime = Field(description="When the version in force was written, in real time.")
    digest: str = Field(description="SHA-256 of the document.")
    bindings: tuple[Binding, ...]
    rollout: Rollout | None = Field(description="On its way, or the latest one; null: there never was one.")


class PolicyPage(Schema):
    """Some of the policies, by their names in ascending order."""

    items: tuple[Policy, ...]
    next: str | None = Field(description="Where the next page is; null: this is the last one.")


class VersionPage(Schema):
    """Some of the versions, newest first."""

    items: tuple[Version, ...]
    next: str | None = Field(description="Where the next page is; null: this is the last one.")


class Mistake(Schema):
    """Something wrong in a document, with its place."""

    line: int
    column: int
    message: str


class Validation(Schema):
    """All that is wrong with a document."""

    valid: bool
    mistakes: tuple[Mistake, ...]


class Trial(Schema):
    """How a policy would have done on the samples that are kept; per instance."""

    acu_hours: float
    usd: float
    throttled_fraction: Known


class PlannedCluster(Schema):
    """One cluster under its policy of today and under the other one."""

    cluster_id: str
    policy: str = Field(description="In force today.")
    policy_version: int | None
    changes: bool = Field(description="Whether limits or the decision of this moment would be others.")
    limits: Limits | None
    would_have_limits: Limits | None
    at: datetime | None = Field(description="When the latest decision was taken; null: there is none.")
    range: Range | None = Field(description="What was decided then.")
    would_be_range: Range | None = Field(description="What the other policy would have decided, on the same snapshot.")
    wish: Range | None
    would_wish: Range | None
    would_reason: str
    was: Trial | None = Field(description="A backtest of today's policy; null: none was asked for.")
    would_be: Trial | None = Field(description="A backtest of the other one.")
    trouble: str = Field(description="Why it cannot be used for this cluster; empty: it can.")


class Totals(Schema):
    """All backtests together."""

    clusters: int
    acu_hours: float = Field(description="Under the policies of today.")
    would_be_acu_hours: float
    usd: float
    would_be_usd: float
    throttled_fraction: Known = Field(description="Of the time, on average.")
    would_be_throttled_fraction: Known


class Plan(Schema):
    """What would change; nothing has."""

    policy: str
    changes: bool
    document_changes: bool = Field(description="Whether it is another document than the newest one stored.")
    clusters: tuple[PlannedCluster, ...]
    left_out: int = Field(description="How many more clusters there are that were not looked at.")
    backtest: Totals | None = Field(description="null: none was asked for, or nothing was measured.")


class PreviewedBounds(Schema):
    """What holds from a moment until another one."""

    start: datetime
    end: datetime
    floor_acu: float
    ceiling_acu: float
    pause_after_seconds: int | None
    follows_demand: bool = Field(description="Whether the floor may be anything from this one up to the ceiling.")
    freeze: Direction | None
    reason: str


class ClockShift(Schema):
    """The clocks are changed."""

    at: datetime
    shift_seconds: float


class Preview(Schema):
    """The coming days of a policy, as far as they are certain without knowing the load."""

    policy: str
    time_zone: str
    bounds: tuple[PreviewedBounds, ...]
    clock_changes: tuple[ClockShift, ...]

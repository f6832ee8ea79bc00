"""What the API answers, as schemas: capacities in ACU, times in UTC; null is unknown, never zero."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from autoscaler.core.capacity import MemoryCare, Phase
from autoscaler.core.control import Mode
from autoscaler.storage.access import Scope
from autoscaler.storage.entries import State

# JSON has no word for an infinite number; it is told as null, as everything that was never seen.
Known = float | None


class Schema(BaseModel):
    """What all answers share: they are read off the values of the core, field by field."""

    model_config = ConfigDict(frozen=True, from_attributes=True, ser_json_inf_nan="null")


class Range(Schema):
    """A capacity range; it applies to every serverless instance of the cluster."""

    floor_acu: float = Field(description="The least capacity while awake.")
    ceiling_acu: float = Field(description="The most capacity.")
    pause_after_seconds: int | None = Field(description="Idle time before it pauses; null: it stays awake.")


class Limits(Schema):
    """What the owner allows; nothing ever leaves it."""

    min_acu: float = Field(description="The least floor while awake.")
    max_acu: float = Field(description="The highest ceiling.")
    step_acu: float = Field(description="The provider's grain.")
    may_pause: bool
    working_set: MemoryCare = Field(description="What becomes of the memory that its pages in use need.")


class Status(Schema):
    """What the cluster says of itself."""

    phase: Phase
    ready_acu: float = Field(description="Capacity that is there now.")
    range: Range = Field(description="The range in force.")
    requested: Range | None = Field(description="A range on its way; null: none is.")
    changed_at: datetime | None
    standbys: int = Field(description="Instances that may have to take over, and are as small as the floor until then.")
    awaits_restart: bool = Field(description="Changed parameters hold from the next restart on; a pause is one.")
    blockers: tuple[str, ...] = Field(description="What keeps it awake however long it idles, as the provider says.")
    holds: tuple[str, ...] = Field(description="What a pause would interrupt or bring about; needs consent.")


class Drift(Schema):
    """A range that somebody else changed."""

    at: datetime = Field(description="When it was noticed.")
    before: Range
    after: Range
    acknowledged: bool = Field(description="Whether a person has said that it is meant.")


class Step(Schema):
    """One safety rule that changed the wish."""

    rule: str
    before: Range
    after: Range
    why: str


class Decision(Schema):
    """The range a cluster shall have from ``at`` on, and how it came about."""

    at: datetime
    before: Range
    wish: Range = Field(description="What the policy asked for.")
    after: Range = Field(description="What the safety rules made of it.")
    changes: bool = Field(description="Whether there was anything to do.")
    driver: str = Field(description="Who had the last word: 'policy', or the name of a rule.")
    reason: str = Field(description="One sentence.")
    steps: tuple[Step, ...] = Field(description="The rules that changed the wish, in their order.")


class JournalledDecision(Schema):
    """A decision in the journal: written before the provider is called, finished afterwards."""

    id: int
    state: State = Field(description="What became of it.")
    outcome: str | None = Field(description="What the provider said.")
    finished_at: datetime | None
    decision: Decision


class Forecast(Schema):
    """Quantiles of the largest demand in each window of ``step_seconds`` from ``start`` on."""

    model: str
    made_at: datetime
    start: datetime
    step_seconds: float
    levels: tuple[float, ...] = Field(description="Quantile levels, ascending.")
    demand_acu: tuple[tuple[Known, ...], ...] = Field(description="One row per level, one number per window.")


class Shadow(Schema):
    """A policy that decides beside the one that acts."""

    name: str
    range: Range | None = Field(description="The range it would have by now.")
    reason: str | None = Field(description="Its last decision, in one sentence.")
    failed: str | None = Field(description="Why it no longer decides; null: it does.")


class ClusterSummary(Schema):
    """A cluster at its latest tick, without its forecast."""

    cluster_id: str
    title: str
    profile: str = Field(description="What kind of cluster it is.")
    policy: str = Field(description="The name of the policy that wishes its range.")
    policy_version: int | None = Field(description="Of a stored policy; null: the policy is the one of its settings.")
    kind: str = Field(description="Where it comes from: `simulated`, `aurora`, `pushed`.")
    tags: dict[str, str]
    limits: Limits
    status: Status | None = Field(description="null: it has not answered yet.")
    demand_acu: Known = Field(description="Demand in the newest usable sample, of the busiest instance.")
    demand_at: datetime | None
    blind_seconds: Known = Field(description="Age of the newest usable sample; null: there never was one.")
    last_decision: Decision | None
    last_outcome: str | None = Field(description="What became of the last decision.")
    last_tick_at: datetime | None
    mode: Mode | None = Field(description="What becomes of its decisions.")
    overridden: bool = Field(description="A person has given it a range for a while.")
    frozen: bool = Field(description="A person has stopped its changes for a while.")
    halted: str = Field(description="Why the kill switch is on; empty: it is off.")
    usd_per_hour: Known = Field(description="What the ready capacity of the busiest instance costs.")
    failures: int = Field(description="Failed ticks since the last good one.")
    breaker: str = Field(description="closed, open (away; left alone for minutes) or half-open (about to be tried).")
    error: str | None = Field(description="Why the latest tick failed; null: it did not.")
    drift: Drift | None = Field(description="The change from outside that matters; null: there is none.")
    acu_hours: Known = Field(description="Capacity of the busiest instance over time, since the service has it.")


class Cluster(ClusterSummary):
    """A cluster at its latest tick."""

    forecast: Forecast | None
    shadows: tuple[Shadow, ...] = Field(description="Policies that decide beside it; empty on a stand-by replica.")


class ClusterPage(Schema):
    """Some of the clusters, by their ids in ascending order."""

    items: tuple[ClusterSummary, ...]
    next: str | None = Field(description="Where the next page is; null: this is the last one.")


class DecisionPage(Schema):
    """Some of the decisions, newest first. A page may be short, even empty, before the last one: follow ``next``."""

    items: tuple[JournalledDecision, ...]
    next: str | None = Field(description="Where the next page is; null: this is the last one.")


class Health(Schema):
    """The process is alive."""

    version: str


class Readiness(Schema):
    """Whether every cluster has been looked at since the start, and the service still looks."""

    ready: bool
    reason: str


class Me(Schema):
    """Who asks."""

    actor: str = Field(description="As the audit log names you.")
    scope: Scope
    clusters: str = Field(description="The pattern of the clusters you see; `*` is all.")
    open: bool = Field(description="Whether anybody on the machine is let in without a token.")
    version: str = Field(description="Of the service.")

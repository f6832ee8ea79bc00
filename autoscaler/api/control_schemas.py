"""What people send to steer a cluster, and what they are told of it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from autoscaler.api.schemas import Drift, JournalledDecision, Known, Limits, Range, Schema, Status, Step
from autoscaler.core.control import Direction, Mode
from autoscaler.core.decision import Grounds

LONGEST_SECONDS = 7 * 86_400
# Far beyond every provider, and small enough to reckon with.
LARGEST_ACU = 100_000
Acu = Annotated[float, Field(ge=0, le=LARGEST_ACU, allow_inf_nan=False)]


class Body(BaseModel):
    """What all bodies share: unknown members are refused, for a misspelt one would be a wrong order."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Timed(Body):
    """An order that ends by itself: either ``until`` or ``for_seconds``, at most seven days ahead."""

    until: AwareDatetime | None = Field(default=None, description="Cluster time at which it ends.")
    for_seconds: float | None = Field(
        default=None, gt=0, le=LONGEST_SECONDS, allow_inf_nan=False, description="Cluster time until it ends."
    )


class OverrideOrder(Timed):
    """A range instead of the policy's."""

    floor_acu: Acu = Field(description="The least capacity while awake.")
    ceiling_acu: Acu = Field(description="The most capacity.")
    pause_after_seconds: int | None = Field(default=None, ge=0, description="Idle time before it pauses; null: never.")


class FreezeOrder(Timed):
    """No changes in one direction, or in both."""

    direction: Direction


class ModeOrder(Body):
    """What becomes of decisions."""

    mode: Mode
    accept_fidelity: bool = Field(False, description="Enforce although the simulator is too far off for this cluster.")


class Override(Schema):
    """A person's range."""

    range: Range
    until: datetime
    by: str


class Freeze(Schema):
    """A person's halt."""

    direction: Direction
    until: datetime
    by: str


class Control(Schema):
    """What a tick would have to obey now; the ETag is that of the orders behind it."""

    cluster_id: str
    at: datetime = Field(description="Cluster time now.")
    mode: Mode
    override: Override | None
    freeze: Freeze | None
    release: Range | None = Field(description="The range it is being given back; then it is only looked at.")
    halted: str = Field(description="Why the kill switch is on; empty: it is off.")


class Memory(Schema):
    """What the rules remembered."""

    watching_since: datetime | None
    changed_at: datetime | None
    shrink_since: datetime | None
    shrink_wish: Range | None


class FleetAllowance(Schema):
    """What the caps of the fleet left to this cluster."""

    may_shrink: bool
    blind_growth_acu: float = Field(description="By so much its floor might grow unseen.")


class Spending(Schema):
    """What was spent, what it will come to, and the highest demand of 35 days."""

    day_acu_hours: float
    month_acu_hours: float
    projected_day_acu_hours: float
    projected_month_acu_hours: float
    highest_demand_acu: Known


class Spent(Schema):
    """How the budget stood for a day or a month."""

    period: str
    allowed_acu_hours: float
    spent_acu_hours: float
    projected_acu_hours: float


class WorkingSet(Schema):
    """What is known of the memory that its pages in use need."""

    enough_acu: Known = Field(description="The least capacity that was seen to hold them; null: not known.")
    short_acu: Known = Field(description="The largest that is known to be too small; null: none is.")
    missed_fraction: Known = Field(description="Of its page reads with that size, those from storage.")
    used_at: datetime | None = Field(description="When somebody last worked.")


class Inputs(Schema):
    """What the decision was made of."""

    status: Status
    limits: Limits
    blind_seconds: Known
    recent_samples: int = Field(description="How many samples it saw.")
    recent_from: datetime | None
    recent_to: datetime | None
    forecast_model: str | None
    forecast_made_at: datetime | None
    fitted_at: datetime | None
    mode: Mode
    override: Override | None
    freeze: Freeze | None
    halted: str
    drift: Drift | None = Field(description="The change from outside that mattered; null: there was none.")
    fleet: FleetAllowance | None = Field(description="What others of the fleet left to it; null: nobody asked.")
    spending: Spending | None = Field(description="null: the policy has no budget.")
    budget: tuple[Spent, ...] = Field(description="How the budget stood; empty: there is none.")
    memory: Memory
    working_set: WorkingSet | None = Field(description="null: nobody has measured its cache.")


class Word(Schema):
    """What one rule said to the wish."""

    rule: str
    says: str = Field(description="'agreed', or why it changed the wish.")
    step: Step | None


class Explanation(Schema):
    """One decision: what it was made of, who wished what, and every rule's word."""

    decision: JournalledDecision
    inputs: Inputs
    grounds: Grounds | None = Field(
        description="What the wish rests on, asked of the policy again; null: that policy can no longer be asked."
    )
    document_id: int = Field(description="The version of the cluster's settings in force then.")
    policy: dict[str, Any] = Field(description="The policy document in force then.")
    policy_version: int | None = Field(description="Of a stored policy; null: the policy was the one of its settings.")
    rules: tuple[Word, ...]
    digest: str = Field(description="SHA-256 of all inputs.")


class Replay(Schema):
    """The decision computed again from what is stored."""

    same: bool
    differs: tuple[str, ...] = Field(description="The parts that came out otherwise.")
    stored: JournalledDecision
    reason: str = Field(description="The sentence that came out now.")
    after: Range = Field(description="The range that came out now.")
    digest: str = Field(description="SHA-256 of all inputs.")


class AuditLine(Schema):
    """One write."""

    id: int
    at: datetime = Field(description="Real time.")
    actor: str
    request_id: str
    action: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


class AuditPage(Schema):
    """Some of the writes, newest first."""

    items: tuple[AuditLine, ...]
    next: str | None = Field(description="Where the next page is; null: this is the last one.")

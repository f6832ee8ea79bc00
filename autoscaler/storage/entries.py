"""What the store holds, and for how long, as values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from autoscaler.core.activity import Activity
from autoscaler.core.budget import Spending
from autoscaler.core.capacity import Range, Status
from autoscaler.core.control import Control, Drift
from autoscaler.core.decision import Decision, Memory
from autoscaler.core.fleet import FleetAllowance
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from autoscaler.core.signals import Worth
from autoscaler.core.tuning import Tuning
from autoscaler.core.working_set import WorkingSet


class State(StrEnum):
    """What became of a decision.

    ``none``: there was nothing to do. ``planned``: about to be asked for; found at a start, it is the mark of
    a crash. ``refused``: the cluster was busy, or somebody else had just changed its range. ``failed``: the
    provider did not answer or had no such range. ``abandoned``: planned before a crash and not in force
    afterwards. ``not-enforced``: the mode or the kill switch kept it from being asked for.
    """

    NONE = "none"
    PLANNED = "planned"
    APPLIED = "applied"
    REFUSED = "refused"
    FAILED = "failed"
    ABANDONED = "abandoned"
    NOT_ENFORCED = "not-enforced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a decision was made of, besides what is stored already.

    With the cluster's document (limits, policy, rules, prices), its samples that start between
    ``recent_from`` and ``recent_to`` and its forecast of ``forecast_made_at``, this is the whole snapshot, so
    that the decision can be computed again. ``memory`` is the one before it. ``acu_hours`` is what was used by then
    since the service has the cluster, as far as it is known. ``fitted_at`` is when the
    forecaster was last fitted: a restart fits it on the same history again. ``drift`` is the
    change from outside that mattered then.
    """

    status: Status
    blind_seconds: float
    control: Control
    memory: Memory
    recent_from: datetime | None
    recent_to: datetime | None
    forecast_made_at: datetime | None
    fitted_at: datetime | None
    drift: Drift | None = None
    acu_hours: float | None = None
    fleet: FleetAllowance | None = None
    spending: Spending | None = None
    tuning: Tuning | None = None
    activity: Activity | None = None
    worth: Worth | None = None
    working_set: WorkingSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one tick leaves behind, written in one transaction before anything is asked of the provider.

    ``samples`` are the ones this tick saw first, ``forecast`` is None when it is stored already, and
    ``document_id`` names the cluster's document in force.
    """

    decision: Decision
    memory: Memory
    inputs: Inputs
    document_id: int
    samples: tuple[Sample, ...]
    forecast: Forecast | None

    @property
    def state(self) -> State:
        """Where its life begins."""
        if not self.decision.changes:
            return State.NONE
        return State.PLANNED if self.inputs.control.acts else State.NOT_ENFORCED

    @property
    def outcome(self) -> str | None:
        """What is known of its end from the beginning."""
        return self.inputs.control.restraint if self.state is State.NOT_ENFORCED else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A decision in the journal; ``id`` grows with time."""

    id: int
    decision: Decision
    memory: Memory
    inputs: Inputs
    document_id: int
    state: State
    outcome: str | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSample:
    """A sample and the tick that saw it first."""

    seen_at: datetime
    sample: Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRange:
    """A range and when the provider took it."""

    at: datetime
    range: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A known cluster: since when, and which document of it is in force."""

    started_at: datetime
    document_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long what is kept: whole samples, five-minute and hourly ones; all decisions, only the changes; events."""

    samples: timedelta
    five_minutes: timedelta
    hours: timedelta
    every_decision: timedelta
    decisions: timedelta
    events: timedelta


@dataclass(slots=True, kw_only=True)
class Removed:
    """How many rows there are less."""

    samples: int = 0
    forecasts: int = 0
    decisions: int = 0
    events: int = 0

"""From a wish to a decision: the values on that way."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from autoscaler.core.capacity import Range
from autoscaler.core.control import Freeze
from autoscaler.core.snapshot import Snapshot
from autoscaler.errors import InvalidInput


class Grounds(StrEnum):
    """What a wish rests on. Only what rests on more than measurements may grow a cluster that nobody sees."""

    MEASURED = "measured"
    FORECAST = "forecast"
    SCHEDULE = "schedule"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a policy wishes, and why, in one sentence.

    ``known`` is False when the policy has nothing to go by; its range is then the one in force. ``freeze``
    is a halt that a schedule asks for at the moment; the rules see to it. ``grounds`` are those of the highest
    floor; ``unmeasured`` is as much of the range as does not rest on measurements, where that is not all or nothing.
    """

    range: Range
    reason: str
    known: bool = True
    freeze: Freeze | None = None
    grounds: Grounds = Grounds.MEASURED
    unmeasured: Range | None = None

    @property
    def without_sight(self) -> Range | None:
        """As much of the range as holds when the samples are worth nothing."""
        return self.unmeasured or (None if self.grounds is Grounds.MEASURED else self.range)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule that changed the wish; a rule without a step agreed."""

    rule: str
    before: Range
    after: Range
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The range a cluster shall have from ``at`` on; ``wish`` is what the policy asked for."""

    at: datetime
    cluster_id: str
    before: Range
    wish: Range
    after: Range
    reason: str
    steps: tuple[Step, ...]

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.after != self.before

    @property
    def driver(self) -> str:
        """Who had the last word: the last rule that changed the wish, or ``policy``."""
        return self.steps[-1].rule if self.steps else "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """How careful the rules are.

    Args:
        max_blind_seconds: samples older than this, beyond their own length, are no sight.
        watch_seconds: how long a fresh process watches before it shrinks anything.
        shrink_wait_seconds: how long a smaller range must have been wanted without a break.
        max_shrink_fraction: the largest part of a floor that one change takes away.
        change_spacing_seconds: the least time between two changes of a range.
        emergency_spacing_seconds: the same for a grow while the cluster is short of capacity; as long as the
            other one, and there are no emergencies.
        backoff_seconds: how long a cluster is left alone after a change that was refused or failed; doubled with every
            other one in a row.
        longest_backoff_seconds: where the doubling ends.
    """

    max_blind_seconds: float = 300.0
    watch_seconds: float = 900.0
    shrink_wait_seconds: float = 300.0
    max_shrink_fraction: float = 0.5
    change_spacing_seconds: float = 300.0
    emergency_spacing_seconds: float = 60.0
    backoff_seconds: float = 30.0
    longest_backoff_seconds: float = 900.0

    def __post_init__(self) -> None:
        for item in fields(self):
            number = getattr(self, item.name)
            if not number >= 0:
                raise InvalidInput(f"the rules' {item.name} is {number}; it must be 0 or more")
        if self.max_shrink_fraction > 1:
            raise InvalidInput(f"the rules' max_shrink_fraction is {self.max_shrink_fraction}; it is at most 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the rules must remember between decisions; journalled and restored.

    An empty memory is always safe: it never shrinks at once. ``shrink_wish`` is the largest range wanted
    since ``shrink_since``, the moment from which something smaller than the range in force was wanted
    without a break. ``refusals`` counts the changes that were refused in a row, the last one at ``refused_at``.
    """

    watching_since: datetime | None = None
    changed_at: datetime | None = None
    shrink_since: datetime | None = None
    shrink_wish: Range | None = None
    refused_at: datetime | None = None
    refusals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a rule sees besides the wish as it has become: the advice it began as, and all that is known."""

    snapshot: Snapshot
    settings: RuleSettings
    memory: Memory
    advice: Advice

    @property
    def current(self) -> Range:
        """The range in force."""
        return self.snapshot.status.range

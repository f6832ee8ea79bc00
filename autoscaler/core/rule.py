"""What a safety rule is, and what several of them look at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from autoscaler.core.capacity import Range
from autoscaler.core.decision import Case


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it makes of a wish, and what it says when it changed one."""

    apply: Callable[[Range, Case], Range]
    why: Callable[[Case], str]

    @property
    def name(self) -> str:
        """The sentence the rule is."""
        return self.apply.__name__


def is_blind(case: Case) -> bool:
    """Whether the newest usable sample is too old to trust."""
    return case.snapshot.blind_seconds > case.settings.max_blind_seconds


def is_short_of_capacity(case: Case) -> bool:
    """Whether the newest usable sample was taken at the limit, and all of it after the last change."""
    newest = next((sample for sample in reversed(case.snapshot.recent) if sample.demand_acu is not None), None)
    if newest is None or not newest.censored or is_blind(case):
        return False
    changed_at = last_change(case)
    return changed_at is None or newest.at >= changed_at


def recent_peak_acu(case: Case) -> float:
    """The most that was needed in the recent past."""
    return max((sample.demand_acu or 0.0 for sample in case.snapshot.recent), default=0.0)


def last_change(case: Case) -> datetime | None:
    """When the range was last changed, by us or by somebody else."""
    ours, theirs = case.memory.changed_at, case.snapshot.status.changed_at
    return theirs if ours is None else ours if theirs is None else max(ours, theirs)


def seconds_since(moment: datetime, case: Case) -> float:
    """How long ago that was."""
    return (case.snapshot.at - moment) / timedelta(seconds=1)

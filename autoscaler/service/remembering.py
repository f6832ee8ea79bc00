"""What the rules remember from one tick to the next, given what became of the last decision."""

from datetime import datetime, timedelta

from autoscaler.core.capacity import Status
from autoscaler.core.decide import after_a_refusal, as_if_undecided
from autoscaler.core.decision import Decision, Memory, RuleSettings
from autoscaler.service.job import Job, Mind
from autoscaler.storage.entries import JournalEntry, Record, State


def believed(mind: Mind, job: Job, at: datetime) -> Memory:
    """The memory of the rules, but for what they cannot know: what was wanted while nobody looked."""
    longest = timedelta(seconds=job.longest_gap_seconds)
    memory = mind.memory
    if mind.decided_at is not None and at - mind.decided_at <= longest:
        return memory
    return Memory(changed_at=memory.changed_at, refused_at=memory.refused_at, refusals=memory.refusals)


def notice_late_success(mind: Mind, status: Status) -> None:
    """A change whose call failed is one after all when it is found in force: then it counts for the spacing."""
    late = mind.unanswered
    if late is not None and is_in_force(late.decision, status):
        mind.memory, mind.unanswered = late.memory, None


def is_in_force(decision: Decision, status: Status) -> bool:
    """Whether a cluster has the range that was decided, or is on its way there."""
    return decision.after in (status.range, status.requested)


def remember_outcome(mind: Mind, record: Record, state: State, rules: RuleSettings) -> None:
    """What came of the decision just made."""
    mind.memory = memory_after(record, state, rules)
    if record.decision.changes:
        mind.unanswered = record if state is State.FAILED else None


def memory_after(record: Record | JournalEntry, state: State, rules: RuleSettings) -> Memory:
    """What the rules remember of a decision that came to this end: what was not taken was no change."""
    decided, before = record.memory, record.inputs.memory
    if state in (State.REFUSED, State.FAILED):
        return after_a_refusal(decided, before=before, at=record.decision.at, settings=rules)
    kept_back = state is State.NOT_ENFORCED and record.inputs.control.acts
    return as_if_undecided(decided, before=before) if kept_back or state is State.ABANDONED else decided

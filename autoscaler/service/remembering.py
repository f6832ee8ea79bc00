"""What the rules remember from one tick to the next, given what became of the last decision."""

from datetime import datetime, timedelta

from autoscaler.core.decide import after_a_refusal, as_if_undecided
from autoscaler.core.decision import Memory, RuleSettings
from autoscaler.service.job import Job, Mind
from autoscaler.storage.entries import JournalEntry, Record, State


def believed(mind: Mind, job: Job, at: datetime) -> Memory:
    """The memory of the rules, but for what they cannot know: what was wanted while nobody looked."""
    longest = timedelta(seconds=job.longest_gap_seconds)
    memory = mind.memory
    if mind.decided_at is not None and at - mind.decided_at <= longest:
        return memory
    return Memory(changed_at=memory.changed_at, refused_at=memory.refused_at, refusals=memory.refusals)


def memory_after(record: Record | JournalEntry, state: State, rules: RuleSettings) -> Memory:
    """What the rules remember of a decision that came to this end: what was not taken was no change."""
    decided, before = record.memory, record.inputs.memory
    if state is State.REFUSED:
        return after_a_refusal(decided, before=before, at=record.decision.at, settings=rules)
    kept_back = state is State.NOT_ENFORCED and record.inputs.control.acts
    return as_if_undecided(decided, before=before) if kept_back or state is State.ABANDONED else decided

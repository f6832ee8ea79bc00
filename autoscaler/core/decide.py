"""The one decision function, used live and in backtests alike."""

from dataclasses import replace
from datetime import datetime, timedelta

from autoscaler.core.capacity import Range
from autoscaler.core.decision import Case, Decision, Memory, RuleSettings, Step
from autoscaler.core.ports import Policy
from autoscaler.core.rule import is_blind
from autoscaler.core.rules import RULES
from autoscaler.core.rules_of_owners import keep_to_the_budget
from autoscaler.core.snapshot import Snapshot


def decide(snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory) -> tuple[Decision, Memory]:
    """The policy's wish, put through every rule in order.

    Pure: the only time is ``snapshot.at``. Returns the decision and what to remember for the next one.
    """
    advice = policy.advise(snapshot)
    case = Case(snapshot=snapshot, settings=settings, memory=memory, advice=advice)
    wish = keep_to_the_budget(
        advice.range, case
    )  # so that what the budget takes away is waited for like any other wish
    case = replace(case, memory=_remember_the_wish(wish, case))
    after, steps = _apply_rules(advice.range, case)
    before = snapshot.status.range
    decision = Decision(
        at=snapshot.at,
        cluster_id=snapshot.cluster_id,
        before=before,
        wish=advice.range,
        after=after,
        reason=_sentence(before, after, advice.reason, steps) + _told_halt(snapshot, steps),
        steps=tuple(steps),
    )
    if not (decision.changes and snapshot.control.acts):  # what is only recommended starts no spacing and no new wait
        return decision, _wait_anew_if_in_vain(wish, case)
    return decision, Memory(watching_since=case.memory.watching_since, changed_at=snapshot.at)


def after_a_refusal(decided: Memory, *, before: Memory, at: datetime, settings: RuleSettings) -> Memory:
    """What to remember when the change that was just decided was refused: to wait, longer each time.

    Args:
        decided: the memory that came with the decision.
        before: the memory that went into it.
        at: when it was decided.
        settings: how long to wait.
    """
    longest = timedelta(seconds=2 * settings.longest_backoff_seconds)
    in_a_row = before.refused_at is not None and at - before.refused_at <= longest
    refusals = before.refusals + 1 if in_a_row else 1
    return replace(as_if_undecided(decided, before=before), refused_at=at, refusals=refusals)


def as_if_undecided(decided: Memory, *, before: Memory) -> Memory:
    """What to remember when the change that was just decided was not asked for; what was seen is still known."""
    return replace(before, watching_since=decided.watching_since)


def _apply_rules(wish: Range, case: Case) -> tuple[Range, list[Step]]:
    steps = []
    wanted = wish
    for rule in RULES:
        after = rule.apply(wanted, case)
        if after is not wanted and after != wanted:
            steps.append(Step(rule=rule.name, before=wanted, after=after, why=rule.why(case)))
            wanted = after
    return wanted, steps


def _remember_the_wish(wish: Range, case: Case) -> Memory:
    """A wish for less starts or goes on counting; a blind moment or a wish for no less ends it."""
    memory, snapshot = case.memory, case.snapshot
    watching_since = memory.watching_since or (None if is_blind(case) else snapshot.at)
    if is_blind(case) or not wish.shrinks(case.current):
        since, largest = None, None
    else:
        since = memory.shrink_since or snapshot.at
        largest = wish if memory.shrink_wish is None else wish.at_least(memory.shrink_wish)
    return replace(memory, watching_since=watching_since, shrink_since=since, shrink_wish=largest)


def _wait_anew_if_in_vain(wish: Range, case: Case) -> Memory:
    """A wait that is over and took nothing ends: its largest wish must not outweigh a smaller one for ever."""
    since, at = case.memory.shrink_since, case.snapshot.at
    if since is None or (at - since).total_seconds() < case.settings.shrink_wait_seconds:
        return case.memory
    return replace(case.memory, shrink_since=at, shrink_wish=wish) if wish != case.memory.shrink_wish else case.memory


def _sentence(before: Range, after: Range, reason: str, steps: list[Step]) -> str:
    outcome = f"{before} stays" if after == before else f"{before} becomes {after}"
    return f"{outcome}: {reason}" if not steps else f"{outcome}: {reason}, but {steps[-1].why}"


def _told_halt(snapshot: Snapshot, steps: list[Step]) -> str:
    """The kill switch is told even where it had nothing to stop, or where the last rule spoke after it."""
    told = bool(steps) and steps[-1].rule == "obey_a_freeze"
    return "" if told or not snapshot.control.halted else f"; the kill switch is on: {snapshot.control.halted}"

"""Rules that obey people: what they changed, what they ordered, what they stopped."""

from dataclasses import replace

from autoscaler.core.capacity import Range
from autoscaler.core.control import Direction, Freeze
from autoscaler.core.decision import Case
from autoscaler.core.rule import Rule, is_short_of_capacity


def leave_what_somebody_else_changed(wanted: Range, case: Case) -> Range:
    """Until somebody acknowledges it, a raise from outside is kept, and a lowering is not raised back.

    Short of capacity, the floor may rise as far as the ceiling that was left: we rather waste a little than starve.
    """
    drift = case.snapshot.drift
    if drift is None or drift.acknowledged:
        return wanted
    if drift.after.shrinks(drift.before):
        most = drift.after.at_least(case.current)
        if is_short_of_capacity(case):
            most = replace(most, floor_acu=most.ceiling_acu)
        wanted = wanted.at_most(most)
    if drift.after.grows(drift.before):
        wanted = wanted.at_least(drift.after.at_most(case.current))
    return wanted


def obey_an_override(wanted: Range, case: Case) -> Range:
    """A person's range replaces every wish until it expires."""
    override = case.snapshot.control.override
    return wanted if override is None or override.until <= case.snapshot.at else override.range


def obey_a_freeze(wanted: Range, case: Case) -> Range:
    """A halt holds the range: the kill switch as long as it is on, a person's or a schedule's until it expires."""
    if case.snapshot.control.halted:
        return case.current
    for freeze in _freezes(case):
        wanted = _frozen(wanted, case.current, freeze.direction)
    return wanted


def _freezes(case: Case) -> list[Freeze]:
    """The halts in force. A person's order goes before a schedule's halt: who is there knows more."""
    control, at = case.snapshot.control, case.snapshot.at
    ordered = control.override is not None and control.override.until > at
    asked = (control.freeze, None if ordered else case.advice.freeze)
    return [freeze for freeze in asked if freeze is not None and freeze.until > at]


def _frozen(wanted: Range, current: Range, direction: Direction) -> Range:
    if direction is Direction.BOTH:
        return current
    return wanted.at_least(current) if direction is Direction.SHRINK else wanted.at_most(current)


def _told_drift(case: Case) -> str:
    drift = case.snapshot.drift
    if drift is None:
        return "nobody else changed anything"
    return f"somebody else changed {drift.before} to {drift.after}, and nobody has acknowledged it"


def _told_override(case: Case) -> str:
    override = case.snapshot.control.override
    if override is None:
        return "nobody asked for anything"
    return f"{override.by or 'somebody'} asked for it until {override.until:%Y-%m-%d %H:%M} UTC"


def _told_freeze(case: Case) -> str:
    if case.snapshot.control.halted:
        return f"the kill switch is on: {case.snapshot.control.halted}"
    return " and ".join(
        f"{freeze.by or 'somebody'} froze it until {freeze.until:%Y-%m-%d %H:%M} UTC" for freeze in _freezes(case)
    )


RULES_OF_PEOPLE = (
    Rule(leave_what_somebody_else_changed, _told_drift),
    Rule(obey_an_override, _told_override),
    Rule(obey_a_freeze, _told_freeze),
)

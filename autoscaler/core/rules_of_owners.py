"""Rules of those who own a cluster: its budget, its limits, and what needs their consent besides."""

from dataclasses import replace

from autoscaler.core.capacity import Limits, Range, first_above
from autoscaler.core.cost import needed_acu
from autoscaler.core.decision import Case
from autoscaler.core.rule import Rule


def keep_to_the_budget(wanted: Range, case: Case) -> Range:
    """Where the owner asked for it, a budget that runs out ends what is above the need; the ceiling stays."""
    cap = budget_cap_acu(case)
    if cap is None:
        return wanted
    ceiling = min(wanted.ceiling_acu, max(case.current.ceiling_acu, cap))
    return replace(wanted, floor_acu=min(wanted.floor_acu, cap), ceiling_acu=ceiling)


def move_the_ceiling_only_with_consent(wanted: Range, case: Case) -> Range:
    """Another ceiling means other connection limits after a restart, and another largest bill."""
    ceiling = case.current.ceiling_acu
    if case.snapshot.limits.consent.ceiling or wanted.ceiling_acu == ceiling:
        return wanted
    return replace(wanted, floor_acu=min(wanted.floor_acu, ceiling), ceiling_acu=ceiling)


def cap_the_connections_only_with_consent(wanted: Range, case: Case) -> Range:
    """A floor so low that the provider caps the connections is never come down to unasked."""
    limits = case.snapshot.limits
    if limits.consent.low_floor or wanted.floor_acu > limits.low_floor_acu:
        return wanted
    least = min(case.current.floor_acu, first_above(limits.low_floor_acu, limits.step_acu))
    return wanted if wanted.floor_acu >= least else wanted.with_floor(least)


def interrupt_nothing_without_consent(wanted: Range, case: Case) -> Range:
    """A pause skips jobs that are due, and ends a vacuum."""
    snapshot = case.snapshot
    if not snapshot.status.holds or snapshot.limits.consent.interrupting or snapshot.asleep:
        return wanted
    return wanted if wanted.pause_after_seconds is None else replace(wanted, pause_after_seconds=None)


def stay_within_limits(wanted: Range, case: Case) -> Range:
    """Nothing leaves the owner's limits, whoever asked for it."""
    return case.snapshot.limits.settle(wanted)


def budget_cap_acu(case: Case) -> float | None:
    """The highest need of the last weeks, once the budget is used up or will be; never below the minimum."""
    budget, spending = case.snapshot.prices.budget, case.snapshot.spending
    if budget is None or not budget.clamp or spending is None or spending.highest_demand_acu is None:
        return None
    if not any(one.runs_out for one in case.snapshot.spent):
        return None
    limits = case.snapshot.limits
    return needed_acu(spending.highest_demand_acu, limits.min_acu, limits.step_acu)


def _told_budget(case: Case) -> str:
    cap = budget_cap_acu(case)
    if cap is None:
        return "the budget does not run out"
    return f"the budget runs out, and {cap:g} ACU is the highest need of the last weeks"


def _told_limits(limits: Limits) -> str:
    pause = "may" if limits.may_pause else "never"
    lowest = limits.pauses_from_acu if limits.may_pause else None
    told = "" if lowest is None else f" from a floor of {lowest:g}"
    return f"{limits.min_acu:g} to {limits.max_acu:g} ACU in steps of {limits.step_acu:g}, {pause} pause{told}"


BUDGET = Rule(keep_to_the_budget, _told_budget)
RULES_OF_CONSENT = (
    Rule(
        move_the_ceiling_only_with_consent,
        lambda case: "the owner has not agreed that the ceiling moves (consent: ceiling)",
    ),
    Rule(
        cap_the_connections_only_with_consent,
        lambda case: (
            f"a floor of {case.snapshot.limits.low_floor_acu:g} ACU or less caps the connections, "
            "and the owner has not agreed to that (consent: low_floor)"
        ),
    ),
    Rule(
        interrupt_nothing_without_consent,
        lambda case: (
            f"a pause would meet {' and '.join(case.snapshot.status.holds) or 'nothing'}, "
            "and the owner has not agreed to that (consent: interrupting)"
        ),
    ),
)
LIMITS = Rule(stay_within_limits, lambda case: f"the owner allows {_told_limits(case.snapshot.limits)}")

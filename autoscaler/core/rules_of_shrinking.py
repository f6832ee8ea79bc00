"""Rules that are careful about taking away."""

from dataclasses import replace

from autoscaler.core.capacity import Range
from autoscaler.core.decision import Case
from autoscaler.core.rule import Rule, recent_peak_acu, seconds_since


def wait_before_shrinking(wanted: Range, case: Case) -> Range:
    """A smaller range must have been wanted for a while; the largest wish of that while counts."""
    since, wish = case.memory.shrink_since, case.memory.shrink_wish
    if not wanted.shrinks(case.current):
        return wanted
    if since is None or wish is None or seconds_since(since, case) < case.settings.shrink_wait_seconds:
        return wanted.at_least(case.current)
    return wanted.at_least(wish).at_most(wanted.at_least(case.current))


def shrink_gently(wanted: Range, case: Case) -> Range:
    """One change takes at most a part of the floor, or a grain: the cache behind it comes back slowly."""
    floor = case.current.floor_acu
    lowest = min(floor * (1 - case.settings.max_shrink_fraction), floor - case.snapshot.limits.step_acu)
    return wanted if wanted.floor_acu >= lowest else wanted.with_floor(lowest)


def keep_the_ceiling_above_the_recent_peak(wanted: Range, case: Case) -> Range:
    """A ceiling below the recent peak would throttle, and providers roll such changes back."""
    if wanted.ceiling_acu >= case.current.ceiling_acu:
        return wanted
    ceiling = min(case.current.ceiling_acu, max(wanted.ceiling_acu, recent_peak_acu(case)))
    return replace(wanted, ceiling_acu=ceiling)


RULES_OF_SHRINKING = (
    Rule(
        wait_before_shrinking,
        lambda case: f"less has to be wanted for {case.settings.shrink_wait_seconds:.0f} s without a break",
    ),
    Rule(
        shrink_gently,
        lambda case: f"one change takes at most {case.settings.max_shrink_fraction:.0%} of the floor",
    ),
    Rule(
        keep_the_ceiling_above_the_recent_peak,
        lambda case: f"the recent peak was {recent_peak_acu(case):g} ACU",
    ),
)

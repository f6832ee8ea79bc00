"""Rules about what is not known: missing data neither shrinks a cluster nor grows it."""

from math import isfinite

from autoscaler.core.capacity import Range
from autoscaler.core.decision import Case, Grounds
from autoscaler.core.rule import Rule, is_blind, seconds_since


def never_shrink_blind(wanted: Range, case: Case) -> Range:
    """Without fresh samples nothing shrinks: missing data is unknown, not idle."""
    return wanted.at_least(case.current) if is_blind(case) else wanted


def grow_blind_only_on_sure_grounds(wanted: Range, case: Case) -> Range:
    """Old samples grow nothing; a trusted forecast, a schedule, a fixed range or a person may."""
    if not is_blind(case):
        return wanted
    sure = case.advice.without_sight
    if sure is None or _rests_on_a_doubted_forecast(case):
        return wanted.at_most(case.current)
    return wanted.at_most(sure.at_least(case.current))


def never_shrink_with_a_fresh_memory(wanted: Range, case: Case) -> Range:
    """A process that has just started has not seen enough to take anything away."""
    since = case.memory.watching_since
    if since is None or seconds_since(since, case) < case.settings.watch_seconds:
        return wanted.at_least(case.current)
    return wanted


def _rests_on_a_doubted_forecast(case: Case) -> bool:
    """A policy that is plugged in may not have looked whether its forecast is trusted."""
    forecast = case.snapshot.forecast
    return case.advice.grounds is Grounds.FORECAST and not (forecast is not None and forecast.trusted)


def _told_blindness(case: Case) -> str:
    seconds = case.snapshot.blind_seconds
    return f"no usable sample for {seconds:.0f} s" if isfinite(seconds) else "no usable sample yet"


RULES_OF_SIGHT = (
    Rule(never_shrink_blind, _told_blindness),
    Rule(
        grow_blind_only_on_sure_grounds,
        lambda case: f"{_told_blindness(case)}, and what was seen before is no ground to grow on",
    ),
    Rule(
        never_shrink_with_a_fresh_memory,
        lambda case: f"watching for less than {case.settings.watch_seconds:.0f} s so far",
    ),
)

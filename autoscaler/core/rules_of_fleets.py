"""The rule that keeps one mistake from reaching a whole fleet."""

from dataclasses import replace

from autoscaler.core.capacity import Range, round_down
from autoscaler.core.decision import Case
from autoscaler.core.rule import Rule, is_blind


def keep_to_the_caps_of_the_fleet(wanted: Range, case: Case) -> Range:
    """Within an hour only so many clusters shrink, and only so much is added to those that nobody sees."""
    fleet = case.snapshot.fleet
    if fleet is None:
        return wanted
    if not fleet.may_shrink:
        wanted = wanted.at_least(case.current)
    most = case.current.floor_acu + fleet.blind_growth_acu
    if not is_blind(case) or wanted.floor_acu <= most:
        return wanted
    floor = max(case.current.floor_acu, round_down(most, case.snapshot.limits.step_acu))
    return replace(wanted, floor_acu=floor)


def _told(case: Case) -> str:
    fleet = case.snapshot.fleet
    if fleet is None:
        return "nothing is held back for the fleet"
    if not fleet.may_shrink:
        return "enough clusters of the fleet have shrunk within the hour"
    return f"{fleet.blind_growth_acu:g} ACU are left of what the fleet may grow unseen within an hour"


FLEET = Rule(keep_to_the_caps_of_the_fleet, _told)

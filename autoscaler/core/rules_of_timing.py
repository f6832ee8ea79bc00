"""Rules about the right moment: sleep, changes in flight, and the time between two changes."""

from autoscaler.core.capacity import Phase, Range
from autoscaler.core.decision import Case, RuleSettings
from autoscaler.core.rule import Rule, is_short_of_capacity, last_change, seconds_since

IN_FLIGHT = frozenset({Phase.CHANGING, Phase.PAUSING, Phase.RESUMING, Phase.UNAVAILABLE})


def let_a_sleeping_cluster_sleep(wanted: Range, case: Case) -> Range:
    """Any change of its range wakes a paused cluster, so only a wish to wake it may pass."""
    if not case.snapshot.asleep:
        return wanted
    waking = wanted.pause_after_seconds is None and case.current.pause_after_seconds is not None
    return wanted if waking else case.current


def let_a_change_finish(wanted: Range, case: Case) -> Range:
    """What is in flight is left to finish: a second change on top would fail or confuse."""
    return case.current if _in_flight(case) else wanted


def space_the_changes(wanted: Range, case: Case) -> Range:
    """Between two changes of a range some time passes; less of it before a grow that is needed now."""
    changed_at = last_change(case)
    if changed_at is None:
        return wanted
    seconds = seconds_since(changed_at, case)
    if seconds >= case.settings.change_spacing_seconds:
        return wanted
    if seconds >= case.settings.emergency_spacing_seconds and is_short_of_capacity(case):
        return wanted.at_least(case.current)
    return case.current


def leave_a_refusing_cluster_alone(wanted: Range, case: Case) -> Range:
    """A busy cluster is asked again soon, and then less and less often."""
    refused_at = case.memory.refused_at
    if refused_at is None or seconds_since(refused_at, case) >= _backoff_seconds(case.memory.refusals, case.settings):
        return wanted
    return case.current


def _backoff_seconds(refusals: int, settings: RuleSettings) -> float:
    # Twenty doublings of a second are twelve days.
    return min(settings.backoff_seconds * 2.0 ** min(refusals - 1, 20), settings.longest_backoff_seconds)


def _in_flight(case: Case) -> bool:
    return case.snapshot.status.requested is not None or case.snapshot.status.phase in IN_FLIGHT


def _doing(case: Case) -> str:
    requested = case.snapshot.status.requested
    return f"changing to {requested}" if requested is not None else str(case.snapshot.status.phase)


def _told_backoff(case: Case) -> str:
    times = "once" if case.memory.refusals == 1 else f"{case.memory.refusals} times in a row"
    return (
        f"a change came to nothing {times}, so that it is left alone for "
        f"{_backoff_seconds(case.memory.refusals, case.settings):.0f} s"
    )


RULES_OF_TIMING = (
    Rule(let_a_sleeping_cluster_sleep, lambda case: "the cluster is paused and nobody needs it awake"),
    Rule(let_a_change_finish, lambda case: f"the cluster is {_doing(case)}"),
    Rule(
        space_the_changes,
        lambda case: f"the last change is less than {case.settings.change_spacing_seconds:.0f} s ago",
    ),
    Rule(leave_a_refusing_cluster_alone, _told_backoff),
)

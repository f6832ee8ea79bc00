"""The safety rules, in order: a policy wishes, these decide, and the last one has the last word."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite

from autoscaler.core.capacity import Phase, Range
from autoscaler.core.control import Direction, Freeze
from autoscaler.core.decision import Case

IN_FLIGHT = frozenset({Phase.CHANGING, Phase.PAUSING, Phase.RESUMING, Phase.UNAVAILABLE})


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


def never_shrink_blind(wanted: Range, case: Case) -> Range:
    """Without fresh samples nothing shrinks: missing data is unknown, not idle."""
    return wanted.at_least(case.current) if is_blind(case) else wanted


def never_shrink_with_a_fresh_memory(wanted: Range, case: Case) -> Range:
    """A process that has just started has not seen enough to take anything away."""
    since = case.memory.watching_since
    if since is None or _seconds_since(since, case) < case.settings.watch_seconds:
        return wanted.at_least(case.current)
    return wanted


def wait_before_shrinking(wanted: Range, case: Case) -> Range:
    """A smaller range must have been wanted for a while; the largest wish of that while counts."""
    since, wish = case.memory.shrink_since, case.memory.shrink_wish
    if not wanted.shrinks(case.current):
        return wanted
    if since is None or wish is None or _seconds_since(since, case) < case.settings.shrink_wait_seconds:
        return wanted.at_least(case.current)
    return _no_larger(wanted.at_least(wish), wanted.at_least(case.current))


def shrink_gently(wanted: Range, case: Case) -> Range:
    """One change takes at most a part of the floor, or a grain: the cache behind it comes back slowly."""
    floor = case.current.floor_acu
    lowest = min(floor * (1 - case.settings.max_shrink_fraction), floor - case.snapshot.limits.step_acu)
    return wanted if wanted.floor_acu >= lowest else wanted.with_floor(lowest)


def keep_the_ceiling_above_the_recent_peak(wanted: Range, case: Case) -> Range:
    """A ceiling below the recent peak would throttle, and providers roll such changes back."""
    if wanted.ceiling_acu >= case.current.ceiling_acu:
        return wanted
    ceiling = min(case.current.ceiling_acu, max(wanted.ceiling_acu, _recent_peak_acu(case)))
    return replace(wanted, ceiling_acu=ceiling)


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
    """Between two changes of a range some time passes."""
    changed_at = _last_change(case)
    if changed_at is None or _seconds_since(changed_at, case) >= case.settings.change_spacing_seconds:
        return wanted
    return case.current


def stay_within_limits(wanted: Range, case: Case) -> Range:
    """Nothing leaves the owner's limits, whoever asked for it."""
    return case.snapshot.limits.clip(wanted)


def _seconds_since(moment: datetime, case: Case) -> float:
    return (case.snapshot.at - moment) / timedelta(seconds=1)


def _recent_peak_acu(case: Case) -> float:
    return max((sample.demand_acu or 0.0 for sample in case.snapshot.recent), default=0.0)


def _freezes(case: Case) -> list[Freeze]:
    """The halts in force. A person's order goes before a schedule's halt: who is there knows more."""
    control, at = case.snapshot.control, case.snapshot.at
    ordered = control.override is not None and control.override.until > at
    asked = (control.freeze, None if ordered else case.freeze)
    return [freeze for freeze in asked if freeze is not None and freeze.until > at]


def _frozen(wanted: Range, current: Range, direction: Direction) -> Range:
    if direction is Direction.BOTH:
        return current
    return wanted.at_least(current) if direction is Direction.SHRINK else _no_larger(wanted, current)


def _no_larger(wanted: Range, current: Range) -> Range:
    floor = min(wanted.floor_acu, current.floor_acu)
    ceiling = max(floor, min(wanted.ceiling_acu, current.ceiling_acu))
    awake = current.pauses_sooner_than(wanted)
    return Range(
        floor_acu=floor,
        ceiling_acu=ceiling,
        pause_after_seconds=current.pause_after_seconds if awake else wanted.pause_after_seconds,
    )


def _in_flight(case: Case) -> bool:
    return case.snapshot.status.requested is not None or case.snapshot.status.phase in IN_FLIGHT


def _last_change(case: Case) -> datetime | None:
    ours, theirs = case.memory.changed_at, case.snapshot.status.changed_at
    return theirs if ours is None else ours if theirs is None else max(ours, theirs)


def _doing(case: Case) -> str:
    requested = case.snapshot.status.requested
    return f"changing to {requested}" if requested is not None else str(case.snapshot.status.phase)


def _told_blindness(case: Case) -> str:
    seconds = case.snapshot.blind_seconds
    return f"no usable sample for {seconds:.0f} s" if isfinite(seconds) else "no usable sample yet"


def _told_override(case: Case) -> str:
    override = case.snapshot.control.override
    return f"{override.by or 'somebody'} asked for it until {override.until:%Y-%m-%d %H:%M} UTC" if override else ""


def _told_freeze(case: Case) -> str:
    if case.snapshot.control.halted:
        return f"the kill switch is on: {case.snapshot.control.halted}"
    return " and ".join(
        f"{freeze.by or 'somebody'} froze it until {freeze.until:%Y-%m-%d %H:%M} UTC" for freeze in _freezes(case)
    )


def _told_limits(case: Case) -> str:
    limits = case.snapshot.limits
    pause = "may" if limits.may_pause else "never"
    return f"{limits.min_acu:g} to {limits.max_acu:g} ACU in steps of {limits.step_acu:g}, {pause} pause"


RULES: tuple[Rule, ...] = (
    Rule(never_shrink_blind, _told_blindness),
    Rule(
        never_shrink_with_a_fresh_memory,
        lambda case: f"watching for less than {case.settings.watch_seconds:.0f} s so far",
    ),
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
        lambda case: f"the recent peak was {_recent_peak_acu(case):g} ACU",
    ),
    Rule(obey_an_override, _told_override),
    Rule(obey_a_freeze, _told_freeze),
    Rule(let_a_sleeping_cluster_sleep, lambda case: "the cluster is paused and nobody needs it awake"),
    Rule(let_a_change_finish, lambda case: f"the cluster is {_doing(case)}"),
    Rule(
        space_the_changes,
        lambda case: f"the last change is less than {case.settings.change_spacing_seconds:.0f} s ago",
    ),
    Rule(stay_within_limits, lambda case: f"the owner allows {_told_limits(case)}"),
)

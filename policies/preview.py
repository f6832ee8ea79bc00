"""What a policy will hold a cluster to over the coming days, as far as that can be told without knowing the load."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from autoscaler.core.capacity import Limits, Range, later_pause
from autoscaler.core.control import Direction, Freeze, both_freezes
from autoscaler.core.ports import Policy
from policies.combinators import FirstThatKnows, LargestOf, Within
from policies.localtime import shift_between
from policies.native import Native
from policies.openings import SECONDS_PER_DAY
from policies.scheduled import Scheduled

HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What holds for a while; when the floor follows the demand, it may be anything from this one up to the ceiling."""

    floor_acu: float
    ceiling_acu: float
    pause_after_seconds: int | None
    follows_demand: bool
    freeze: Direction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsFrom:
    """Bounds from a moment until another one, both UTC, and why; ``ramping`` while they climb to a window's."""

    start: datetime
    end: datetime
    bounds: Bounds
    reason: str
    ramping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """A moment at which the clocks of a zone are changed, by so many seconds forward."""

    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """What one policy says of a moment; without a ceiling that stays as it is."""

    floor_acu: float
    ceiling_acu: float | None
    pause_after_seconds: int | None
    follows_demand: bool
    reason: str
    known: bool = True
    freeze: Freeze | None = None
    ramping: bool = False


def preview(policy: Policy, limits: Limits, *, start: datetime, end: datetime) -> tuple[BoundsFrom, ...]:
    """The effective bounds from ``start`` to ``end``, without a gap; neighbours differ.

    They are those of an idle cluster: before the safety rules, which make changes later, never larger than
    the limits. A ceiling that no policy names is taken for the owner's maximum.
    """
    first, last = start.timestamp(), end.timestamp()
    edges = sorted({edge for edge in _edges(policy, first, last, limits) if first < edge < last} | {first})
    found: list[BoundsFrom] = []
    for edge, until in zip(edges, [*edges[1:], last], strict=True):
        word = _word(policy, edge, limits)
        bounds, finish = _bounds(word, limits), datetime.fromtimestamp(until, UTC)
        if found and found[-1].bounds == bounds:
            found[-1] = replace(found[-1], end=finish)
        else:
            begin = datetime.fromtimestamp(edge, UTC)
            found.append(BoundsFrom(start=begin, end=finish, bounds=bounds, reason=word.reason, ramping=word.ramping))
    return tuple(found)


def bounds_at(policy: Policy, limits: Limits, at: datetime) -> Bounds:
    """The effective bounds at a moment, as `preview` has them."""
    return _bounds(_word(policy, at.timestamp(), limits), limits)


def clock_changes(zone: ZoneInfo, *, start: datetime, end: datetime) -> tuple[ClockChange, ...]:
    """When the clocks of a zone are changed between two moments."""
    found = []
    first, last = int(start.timestamp()), int(end.timestamp())
    for before in range(first, last, HOUR):
        after = min(before + HOUR, last)
        shift = _offset(after, zone) - _offset(before, zone)
        if shift:
            at = datetime.fromtimestamp(shift_between(before, after, zone), UTC)
            found.append(ClockChange(at=at, seconds=shift.total_seconds()))
    return tuple(found)


def time_zones(policy: Policy) -> tuple[str, ...]:
    """The time zones of all schedules in a policy, in their order."""
    return tuple(dict.fromkeys(schedule.time_zone for schedule in _schedules(policy)))


def _offset(seconds: float, zone: ZoneInfo) -> timedelta:
    return datetime.fromtimestamp(seconds, zone).utcoffset() or timedelta(0)


def _schedules(policy: Policy) -> Iterator[Scheduled]:
    if isinstance(policy, Scheduled):
        yield policy
    elif isinstance(policy, LargestOf | FirstThatKnows):
        for part in policy.policies:
            yield from _schedules(part)
    elif isinstance(policy, Within):
        yield from _schedules(policy.policy)


def _edges(policy: Policy, first: float, last: float, limits: Limits) -> Iterator[float]:
    for schedule in _schedules(policy):
        for day in range(int(first // SECONDS_PER_DAY), int(last // SECONDS_PER_DAY) + 1):
            yield from schedule.plan(day, limits).starts


def _bounds(word: _Word, limits: Limits) -> Bounds:
    ceiling = limits.max_acu if word.ceiling_acu is None else word.ceiling_acu
    floor = min(word.floor_acu, ceiling)
    kept = limits.clip(Range(floor_acu=floor, ceiling_acu=ceiling, pause_after_seconds=word.pause_after_seconds))
    return Bounds(
        floor_acu=kept.floor_acu,
        ceiling_acu=kept.ceiling_acu,
        pause_after_seconds=kept.pause_after_seconds,
        follows_demand=word.follows_demand,
        freeze=None if word.freeze is None else word.freeze.direction,
    )


def _word(policy: Policy, at: float, limits: Limits) -> _Word:
    if isinstance(policy, Scheduled):
        return _word_of_a_schedule(policy, at, limits)
    if isinstance(policy, Native):
        return _Word(
            floor_acu=limits.min_acu if policy.floor_acu is None else policy.floor_acu,
            ceiling_acu=limits.max_acu if policy.ceiling_acu is None else policy.ceiling_acu,
            pause_after_seconds=policy.pause_after_seconds or limits.pause_after_seconds,
            follows_demand=False,
            reason="the range is fixed",
        )
    if isinstance(policy, Within):
        return _word_within(policy, at, limits)
    if isinstance(policy, LargestOf):
        return _largest_word([_word(part, at, limits) for part in policy.policies])
    if isinstance(policy, FirstThatKnows):
        return _first_word([_word(part, at, limits) for part in policy.policies])
    own = getattr(policy, "pause_after_seconds", None)
    return _Word(
        floor_acu=limits.min_acu,
        ceiling_acu=None,
        pause_after_seconds=own or limits.pause_after_seconds,
        follows_demand=True,
        reason="the floor follows the demand",
    )


def _word_of_a_schedule(policy: Scheduled, at: float, limits: Limits) -> _Word:
    plan = policy.plan(int(at // SECONDS_PER_DAY), limits)
    place = bisect_right(plan.starts, at) - 1
    wish, freeze = plan.wishes[place], plan.freezes[place]
    if wish is None:
        return _silent("no window of the schedule is open", limits, freeze)
    return _Word(
        floor_acu=wish.floor_acu,
        ceiling_acu=wish.ceiling_acu,
        pause_after_seconds=wish.pause_after_seconds,
        follows_demand=False,
        reason=wish.reason,
        freeze=freeze,
        ramping=wish.ramping,
    )


def _silent(reason: str, limits: Limits, freeze: Freeze | None) -> _Word:
    """Nobody knows: the range stays as it is, which may be any the owner allows."""
    return _Word(
        floor_acu=limits.min_acu,
        ceiling_acu=None,
        pause_after_seconds=limits.pause_after_seconds,
        follows_demand=True,
        reason=f"{reason}: the range stays as it is",
        known=False,
        freeze=freeze,
    )


def _word_within(policy: Within, at: float, limits: Limits) -> _Word:
    inner = _word(policy.policy, at, limits)
    if not inner.known:
        return inner
    ceilings = [acu for acu in (inner.ceiling_acu, policy.ceiling_acu) if acu is not None]
    return replace(
        inner,
        floor_acu=inner.floor_acu if policy.floor_acu is None else max(inner.floor_acu, policy.floor_acu),
        ceiling_acu=min(ceilings) if ceilings else None,
    )


def _largest_word(words: list[_Word]) -> _Word:
    freeze = None
    for word in words:
        freeze = both_freezes(freeze, word.freeze)
    known = [word for word in words if word.known]
    if not known:
        return replace(words[0], freeze=freeze)
    largest = max(known, key=lambda word: word.floor_acu)
    pause, ceilings = largest.pause_after_seconds, [word.ceiling_acu for word in known]
    for word in known:
        pause = later_pause(pause, word.pause_after_seconds)
    return replace(
        largest,
        ceiling_acu=None if None in ceilings else max(acu for acu in ceilings if acu is not None),
        pause_after_seconds=pause,
        follows_demand=any(word.follows_demand for word in known),
        freeze=freeze,
    )


def _first_word(words: list[_Word]) -> _Word:
    freeze = None
    for word in words:
        freeze = both_freezes(freeze, word.freeze)
        if word.known:
            return replace(word, freeze=freeze)
    return replace(words[-1], freeze=freeze)

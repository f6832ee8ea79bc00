"""The policy that follows a calendar."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import cast
from weakref import ReferenceType, ref
from zoneinfo import ZoneInfo

from autoscaler.core.capacity import Limits
from autoscaler.core.decision import Advice
from autoscaler.core.snapshot import Snapshot
from autoscaler.errors import InvalidInput
from policies.checks import check_number, check_tuple
from policies.localtime import first_instant, last_instant, zone_named
from policies.timetable import DatedWindow, Otherwise, Window, opening_minutes
from policies.wish import wished_range

SECONDS_PER_DAY = 86_400
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# Clocks are 14 h ahead of UTC at most and 12 h behind, and windows end by the second midnight.
EARLIEST_START_SECONDS = 14 * 3600
LATEST_END_SECONDS = (24 + 24 + 12) * 3600
OFFICE_HOURS = Window(floor_share=0.25)
OWNERS_MINIMUM = Otherwise()


# Plans are remembered by a weak reference: unlike the schedule itself it computes its hash once only.
@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Scheduled:
    """Follows a calendar of days and hours.

    Inside a window its floor, outside them ``otherwise``. A dated window replaces the weekly ones while it
    is open, so that a sale may ask for more and a holiday for less; of several open windows of a kind the
    largest wish counts. Clock changes: a window is open from the first time its start is on the clock until
    the last time its end is; a skipped time is the moment of the shift.

    Args:
        time_zone: the IANA name of the clock that the windows are read on.
        windows: the weekly windows.
        dates: the dated windows.
        otherwise: what to ask for when no window is open; None to know nothing then and leave it to others.
        lead_seconds: how long before it is due a larger wish is made.
    """

    time_zone: str = "UTC"
    windows: tuple[Window, ...] = (OFFICE_HOURS,)
    dates: tuple[DatedWindow, ...] = ()
    otherwise: Otherwise | None = OWNERS_MINIMUM
    lead_seconds: float = 600.0

    def __post_init__(self) -> None:
        zone_named(self.time_zone)
        check_tuple("windows", self.windows, Window)
        check_tuple("dates", self.dates, DatedWindow)
        check_number("lead_seconds", self.lead_seconds, at_least=0, at_most=SECONDS_PER_DAY)
        _check_ceilings(self)

    @property
    def recent_seconds(self) -> float:
        return 0.0

    @property
    def looks_ahead(self) -> bool:
        return False

    def advise(self, snapshot: Snapshot) -> Advice:
        current = snapshot.status.range
        seconds = snapshot.at.timestamp()
        plan = _plan(ref(self), int(seconds // SECONDS_PER_DAY), snapshot.limits)
        wish = plan.wishes[bisect_right(plan.starts, seconds) - 1]
        if wish is None:
            return Advice(range=current, reason="no window of the schedule is open", known=False)
        wanted = wished_range(
            snapshot,
            floor_acu=wish.floor_acu,
            ceiling_acu=current.ceiling_acu if wish.ceiling_acu is None else wish.ceiling_acu,
            pause_after_seconds=wish.pause_after_seconds,
        )
        return Advice(range=wanted, reason=wish.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the schedule asks for at some moment; without a ceiling it stays as it is."""

    floor_acu: float
    ceiling_acu: float | None
    pause_after_seconds: int | None
    reason: str

    def exceeds(self, other: "_Wish") -> bool:
        return (
            self.floor_acu > other.floor_acu
            or (self.ceiling_acu or 0.0) > (other.ceiling_acu or 0.0)
            or _lateness(self) > _lateness(other)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """The wishes of a stretch of time, each from its start until the next one's."""

    starts: tuple[float, ...]
    wishes: tuple[_Wish | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """One time that a window is open, in seconds since 1970."""

    start: float
    end: float
    dated: bool
    wish: _Wish


# Ten thousand clusters with a schedule each fit; a plan takes about 2 kB and 0.1 ms.
@lru_cache(maxsize=16_384)
def _plan(schedule: ReferenceType[Scheduled], day: int, limits: Limits) -> _Plan:
    """The wishes of one UTC day, counted from 1970, with the lead."""
    policy = cast(Scheduled, schedule())  # the caller holds it
    begin, lead = float(day * SECONDS_PER_DAY), policy.lead_seconds
    end = begin + SECONDS_PER_DAY
    due = _plan_without_lead(policy, begin, end + lead, limits)
    ends = (*due.starts[1:], end + lead)
    starts = sorted({s for start in due.starts for s in (start, start - lead) if begin <= s < end} | {begin})
    wishes = []
    for start in starts:
        coming = [
            _announced(wish, due_at) if wish is not None and due_at > start else wish
            for due_at, over, wish in zip(due.starts, ends, due.wishes, strict=True)
            if due_at <= start + lead and over > start
        ]
        wishes.append(_largest(coming))
    return _Plan(starts=tuple(starts), wishes=tuple(wishes))


def _plan_without_lead(policy: Scheduled, begin: float, end: float, limits: Limits) -> _Plan:
    openings = _openings(policy, begin, end, limits.max_acu)
    edges = {edge for opening in openings for edge in (opening.start, opening.end) if begin < edge < end}
    starts = (begin, *sorted(edges))
    base = _base_wish(policy, limits)
    wishes = []
    for start in starts:
        now_open = [opening for opening in openings if opening.start <= start < opening.end]
        dated = [opening for opening in now_open if opening.dated]
        wishes.append(_largest(opening.wish for opening in dated or now_open) or base)
    return _Plan(starts=starts, wishes=tuple(wishes))


def _openings(policy: Scheduled, begin: float, end: float, max_acu: float) -> list[_Opening]:
    """The times in [begin, end) that a window is open."""
    zone = zone_named(policy.time_zone)
    # Day by day from the first whose windows may still be open at the begin to the last that may have begun.
    first = int((begin - LATEST_END_SECONDS) // SECONDS_PER_DAY)
    last = int((end + EARLIEST_START_SECONDS) // SECONDS_PER_DAY)
    days = [date.fromordinal(EPOCH_ORDINAL + day) for day in range(first, last + 1)]
    windows: tuple[Window | DatedWindow, ...] = (*policy.windows, *policy.dates)
    openings = [_opening(window, day, zone, max_acu) for window in windows for day in days if window.starts_on(day)]
    return [opening for opening in openings if max(opening.start, begin) < min(opening.end, end)]


def _opening(window: Window | DatedWindow, day: date, zone: ZoneInfo, max_acu: float) -> _Opening:
    start, end = opening_minutes(window)
    floor_acu = window.floor_acu if window.floor_acu is not None else (window.floor_share or 0.0) * max_acu
    wish = _Wish(
        floor_acu=floor_acu,
        ceiling_acu=window.ceiling_acu,
        pause_after_seconds=window.pause_after_seconds,
        reason=f"the window {window} ({zone.key}) asks for a floor of {floor_acu:g} ACU",
    )
    return _Opening(
        start=first_instant(day, start, zone),
        end=last_instant(day, end, zone),
        dated=isinstance(window, DatedWindow),
        wish=wish,
    )


def _base_wish(policy: Scheduled, limits: Limits) -> _Wish | None:
    base = policy.otherwise
    if base is None:
        return None
    floor = "the owner's minimum" if base.floor_acu is None else f"a floor of {base.floor_acu:g} ACU"
    return _Wish(
        floor_acu=base.floor_acu or 0.0,
        ceiling_acu=base.ceiling_acu,
        pause_after_seconds=base.pause_after_seconds or limits.pause_after_seconds,
        reason=f"no window of the schedule is open: {floor}",
    )


def _announced(wish: _Wish, due_at: float) -> _Wish:
    return replace(wish, reason=f"{wish.reason} from {datetime.fromtimestamp(due_at, UTC):%H:%M} UTC on")


def _largest(wishes: Iterable[_Wish | None]) -> _Wish | None:
    """The most that any of these asks for, in the words of the one with the highest floor."""
    largest = None
    for wish in wishes:
        if largest is None or wish is None:
            largest = wish or largest
        elif wish.exceeds(largest):
            told, other = (wish, largest) if wish.floor_acu >= largest.floor_acu else (largest, wish)
            # All of them name a ceiling, or none does.
            higher = max(told, other, key=lambda one: one.ceiling_acu or 0.0)
            latest = max(told, other, key=_lateness)
            largest = replace(told, ceiling_acu=higher.ceiling_acu, pause_after_seconds=latest.pause_after_seconds)
    return largest


def _lateness(wish: _Wish) -> float:
    return float("inf") if wish.pause_after_seconds is None else wish.pause_after_seconds


def _check_ceilings(schedule: Scheduled) -> None:
    parts: list[Window | DatedWindow | Otherwise] = [*schedule.windows, *schedule.dates]
    if schedule.otherwise is not None:
        parts.append(schedule.otherwise)
    named = [part for part in parts if part.ceiling_acu is not None]
    if named and len(named) < len(parts):
        silent = next(part for part in parts if part.ceiling_acu is None)
        raise InvalidInput(
            f"{_called(named[0])} has a ceiling_acu and {_called(silent)} has none; give it to all or to none of them,"
            " so that a changed ceiling is changed back"
        )


def _called(part: Window | DatedWindow | Otherwise) -> str:
    return "otherwise" if isinstance(part, Otherwise) else f"the window {part}"

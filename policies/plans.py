"""What a schedule asks for over one UTC day, worked out once and then only looked up."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from autoscaler.core.capacity import Limits
from autoscaler.core.control import Freeze, both_freezes
from policies.localtime import zone_named
from policies.openings import SECONDS_PER_DAY, Halt, Opening, Rank, Stretch, halts, openings

if TYPE_CHECKING:
    from policies.scheduled import Scheduled


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the schedule asks for at some moment; without a ceiling it stays as it is."""

    floor_acu: float
    ceiling_acu: float | None
    pause_after_seconds: int | None
    reason: str
    ramping: bool = False

    def exceeds(self, other: "Wish") -> bool:
        """Whether it asks for more in any way."""
        return (
            self.floor_acu > other.floor_acu
            or (self.ceiling_acu or 0.0) > (other.ceiling_acu or 0.0)
            or _lateness(self) > _lateness(other)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """The wishes and freezes of a stretch of time, each from its start until the next one's."""

    starts: tuple[float, ...]
    wishes: tuple[Wish | None, ...]
    freezes: tuple[Freeze | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """The wishes as they are due, before the lead."""

    starts: tuple[float, ...]
    wishes: tuple[Wish | None, ...]


def plan_day(policy: "Scheduled", day: int, limits: Limits) -> DayPlan:
    """The wishes of one UTC day, counted from 1970, with the lead, and its freezes."""
    begin, lead = float(day * SECONDS_PER_DAY), policy.lead_seconds
    end = begin + SECONDS_PER_DAY
    zone = zone_named(policy.time_zone)
    due = _plan_without_lead(
        policy, Stretch(begin=begin, end=end + lead, zone=zone, calendars=policy.calendars), limits
    )
    frozen = halts(policy.freezes, Stretch(begin=begin, end=end, zone=zone, calendars=policy.calendars))
    ends = (*due.starts[1:], end + lead)
    edges = {s for start in due.starts for s in (start, start - lead)} | {e for h in frozen for e in (h.start, h.end)}
    starts = sorted({edge for edge in edges if begin <= edge < end} | {begin})
    wishes = []
    for start in starts:
        coming = [
            _announced(wish, due_at) if wish is not None and due_at > start else wish
            for due_at, over, wish in zip(due.starts, ends, due.wishes, strict=True)
            if due_at <= start + lead and over > start
        ]
        wishes.append(_largest(coming))
    freezes = tuple(_freeze_at(start, frozen, zone.key) for start in starts)
    return DayPlan(starts=tuple(starts), wishes=tuple(wishes), freezes=freezes)


def _plan_without_lead(policy: "Scheduled", stretch: Stretch, limits: Limits) -> _Due:
    found = openings((*policy.windows, *policy.crons, *policy.dates, *policy.events), stretch)
    edges = {edge for opening in found for edge in (opening.start, opening.end) if stretch.begin < edge < stretch.end}
    starts = (stretch.begin, *sorted(edges))
    base = _base_wish(policy, limits)
    spoken = [(opening, _wish(opening, base, limits, stretch.zone.key)) for opening in found]
    wishes = []
    for start in starts:
        now_open = [(opening, wish) for opening, wish in spoken if opening.start <= start < opening.end]
        by_rank = {rank: [wish for opening, wish in now_open if opening.rank is rank] for rank in Rank}
        wish = _largest(by_rank[Rank.DATED] or by_rank[Rank.WEEKLY]) or base
        wishes.append(_largest([wish, *by_rank[Rank.RAMP]]))
    return _Due(starts=starts, wishes=tuple(wishes))


def _wish(opening: Opening, base: Wish | None, limits: Limits, zone: str) -> Wish:
    window = opening.window
    floor_acu = window.floor_acu if window.floor_acu is not None else (window.floor_share or 0.0) * limits.max_acu
    reason = f"the window {window} ({zone}) asks for a floor of {floor_acu:g} ACU"
    if opening.rank is Rank.RAMP:
        under = limits.min_acu if base is None else max(base.floor_acu, limits.min_acu)
        part = under + max(0.0, floor_acu - under) * opening.part
        reason = f"{reason}; its ramp has come to {part:.4g} ACU"
        floor_acu = part
    return Wish(
        floor_acu=floor_acu,
        ceiling_acu=window.ceiling_acu,
        pause_after_seconds=window.pause_after_seconds,
        reason=reason,
        ramping=opening.rank is Rank.RAMP,
    )


def _base_wish(policy: "Scheduled", limits: Limits) -> Wish | None:
    base = policy.otherwise
    if base is None:
        return None
    floor = "the owner's minimum" if base.floor_acu is None else f"a floor of {base.floor_acu:g} ACU"
    return Wish(
        floor_acu=base.floor_acu or 0.0,
        ceiling_acu=base.ceiling_acu,
        pause_after_seconds=base.pause_after_seconds or limits.pause_after_seconds,
        reason=f"no window of the schedule is open: {floor}",
    )


def _freeze_at(at: float, frozen: Iterable[Halt], zone: str) -> Freeze | None:
    """What is frozen then."""
    freeze = None
    for halt in frozen:
        if halt.start <= at < halt.end:
            until = datetime.fromtimestamp(halt.end, UTC)
            by = f"the schedule ({halt.window}, {zone})"
            freeze = both_freezes(freeze, Freeze(direction=halt.window.direction, until=until, by=by))
    return freeze


def _announced(wish: Wish, due_at: float) -> Wish:
    return replace(wish, reason=f"{wish.reason} from {datetime.fromtimestamp(due_at, UTC):%H:%M} UTC on")


def _largest(wishes: Iterable[Wish | None]) -> Wish | None:
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


def _lateness(wish: Wish) -> float:
    return float("inf") if wish.pause_after_seconds is None else wish.pause_after_seconds

"""From windows to instants: when each of them is open, climbs, or freezes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from math import ceil
from zoneinfo import ZoneInfo

from policies.calendars import Calendar, days_by_name
from policies.localtime import MINUTES_PER_DAY, first_instant, last_instant
from policies.occasions import LONGEST_CRON_MINUTES, CronWindow, EventWindow, FreezeWindow, cron_minutes
from policies.timetable import DatedWindow, Window, opening_minutes

SECONDS_PER_DAY = 86_400
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# Clocks are 14 h ahead of UTC at most and 12 h behind. Windows end by the second midnight; those by cron are longer.
EARLIEST_START_SECONDS = 14 * 3600
LATEST_END_SECONDS = (24 + 24 + 12) * 3600
LATEST_CRON_END_SECONDS = LONGEST_CRON_MINUTES * 60 + LATEST_END_SECONDS
# Ranges are changed every five minutes at most (by default), so a ramp of finer steps would not be followed.
RAMP_STEP_SECONDS = 300.0

Asking = Window | DatedWindow | CronWindow | EventWindow


class Rank(Enum):
    """Whose word counts: a dated window replaces the weekly ones, a ramp only ever adds."""

    WEEKLY = 1
    DATED = 2
    RAMP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A time that a window is open, in seconds since 1970; ``part`` is how much of its climb a ramp has done."""

    start: float
    end: float
    rank: Rank
    window: Asking
    part: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A time that a window freezes the range, in seconds since 1970."""

    start: float
    end: float
    window: FreezeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The stretch of time that is looked at, in seconds since 1970, on some clock, with these calendars."""

    begin: float
    end: float
    zone: ZoneInfo
    calendars: tuple[Calendar, ...]

    def overlaps(self, start: float, end: float) -> bool:
        """Whether a time has a part inside."""
        return max(start, self.begin) < min(end, self.end)


def openings(windows: Iterable[Asking], stretch: Stretch) -> list[Opening]:
    """The times that a window is open or ramps up to, as far as they reach into the stretch."""
    days = days_by_name(stretch.calendars)
    found: list[Opening] = []
    for window in windows:
        rank = Rank.DATED if isinstance(window, DatedWindow | EventWindow) else Rank.WEEKLY
        for start, end in _times(window, stretch, days):
            steps = _with_ramp(Opening(start=start, end=end, rank=rank, window=window))
            found += [step for step in steps if stretch.overlaps(step.start, step.end)]
    return found


def halts(windows: Iterable[FreezeWindow], stretch: Stretch) -> list[Halt]:
    """The times that a window freezes the range, as far as they reach into the stretch."""
    days = days_by_name(stretch.calendars)
    return [
        Halt(start=start, end=end, window=window)
        for window in windows
        for start, end in _times(window, stretch, days)
        if stretch.overlaps(start, end)
    ]


def _times(
    window: Asking | FreezeWindow, stretch: Stretch, days: Mapping[str, frozenset[date]]
) -> Iterator[tuple[float, float]]:
    """Starts and ends around the stretch."""
    zone = stretch.zone
    if isinstance(window, EventWindow) or (isinstance(window, FreezeWindow) and window.calendar is not None):
        yield from _calendar_times(window.calendar, stretch)
        return
    ramp = 0.0 if isinstance(window, FreezeWindow) else window.ramp_minutes * 60
    latest = LATEST_CRON_END_SECONDS if isinstance(window, CronWindow) else LATEST_END_SECONDS
    # Day by day from the first whose windows may still be open at the begin to the last that may have begun.
    first = int((stretch.begin - latest) // SECONDS_PER_DAY)
    last = int((stretch.end + ramp + EARLIEST_START_SECONDS) // SECONDS_PER_DAY)
    for number in range(first, last + 1):
        day = date.fromordinal(EPOCH_ORDINAL + number)
        if not isinstance(window, DatedWindow) and not _fits(day, window.only_on, window.not_on, days):
            continue
        if isinstance(window, CronWindow):
            for minutes in cron_minutes(window.start, day):
                start = first_instant(day, minutes, zone)
                yield start, start + window.duration_minutes * 60
        elif window.starts_on(day):
            opens, closes = opening_minutes(window)
            yield first_instant(day, opens, zone), last_instant(day, closes, zone)


def _fits(day: date, only_on: str | None, not_on: str | None, days: Mapping[str, frozenset[date]]) -> bool:
    return (only_on is None or day in days[only_on]) and (not_on is None or day not in days[not_on])


def _calendar_times(name: str | None, stretch: Stretch) -> Iterator[tuple[float, float]]:
    """The days and spans of a calendar; the days far from the stretch are left out unread."""
    calendar = next(calendar for calendar in stretch.calendars if calendar.name == name)
    first = int((stretch.begin - 2 * SECONDS_PER_DAY) // SECONDS_PER_DAY) + EPOCH_ORDINAL
    last = int((stretch.end + 2 * SECONDS_PER_DAY) // SECONDS_PER_DAY) + EPOCH_ORDINAL
    for day in calendar.days:
        if first <= day.toordinal() <= last:
            yield first_instant(day, 0, stretch.zone), last_instant(day, MINUTES_PER_DAY, stretch.zone)
    for span in calendar.spans:
        if span.start.tzinfo is not None:
            yield span.start.timestamp(), span.end.timestamp()
        else:
            yield (
                span.start.replace(tzinfo=stretch.zone).timestamp(),
                span.end.replace(tzinfo=stretch.zone, fold=1).timestamp(),
            )


def _with_ramp(opening: Opening) -> Iterator[Opening]:
    """The opening, after the steps that climb to it."""
    seconds = timedelta(minutes=opening.window.ramp_minutes).total_seconds()
    steps = ceil(seconds / RAMP_STEP_SECONDS)
    for step in range(steps):
        yield Opening(
            start=opening.start - round(seconds * (steps - step) / steps),
            end=opening.start - round(seconds * (steps - step - 1) / steps),
            rank=Rank.RAMP,
            window=opening.window,
            part=(step + 1) / (steps + 1),
        )
    yield opening

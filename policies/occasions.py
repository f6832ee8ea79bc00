"""The less usual windows of a schedule: by cron expression, by calendar, and those that freeze a range."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from cronsim import CronSim, CronSimError

from autoscaler.core.control import Direction
from autoscaler.errors import InvalidInput
from policies.checks import check_number
from policies.localtime import MINUTES_PER_DAY
from policies.timetable import check_ask, opening_minutes, weekdays_of

# A plan is made of all starts of some days: one every quarter of an hour is more than a range can follow.
MOST_STARTS_PER_DAY = 96
LONGEST_CRON_MINUTES = 7 * MINUTES_PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class CronWindow:
    """A window that starts whenever a cron expression says so.

    Args:
        start: minute, hour, day of month, month and day of week, such as ``30 22 * * mon-fri`` or ``0 6 L * *``.
        duration_minutes: how long it stays open, by elapsed time.
        floor_acu: as of a weekly window.
        floor_share: as of a weekly window.
        ceiling_acu: as of a weekly window.
        pause_after_seconds: as of a weekly window.
        ramp_minutes: as of a weekly window.
        only_on: as of a weekly window.
        not_on: as of a weekly window.
    """

    start: str
    duration_minutes: float
    floor_acu: float | None = None
    floor_share: float | None = None
    ceiling_acu: float | None = None
    pause_after_seconds: int | None = None
    ramp_minutes: float = 0.0
    only_on: str | None = None
    not_on: str | None = None

    def __post_init__(self) -> None:
        check_cron(self.start)
        check_number("duration_minutes", self.duration_minutes, above=0, at_most=LONGEST_CRON_MINUTES)
        check_ask(self)

    def __str__(self) -> str:
        return f"cron '{self.start}' for {self.duration_minutes:g} min"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWindow:
    """A window that is open during each day and stretch of a calendar; like a dated one it replaces the weekly ones.

    Args:
        calendar: the calendar's name.
        floor_acu: as of a weekly window.
        floor_share: as of a weekly window.
        ceiling_acu: as of a weekly window.
        pause_after_seconds: as of a weekly window.
        ramp_minutes: as of a weekly window.
    """

    calendar: str
    floor_acu: float | None = None
    floor_share: float | None = None
    ceiling_acu: float | None = None
    pause_after_seconds: int | None = None
    ramp_minutes: float = 0.0

    def __post_init__(self) -> None:
        check_ask(self)

    def __str__(self) -> str:
        return f"calendar '{self.calendar}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeWindow:
    """Hours in which the range does not shrink, does not grow, or does neither.

    Args:
        direction: ``shrink``, ``grow`` or ``both``: what it stops.
        days: the days of the week it starts on.
        start: local time, as of a weekly window.
        end: local time, as of a weekly window.
        first_day: only from this day on.
        last_day: only until this day.
        only_on: only on the days of this calendar.
        not_on: not on the days of this calendar.
        calendar: during each day and stretch of this calendar, whatever the settings above say.
    """

    direction: Direction = Direction.BOTH
    days: str = "daily"
    start: str = "00:00"
    end: str = "24:00"
    first_day: date | None = None
    last_day: date | None = None
    only_on: str | None = None
    not_on: str | None = None
    calendar: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.direction, Direction):
            raise InvalidInput(f"direction is {self.direction!r}; give one of {', '.join(Direction)}")
        weekdays_of(str(self.days))
        opening_minutes(self)
        if self.first_day is not None and self.last_day is not None and self.last_day < self.first_day:
            raise InvalidInput(f"last_day is {self.last_day}, before the first_day {self.first_day}; swap them")

    def __str__(self) -> str:
        if self.calendar is not None:
            return f"calendar '{self.calendar}'"
        first = "" if self.first_day is None else f" from {self.first_day}"
        last = "" if self.last_day is None else f" until {self.last_day}"
        return f"{self.days} {self.start} to {self.end}{first}{last}"

    def starts_on(self, day: date) -> bool:
        """Whether it has a start on this local day, calendars aside."""
        if (self.first_day is not None and day < self.first_day) or (self.last_day is not None and day > self.last_day):
            return False
        return day.weekday() in weekdays_of(self.days)


def check_cron(text: object) -> None:
    """Refuse what is no cron expression of five fields, and what starts all the time."""
    if not isinstance(text, str) or len(text.split()) != 5:
        raise InvalidInput(
            f"start is {text!r}; give a cron expression of five fields, minute hour day month weekday,"
            " such as '30 22 * * mon-fri'"
        )
    try:
        parsed = CronSim(text, datetime(2000, 1, 1))  # noqa: DTZ001 # a wall clock; the zone comes later
    except CronSimError as problem:
        raise InvalidInput(f"start is {text!r}, no cron expression: {str(problem).lower()}") from None
    if len(parsed.minutes) * len(parsed.hours) > MOST_STARTS_PER_DAY:
        raise InvalidInput(
            f"start is {text!r}, which starts more than {MOST_STARTS_PER_DAY} times a day; make one longer window of it"
        )


@lru_cache(maxsize=4096)
def cron_minutes(text: str, day: date) -> tuple[int, ...]:
    """The minutes of this day's wall clock at which the expression starts something."""
    parsed = CronSim(text, datetime.combine(day, time()))
    if day.month not in parsed.months or not parsed.match_day(day):
        return ()
    return tuple(sorted(hour * 60 + minute for hour in parsed.hours for minute in parsed.minutes))

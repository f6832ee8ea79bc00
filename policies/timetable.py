"""The windows of a schedule: on which days, from when to when, and what they ask for."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from re import fullmatch
from typing import Protocol

from autoscaler.errors import InvalidInput
from policies.checks import check_floor_and_ceiling, check_number, check_pause
from policies.localtime import MINUTES_PER_DAY

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(Protocol):
    """What has a start and an end on the clock."""

    @property
    def start(self) -> str:
        """Local time."""
        ...

    @property
    def end(self) -> str:
        """Local time."""
        ...


class Ask(Protocol):
    """What every window asks for, whenever it is open."""

    @property
    def floor_acu(self) -> float | None:
        """The floor, or None when it is a share."""
        ...

    @property
    def floor_share(self) -> float | None:
        """The floor as a fraction of the owner's maximum."""
        ...

    @property
    def ceiling_acu(self) -> float | None:
        """The ceiling; None: as it is."""
        ...

    @property
    def pause_after_seconds(self) -> int | None:
        """The pause; None: stays awake."""
        ...

    @property
    def ramp_minutes(self) -> float:
        """How long the floor climbs before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hours of some days of the week.

    Args:
        days: ``mon-fri``, ``sat,sun``, ``mon,wed-fri`` or ``daily``: the days it starts on.
        start: local time, ``00:00`` to ``23:59``.
        end: local time, up to ``24:00``; before the start, it is on the next day.
        floor_acu: the floor; either this or ``floor_share``.
        floor_share: the floor as a fraction of the owner's maximum.
        ceiling_acu: the ceiling; left out, it stays as it is.
        pause_after_seconds: idle time before it pauses; left out, it stays awake.
        ramp_minutes: how long before it opens the floor begins to climb to it, instead of in one step.
        only_on: only on the days of this calendar.
        not_on: not on the days of this calendar.
    """

    days: str = "mon-fri"
    start: str = "07:00"
    end: str = "19:00"
    floor_acu: float | None = None
    floor_share: float | None = None
    ceiling_acu: float | None = None
    pause_after_seconds: int | None = None
    ramp_minutes: float = 0.0
    only_on: str | None = None
    not_on: str | None = None

    def __post_init__(self) -> None:
        weekdays_of(str(self.days))
        _check_window(self)

    def __str__(self) -> str:
        return f"{self.days} {self.start} to {self.end}"

    def starts_on(self, day: date) -> bool:
        """Whether it has a start on this local day."""
        return day.weekday() in weekdays_of(self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedWindow:
    """Hours of some dates, on each of them; while it is open it replaces the weekly windows.

    Args:
        first_day: the first local day it starts on.
        last_day: the last one.
        start: as of a weekly window.
        end: as of a weekly window.
        floor_acu: as of a weekly window.
        floor_share: as of a weekly window.
        ceiling_acu: as of a weekly window.
        pause_after_seconds: as of a weekly window.
        ramp_minutes: as of a weekly window.
    """

    first_day: date
    last_day: date
    start: str = "00:00"
    end: str = "24:00"
    floor_acu: float | None = None
    floor_share: float | None = None
    ceiling_acu: float | None = None
    pause_after_seconds: int | None = None
    ramp_minutes: float = 0.0

    def __post_init__(self) -> None:
        for setting, day in (("first_day", self.first_day), ("last_day", self.last_day)):
            if type(day) is not date:  # a datetime is a date too, but does not compare with one
                raise InvalidInput(f"{setting} is {day!r}; give a date such as 2026-11-27")
        if self.last_day < self.first_day:
            raise InvalidInput(f"last_day is {self.last_day}, before the first_day {self.first_day}; swap them")
        _check_window(self)

    def __str__(self) -> str:
        days = f"{self.first_day}" if self.first_day == self.last_day else f"{self.first_day}..{self.last_day}"
        return f"{days} {self.start} to {self.end}"

    def starts_on(self, day: date) -> bool:
        """Whether it has a start on this local day."""
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """What a schedule asks for when no window is open.

    Args:
        floor_acu: the floor; left out, the owner's minimum.
        ceiling_acu: the ceiling; left out, it stays as it is.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    floor_acu: float | None = None
    ceiling_acu: float | None = None
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_floor_and_ceiling("otherwise.", self.floor_acu, self.ceiling_acu)
        check_pause("otherwise.pause_after_seconds", self.pause_after_seconds)


@lru_cache(maxsize=1024)
def weekdays_of(days: str) -> frozenset[int]:
    """The days of the week that ``days`` names; Monday is 0.

    Raises:
        InvalidInput: it does not read as days.
    """
    found: set[int] = set()
    for part in days.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if part == "daily":
            found.update(range(7))
        elif first in DAYS and (last in DAYS or not dash):
            begin = DAYS.index(first)
            length = (DAYS.index(last) - begin) % 7 if dash else 0
            found.update((begin + step) % 7 for step in range(length + 1))
        else:
            raise InvalidInput(
                f"days is {days!r}; give 'daily' or days such as 'mon-fri', 'sat,sun' of {', '.join(DAYS)}"
            )
    return frozenset(found)


def opening_minutes(window: Hours) -> tuple[int, int]:
    """Start and end in minutes after the local midnight before the start; past 1440 is the next day."""
    start, end = _minutes("start", window.start), _minutes("end", window.end)
    if start == MINUTES_PER_DAY:
        raise InvalidInput("start is '24:00'; give '00:00' and the next day")
    if start == end:
        raise InvalidInput(
            f"start and end are both {window.start!r}; give '00:00' to '24:00' for whole days, or make two windows"
        )
    return start, end if end > start else end + MINUTES_PER_DAY


def _minutes(setting: str, text: object) -> int:
    found = fullmatch(r"(\d\d):(\d\d)", text) if isinstance(text, str) else None
    if found:
        hours, minutes = int(found[1]), int(found[2])
        if minutes < 60 and hours * 60 + minutes <= MINUTES_PER_DAY:
            return hours * 60 + minutes
    # YAML 1.1 reads 7:00 without quotes as the number 420.
    raise InvalidInput(f"{setting} is {text!r}; give a quoted time of day from '00:00' to '24:00'")


def check_ask(window: Ask) -> None:
    """Refuse a window that asks for nothing, for two things at once, or for what cannot be."""
    check_floor_and_ceiling("", window.floor_acu, window.ceiling_acu)
    if (window.floor_acu is None) == (window.floor_share is None):
        both = "neither" if window.floor_acu is None else "both"
        raise InvalidInput(f"the window {window} has {both} of floor_acu and floor_share; give one of them")
    if window.floor_share is not None:
        check_number("floor_share", window.floor_share, at_least=0, at_most=1)
    check_pause("pause_after_seconds", window.pause_after_seconds)
    check_number("ramp_minutes", window.ramp_minutes, at_least=0, at_most=MINUTES_PER_DAY)


def _check_window(window: Window | DatedWindow) -> None:
    opening_minutes(window)
    check_ask(window)

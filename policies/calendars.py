"""Calendars as data: whole days and stretches of time under a name that windows refer to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from autoscaler.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time.

    Args:
        start: its begin; without an offset, on the schedule's own clock.
        end: its end, likewise.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if (self.start.tzinfo is None) != (self.end.tzinfo is None):
            raise InvalidInput(f"end is {self.end}; give start and end both with an offset, or both without")
        if self.end <= self.start:
            raise InvalidInput(f"end is {self.end}, not after the start {self.start}; swap them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Days and stretches of time that windows refer to by name.

    A country and a file are looked up when the document is read: the policy gets their days and spans, so
    that it stays a plain value and decides the same again later.

    Args:
        name: what windows call it.
        country: the public holidays of a country, by its ISO 3166 code such as DE or US.
        subdivision: with those of one of its parts, such as BE (Berlin) or CA.
        file: an iCalendar file (.ics), beside the document unless the path is absolute.
        days: whole local days.
        spans: stretches of time.
    """

    name: str
    country: str | None = None
    subdivision: str | None = None
    file: str | None = None
    days: tuple[date, ...] = ()
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            raise InvalidInput("name is empty; give the calendar a name that windows can refer to")
        if self.country is not None or self.subdivision is not None or self.file is not None:
            raise InvalidInput(
                f"the calendar {self.name} has not been looked up; country, subdivision and file are for documents"
            )


def days_by_name(calendars: Iterable[Calendar]) -> dict[str, frozenset[date]]:
    """The whole days of each calendar."""
    return {calendar.name: frozenset(calendar.days) for calendar in calendars}


def check_calendars(calendars: tuple[Calendar, ...], references: Iterable[tuple[str, str | None]]) -> None:
    """Refuse two calendars of one name, and references to none.

    Args:
        calendars: all of the schedule's.
        references: each with the setting it is in.
    """
    names = [calendar.name for calendar in calendars]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(f"calendars has '{twice}' twice; give each calendar a name of its own")
    for setting, name in references:
        if name is not None and name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(sorted(names)) or 'none'}"
            raise InvalidInput(f"{setting} is {name!r}, and no calendar has that name; {hint}")

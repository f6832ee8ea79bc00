"""Looks up what a calendar names, holidays and files: policies get plain days and spans."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path as FilePath
from typing import Any

from autoscaler.documents.mistakes import Path, Problem
from autoscaler.errors import InvalidInput

# The years whose holidays and repeating events a policy knows: those of recorded traces, and some to come.
FIRST_YEAR, LAST_YEAR = 2000, 2050
LARGEST_FILE_BYTES = 2_000_000
MOST_EVENTS = 10_000
LOOKED_UP = ("country", "subdivision", "file")


def look_up(content: object, folder: FilePath | None, path: Path = ()) -> tuple[Any, list[Problem]]:
    """The same settings with the days and spans of every calendar that names a country or a file.

    Args:
        folder: where files are; None: there are none, for the document came over the network.
    """
    if isinstance(content, list | tuple):
        done = [look_up(item, folder, (*path, place)) for place, item in enumerate(content)]
        return [item for item, _ in done], [problem for _, problems in done for problem in problems]
    if not isinstance(content, Mapping):
        return content, []
    if len(path) > 1 and path[-2] == "calendars" and any(content.get(key) is not None for key in LOOKED_UP):
        return _looked_up(content, folder, path)
    found: dict[Any, Any] = {}
    problems: list[Problem] = []
    for key, value in content.items():
        found[key], more = look_up(value, folder, (*path, key))
        problems += more
    return found, problems


def names_a_file(content: object) -> bool:
    """Whether a calendar in there is a file of its own."""
    if isinstance(content, Mapping):
        calendars = content.get("calendars")
        named = isinstance(calendars, list) and any(isinstance(one, Mapping) and one.get("file") for one in calendars)
        return named or any(map(names_a_file, content.values()))
    return isinstance(content, list | tuple) and any(map(names_a_file, content))


def _looked_up(content: Mapping[str, Any], folder: FilePath | None, path: Path) -> tuple[Any, list[Problem]]:
    kept = {key: value for key, value in content.items() if key not in LOOKED_UP}
    country, subdivision, file = (content.get(key) for key in LOOKED_UP)
    days, spans, problems = list(content.get("days") or ()), list(content.get("spans") or ()), []
    try:
        days += _holidays(country, subdivision)
    except InvalidInput as problem:
        problems.append(
            Problem(path=(*path, "country" if subdivision is None else "subdivision"), message=str(problem))
        )
    try:
        for start, end in _events(folder, file):
            if isinstance(start, datetime):
                spans.append({"start": start, "end": end})
            else:
                days += _days_between(start, end)
    except InvalidInput as problem:
        problems.append(Problem(path=(*path, "file"), message=str(problem)))
    return {**kept, "days": sorted(set(days), key=str), "spans": spans}, problems


def _holidays(country: object, subdivision: object) -> list[date]:
    if country is None:
        if subdivision is not None:
            raise InvalidInput(f"subdivision is {subdivision!r} without a country; give its country, such as DE")
        return []
    import holidays

    try:
        found = holidays.country_holidays(
            str(country),
            subdiv=None if subdivision is None else str(subdivision),
            years=range(FIRST_YEAR, LAST_YEAR + 1),
        )
    except NotImplementedError:
        known = holidays.list_supported_countries(include_aliases=False)
        if country not in known:
            raise InvalidInput(
                f"country is {country!r}, whose holidays are not known; give an ISO code such as {_some(sorted(known))}"
            ) from None
        raise InvalidInput(
            f"subdivision is {subdivision!r}, no part of {country} with holidays of its own; "
            f"there are: {', '.join(known[country]) or 'none'}"
        ) from None
    return sorted(found)


def _events(folder: FilePath | None, file: object) -> Iterator[tuple[date | datetime, date | datetime]]:
    """Starts and ends of the events of a file, repeated ones included; dates for whole days, the end not included."""
    if file is None:
        return
    if folder is None:
        raise InvalidInput(f"file is {file!r}; what comes over the network reads no files here: give days and spans")
    import icalendar
    import recurring_ical_events

    path = folder / str(file)
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise InvalidInput(f"{path} is larger than {LARGEST_FILE_BYTES} bytes; give a smaller calendar")
        calendar = icalendar.Calendar.from_ical(path.read_text(encoding="utf-8"))
        events = recurring_ical_events.of(calendar).between(date(FIRST_YEAR, 1, 1), date(LAST_YEAR + 1, 1, 1))
    except FileNotFoundError:
        raise InvalidInput(f"no file {path}") from None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise InvalidInput(f"{path} cannot be read as iCalendar: {' '.join(str(problem).split())}") from None
    if len(events) > MOST_EVENTS:
        raise InvalidInput(
            f"{path} has more than {MOST_EVENTS} events from {FIRST_YEAR} to {LAST_YEAR}; "
            "make windows of those that repeat all the time"
        )
    for event in events:
        if str(event.get("STATUS", "")).upper() != "CANCELLED":
            start, end = event.start, event.end
            if end > start:  # a reminder without a length asks for nothing
                yield start, end


def _days_between(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days)]


def _some(names: list[str]) -> str:
    return ", ".join(name for name in names if name in ("DE", "FR", "GB", "IN", "JP", "US"))

"""How windows are written down."""

from datetime import date, datetime

import pytest

from autoscaler.errors import InvalidInput
from policies.timetable import DatedWindow, Otherwise, Window, opening_minutes, weekdays_of


@pytest.mark.parametrize(
    ("days", "weekdays"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat,sun", {5, 6}),
        ("Mon, Wed - Fri", {0, 2, 3, 4}),
        ("fri-mon", {4, 5, 6, 0}),
        ("tue", {1}),
        ("mon-mon", {0}),
        ("daily", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_days_read_as_people_write_them(days: str, weekdays: set[int]) -> None:
    assert weekdays_of(days) == weekdays


@pytest.mark.parametrize("days", ["", "monday", "mon-", "-fri", "mon..fri", "mon,", "mon-tue-wed", "1-5"])
def test_other_days_are_refused(days: str) -> None:
    with pytest.raises(InvalidInput, match=r"days is '.*'; give 'daily' or days such as 'mon-fri'"):
        Window(days=days, floor_acu=1)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("07:00", "19:00", (420, 1140)),
        ("00:00", "24:00", (0, 1440)),
        ("22:00", "06:00", (1320, 1800)),
        ("22:00", "00:00", (1320, 1440)),
        ("23:59", "23:58", (1439, 2878)),
    ],
)
def test_an_end_before_the_start_is_on_the_next_day(start: str, end: str, minutes: tuple[int, int]) -> None:
    assert opening_minutes(Window(start=start, end=end, floor_acu=1)) == minutes


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start": "7:00"}, "start is '7:00'; give a quoted time of day from '00:00' to '24:00'"),
        ({"start": 420}, "start is 420; give a quoted time of day from '00:00' to '24:00'"),
        ({"end": "24:01"}, "end is '24:01'; give a quoted time of day from '00:00' to '24:00'"),
        ({"end": "12:60"}, "end is '12:60'; give a quoted time of day from '00:00' to '24:00'"),
        ({"start": "24:00"}, "start is '24:00'; give '00:00' and the next day"),
        (
            {"end": "07:00"},
            "start and end are both '07:00'; give '00:00' to '24:00' for whole days, or make two windows",
        ),
        (
            {"floor_acu": None},
            "the window mon-fri 07:00 to 19:00 has neither of floor_acu and floor_share; give one of them",
        ),
        (
            {"floor_share": 0.5},
            "the window mon-fri 07:00 to 19:00 has both of floor_acu and floor_share; give one of them",
        ),
        (
            {"floor_acu": None, "floor_share": 1.5},
            "floor_share is 1.5; give a number at least 0 and at most 1",
        ),
        (
            {"ceiling_acu": 0.5},
            "floor_acu is 1, above the ceiling_acu of 0.5; lower one or raise the other",
        ),
        (
            {"pause_after_seconds": 0},
            "pause_after_seconds is 0; give a whole number of seconds above 0, or leave it out to stay awake",
        ),
    ],
)
def test_windows_that_cannot_be_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Window(**{"floor_acu": 1, **settings})  # type: ignore[arg-type]
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("first_day", "last_day", "message"),
    [
        ("2026-11-27", date(2026, 11, 30), "first_day is '2026-11-27'; give a date such as 2026-11-27"),
        (date(2026, 11, 27), datetime(2026, 11, 30), "last_day is .*; give a date such as 2026-11-27"),  # noqa: DTZ001
        (date(2026, 11, 30), date(2026, 11, 27), "last_day is 2026-11-27, before the first_day 2026-11-30; swap"),
    ],
)
def test_dates_that_cannot_be_are_refused(first_day: date, last_day: date, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        DatedWindow(first_day=first_day, last_day=last_day, floor_acu=1)


def test_the_rest_of_the_time_is_checked_too() -> None:
    with pytest.raises(InvalidInput, match=r"otherwise\.floor_acu is -1; give a number at least 0"):
        Otherwise(floor_acu=-1)


def test_windows_are_called_by_their_hours() -> None:
    sale = DatedWindow(first_day=date(2026, 11, 27), last_day=date(2026, 11, 30), floor_acu=1)
    feast = DatedWindow(first_day=date(2026, 12, 25), last_day=date(2026, 12, 25), end="12:00", floor_acu=1)
    assert str(sale) == "2026-11-27..2026-11-30 00:00 to 24:00"
    assert str(feast) == "2026-12-25 00:00 to 12:00"
    assert str(Window(days="daily", floor_acu=1)) == "daily 07:00 to 19:00"

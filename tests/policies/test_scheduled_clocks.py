"""Schedules on days of 23 and 25 hours, and on any other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policies.scheduled import Scheduled
from policies.timetable import Window, opening_minutes
from tests.policies.builders import BASE, ZONES, floor_at, floors, on, seen


@pytest.mark.parametrize(
    ("zone", "day", "start", "end", "opens", "closes"),
    [
        # Berlin, 29 March: 02:00 is 03:00 at 01:00 UTC.
        ("Europe/Berlin", "2026-03-28", "07:00", "19:00", "03-28 06:00", "03-28 18:00"),
        ("Europe/Berlin", "2026-03-29", "07:00", "19:00", "03-29 05:00", "03-29 17:00"),
        ("Europe/Berlin", "2026-03-29", "02:30", "06:00", "03-29 01:00", "03-29 04:00"),
        ("Europe/Berlin", "2026-03-29", "01:00", "02:30", "03-29 00:00", "03-29 01:00"),
        ("Europe/Berlin", "2026-03-28", "22:00", "06:00", "03-28 21:00", "03-29 04:00"),
        ("Europe/Berlin", "2026-03-29", "00:00", "24:00", "03-28 23:00", "03-29 22:00"),
        # Berlin, 25 October: 03:00 is 02:00 at 01:00 UTC.
        ("Europe/Berlin", "2026-10-25", "02:30", "06:00", "10-25 00:30", "10-25 05:00"),
        ("Europe/Berlin", "2026-10-25", "01:00", "02:30", "10-24 23:00", "10-25 01:30"),
        ("Europe/Berlin", "2026-10-25", "02:00", "03:00", "10-25 00:00", "10-25 02:00"),
        ("Europe/Berlin", "2026-10-24", "22:00", "06:00", "10-24 20:00", "10-25 05:00"),
        ("Europe/Berlin", "2026-10-25", "00:00", "24:00", "10-24 22:00", "10-25 23:00"),
        # New York, 8 March: 02:00 is 03:00 at 07:00 UTC.
        ("America/New_York", "2026-03-07", "07:00", "19:00", "03-07 12:00", "03-08 00:00"),
        ("America/New_York", "2026-03-08", "07:00", "19:00", "03-08 11:00", "03-08 23:00"),
        ("America/New_York", "2026-03-08", "02:30", "06:00", "03-08 07:00", "03-08 10:00"),
        ("America/New_York", "2026-03-08", "01:00", "02:30", "03-08 06:00", "03-08 07:00"),
        ("America/New_York", "2026-03-07", "22:00", "06:00", "03-08 03:00", "03-08 10:00"),
        # New York, 1 November: 02:00 is 01:00 at 06:00 UTC.
        ("America/New_York", "2026-11-01", "01:30", "06:00", "11-01 05:30", "11-01 11:00"),
        ("America/New_York", "2026-11-01", "00:00", "01:30", "11-01 04:00", "11-01 06:30"),
        ("America/New_York", "2026-11-01", "00:00", "24:00", "11-01 04:00", "11-02 05:00"),
    ],
)
def test_a_window_opens_and_closes_by_the_local_clock_when_it_is_changed(
    zone: str, day: str, start: str, end: str, opens: str, closes: str
) -> None:
    policy = Scheduled(time_zone=zone, windows=(), dates=(on(day, start, end),), lead_seconds=0)
    assert floors(policy, f"2026-{opens[:5]}", f"2026-{closes[:5]}") == [
        ("before", BASE),
        (opens, "8"),
        (closes, BASE),
    ]


def test_a_window_in_the_skipped_hour_does_not_open_that_day() -> None:
    night = Window(days="daily", start="02:00", end="03:00", floor_acu=8)
    policy = Scheduled(time_zone="Europe/Berlin", windows=(night,), lead_seconds=0)
    assert floors(policy, "2026-03-28", "2026-03-30") == [
        ("before", BASE),
        ("03-28 01:00", "8"),
        ("03-28 02:00", BASE),
        ("03-30 00:00", "8"),
        ("03-30 01:00", BASE),
    ]


def test_windows_open_on_time_at_both_ends_of_the_world() -> None:
    # The day begins 14 h before UTC's on Kiritimati and 12 h after it on Baker Island.
    window = Window(days="sat", start="00:00", end="24:00", floor_acu=8)
    kiritimati = Scheduled(time_zone="Pacific/Kiritimati", windows=(window,), lead_seconds=43_200)
    assert floors(kiritimati, "2026-03-05", "2026-03-08") == [
        ("before", BASE),
        ("03-05 22:00", "8"),
        ("03-07 10:00", BASE),
    ]
    late = Window(days="sat", start="23:59", end="23:58", floor_acu=8)
    baker_island = Scheduled(time_zone="Etc/GMT+12", windows=(late,), lead_seconds=0)
    assert floors(baker_island, "2026-03-06", "2026-03-10") == [
        ("before", BASE),
        ("03-08 11:59", "8"),
        ("03-09 11:58", BASE),
    ]


DAYS = st.sampled_from(("daily", "mon-fri", "sat,sun", "wed", "fri-mon"))
CLOCK = st.integers(0, 1439).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")
MOMENTS = st.datetimes(datetime(2024, 1, 3), datetime(2028, 12, 28)).map(  # noqa: DTZ001
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start, end = draw(CLOCK), draw(CLOCK | st.just("24:00"))
    assume(start != end)
    return Window(days=draw(DAYS), start=start, end=end, floor_acu=draw(st.sampled_from((2, 8, 32))))


def is_open(window: Window, wall: datetime) -> bool:
    """By the naive reading of a wall clock that nobody changes."""
    start, end = opening_minutes(window)
    for day in (wall.date(), wall.date() - timedelta(days=1)):
        minutes = (wall - datetime.combine(day, datetime.min.time())) / timedelta(minutes=1)
        if window.starts_on(day) and start <= minutes < end:
            return True
    return False


@given(zone=st.sampled_from(ZONES), window=windows(), at=MOMENTS)
def test_away_from_clock_changes_a_window_is_open_when_the_wall_clock_says_so(
    zone: str, window: Window, at: datetime
) -> None:
    place = ZoneInfo(zone)
    shifts = {(at + timedelta(hours=hours)).astimezone(place).utcoffset() for hours in (-50, 0, 50)}
    assume(len(shifts) == 1)
    policy = Scheduled(time_zone=zone, windows=(window,), otherwise=None, lead_seconds=0)
    assert policy.advise(seen(at=at)).known == is_open(window, at.astimezone(place).replace(tzinfo=None))


@given(zone=st.sampled_from(ZONES), window=windows(), at=MOMENTS)
def test_clock_changes_or_not_a_window_is_open_whenever_the_wall_clock_says_so(
    zone: str, window: Window, at: datetime
) -> None:
    policy = Scheduled(time_zone=zone, windows=(window,), otherwise=None, lead_seconds=0)
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert policy.advise(seen(at=at)).known or not is_open(window, wall)


@given(zone=st.sampled_from(ZONES), both=st.tuples(windows(), windows()), at=MOMENTS, lead=st.integers(0, 180))
def test_with_a_lead_the_floor_is_the_largest_that_comes_within_it(
    zone: str, both: tuple[Window, Window], at: datetime, lead: int
) -> None:
    punctual = Scheduled(time_zone=zone, windows=both, lead_seconds=0)
    early = replace(punctual, lead_seconds=60.0 * lead)
    coming = [float(floor_at(punctual, at + timedelta(minutes=ahead))) for ahead in range(lead + 1)]
    assert float(floor_at(early, at)) == max(coming)

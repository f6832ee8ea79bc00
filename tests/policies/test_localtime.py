"""From the wall clock to instants, on days of 23, 24 and 25 hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.errors import InvalidInput
from policies.localtime import first_instant, last_instant, zone_named
from tests.policies.builders import ZONES


def instants(zone: str, day: str, clock: str) -> tuple[str, str]:
    """First and last UTC time of a time on the wall."""
    hours, minutes = (int(part) for part in clock.split(":"))
    place = (date.fromisoformat(day), hours * 60 + minutes, zone_named(zone))
    first, last = first_instant(*place), last_instant(*place)
    return f"{datetime.fromtimestamp(first, UTC):%m-%d %H:%M}", f"{datetime.fromtimestamp(last, UTC):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("zone", "day", "clock", "first", "last"),
    [
        ("Europe/Berlin", "2026-03-02", "07:00", "03-02 06:00", "03-02 06:00"),
        ("Europe/Berlin", "2026-03-02", "24:00", "03-02 23:00", "03-02 23:00"),
        # Spring forward: 02:00 to 03:00 does not exist, the shift is at 01:00 UTC.
        ("Europe/Berlin", "2026-03-29", "01:59", "03-29 00:59", "03-29 00:59"),
        ("Europe/Berlin", "2026-03-29", "02:00", "03-29 01:00", "03-29 01:00"),
        ("Europe/Berlin", "2026-03-29", "02:30", "03-29 01:00", "03-29 01:00"),
        ("Europe/Berlin", "2026-03-29", "03:00", "03-29 01:00", "03-29 01:00"),
        ("Europe/Berlin", "2026-03-28", "26:30", "03-29 01:00", "03-29 01:00"),
        # Fall back: 02:00 to 03:00 comes twice, the shift is at 01:00 UTC.
        ("Europe/Berlin", "2026-10-25", "01:59", "10-24 23:59", "10-24 23:59"),
        ("Europe/Berlin", "2026-10-25", "02:00", "10-25 00:00", "10-25 01:00"),
        ("Europe/Berlin", "2026-10-25", "02:30", "10-25 00:30", "10-25 01:30"),
        ("Europe/Berlin", "2026-10-25", "03:00", "10-25 02:00", "10-25 02:00"),
        # 02:00 to 03:00 at 07:00 UTC, and back from 02:00 to 01:00 at 06:00 UTC.
        ("America/New_York", "2026-03-08", "02:30", "03-08 07:00", "03-08 07:00"),
        ("America/New_York", "2026-11-01", "01:30", "11-01 05:30", "11-01 06:30"),
        ("America/New_York", "2026-11-01", "02:00", "11-01 07:00", "11-01 07:00"),
        # Half an hour only, at 15:30 and 15:00 UTC.
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "10-03 15:30", "10-03 15:30"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "04-04 14:45", "04-04 15:15"),
        # At midnight, so that the day begins at 01:00; and a day that Samoa left out.
        ("America/Sao_Paulo", "2018-11-04", "00:00", "11-04 03:00", "11-04 03:00"),
        ("Pacific/Apia", "2011-12-30", "12:00", "12-30 10:00", "12-30 10:00"),
    ],
)
def test_a_skipped_time_is_the_shift_and_a_repeated_one_comes_twice(
    zone: str, day: str, clock: str, first: str, last: str
) -> None:
    assert instants(zone, day, clock) == (first, last)


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2005, 1, 1), date(2035, 12, 31)),
    minutes=st.integers(0, 2879),
)
def test_the_clock_shows_the_time_at_its_first_and_last_instant(zone: str, day: date, minutes: int) -> None:
    first, last = (found(day, minutes, zone_named(zone)) for found in (first_instant, last_instant))
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    shown = [datetime.fromtimestamp(moment, zone_named(zone)).replace(tzinfo=None) for moment in (first, last)]
    before = datetime.fromtimestamp(first - 1, zone_named(zone)).replace(tzinfo=None)
    # In a gap the clock jumps over the time; the moment is the first one after the jump.
    assert shown == [wall, wall] or (first == last and before < wall < shown[0])
    assert first <= last


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2005, 1, 1), date(2035, 12, 31)))
def test_instants_of_a_day_come_in_the_order_of_the_clock(zone: str, day: date) -> None:
    place = zone_named(zone)
    firsts = [first_instant(day, minutes, place) for minutes in range(0, 2881, 15)]
    lasts = [last_instant(day, minutes, place) for minutes in range(0, 2881, 15)]
    assert firsts == sorted(firsts)
    assert lasts == sorted(lasts)


@pytest.mark.parametrize(
    "name", ["", "Berlin", "Europe", "../etc/passwd", "/etc/localtime", "Europe/Berlin\0", None, 3]
)
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="give an IANA name such as Europe/Berlin"):
        zone_named(name)

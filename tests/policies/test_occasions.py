"""Windows by cron, holidays, events, ramps and freezes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.control import Direction, Freeze
from autoscaler.core.decide import decide
from autoscaler.core.decision import Memory, RuleSettings
from autoscaler.errors import InvalidInput
from policies.calendars import Calendar, Span
from policies.combinators import FirstThatKnows, LargestOf, Within
from policies.occasions import CronWindow, EventWindow, FreezeWindow, cron_minutes
from policies.reactive import Reactive
from policies.scheduled import Scheduled
from policies.timetable import Otherwise, Window
from tests.policies.builders import BASE, ZONES, floors, seen

EMPTY = Scheduled(time_zone="Europe/Berlin", windows=(), lead_seconds=0)
SALES = Calendar(
    name="sales",
    days=(date(2026, 3, 7),),
    spans=(
        Span(start=datetime(2026, 3, 5, 9, tzinfo=UTC), end=datetime(2026, 3, 5, 12, tzinfo=UTC)),
        Span(start=datetime(2026, 3, 6, 9), end=datetime(2026, 3, 6, 12)),  # noqa: DTZ001
    ),
)
FRIDAY_EVENING = datetime(2026, 3, 6, 20, tzinfo=UTC)


def freeze_at(policy: Scheduled, at: datetime) -> Direction | None:
    freeze = policy.advise(seen(at=at)).freeze
    return None if freeze is None else freeze.direction


def test_a_cron_window_starts_by_the_local_clock_and_lasts_its_minutes() -> None:
    nightly = CronWindow(start="30 22 * * thu,fri", duration_minutes=180, floor_acu=16)
    assert floors(replace(EMPTY, crons=(nightly,)), "2026-03-05", "2026-03-07") == [
        ("before", BASE),
        ("03-05 21:30", "16"),
        ("03-06 00:30", BASE),
        ("03-06 21:30", "16"),
        ("03-07 00:30", BASE),
    ]


def test_a_cron_window_may_start_on_the_last_day_of_the_month_and_last_for_days() -> None:
    closing = CronWindow(start="0 6 L * *", duration_minutes=2 * 1440, floor_acu=16)
    assert floors(replace(EMPTY, crons=(closing,)), "2026-02-27", "2026-03-03") == [
        ("before", BASE),
        ("02-28 05:00", "16"),
        ("03-02 05:00", BASE),
    ]


def test_a_cron_start_that_the_clock_skips_is_the_moment_of_the_shift() -> None:
    skipped = CronWindow(start="30 2 29 3 *", duration_minutes=60, floor_acu=16)
    assert floors(replace(EMPTY, crons=(skipped,)), "2026-03-28", "2026-03-29") == [
        ("before", BASE),
        ("03-29 01:00", "16"),
        ("03-29 02:00", BASE),
    ]


@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_daily_cron_starts_once_every_day(day: date, hour: int, minute: int) -> None:
    assert cron_minutes(f"{minute} {hour} * * *", day) == (hour * 60 + minute,)


@pytest.mark.parametrize("text", ["* * * * *", "0 25 * * *", "0 7 * *", "0 0 7 * * *", "every day", ""])
def test_what_is_no_cron_expression_or_starts_all_the_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="start is "):
        CronWindow(start=text, duration_minutes=60, floor_acu=1)


def test_a_window_can_skip_the_days_of_a_calendar_or_keep_to_them() -> None:
    holidays = Calendar(name="holidays", days=(date(2026, 3, 6),))
    office = Window(days="daily", floor_acu=8, not_on="holidays")
    watch = Window(days="daily", start="10:00", end="11:00", floor_acu=2, only_on="holidays")
    policy = replace(EMPTY, windows=(office, watch), calendars=(holidays,))
    assert floors(policy, "2026-03-05", "2026-03-07") == [
        ("before", BASE),
        ("03-05 06:00", "8"),
        ("03-05 18:00", BASE),
        ("03-06 09:00", "2"),
        ("03-06 10:00", BASE),
        ("03-07 06:00", "8"),
        ("03-07 18:00", BASE),
    ]


def test_an_event_of_a_calendar_replaces_the_weekly_windows() -> None:
    policy = replace(
        EMPTY,
        windows=(Window(days="daily", start="00:00", end="24:00", floor_acu=4),),
        events=(EventWindow(calendar="sales", floor_acu=32),),
        calendars=(SALES,),
    )
    assert floors(policy, "2026-03-05", "2026-03-08") == [
        ("before", "4"),
        ("03-05 09:00", "32"),  # with an offset: as it says
        ("03-05 12:00", "4"),
        ("03-06 08:00", "32"),  # without: by the schedule's clock
        ("03-06 11:00", "4"),
        ("03-06 23:00", "32"),  # a whole local day
        ("03-07 23:00", "4"),
    ]


def test_a_ramp_climbs_in_even_steps_before_its_window() -> None:
    ramped = Window(days="thu", floor_acu=16, ramp_minutes=15)
    policy = replace(EMPTY, windows=(ramped,), otherwise=Otherwise(floor_acu=4))
    assert floors(policy, "2026-03-05", "2026-03-05") == [
        ("before", "4"),
        ("03-05 05:45", "7"),
        ("03-05 05:50", "10"),
        ("03-05 05:55", "13"),
        ("03-05 06:00", "16"),
        ("03-05 18:00", "4"),
    ]


def test_a_ramp_never_lowers_what_another_window_asks_for() -> None:
    policy = replace(
        EMPTY,
        windows=(Window(days="daily", start="00:00", end="24:00", floor_acu=8),),
        events=(EventWindow(calendar="sales", floor_acu=16, ramp_minutes=60),),
        calendars=(replace(SALES, spans=SALES.spans[:1], days=()),),
    )
    told = floors(policy, "2026-03-05", "2026-03-05")
    levels = [float(floor) for _, floor in told]
    assert min(levels) == 8
    assert levels[:-1] == sorted(levels[:-1])


@given(minutes=st.integers(1, 600), floor=st.integers(1, 60), zone=st.sampled_from(ZONES))
def test_a_ramp_only_climbs_and_ends_below_its_window(minutes: int, floor: int, zone: str) -> None:
    window = Window(days="daily", start="12:00", end="13:00", floor_acu=floor, ramp_minutes=minutes)
    policy = Scheduled(time_zone=zone, windows=(window,), lead_seconds=0)
    noon = datetime(2026, 7, 8, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    steps = [
        policy.advise(seen(at=noon - timedelta(minutes=before))).range.floor_acu
        for before in range(minutes + 5, -1, -1)
    ]
    assert steps == sorted(steps)
    assert steps[-1] == floor
    assert steps[0] == 0.5


def test_a_freeze_window_asks_for_a_halt_while_it_is_open() -> None:
    policy = replace(EMPTY, freezes=(FreezeWindow(direction=Direction.SHRINK, days="fri", start="18:00"),))
    assert [freeze_at(policy, FRIDAY_EVENING + timedelta(hours=hours)) for hours in (-4, 0, 4)] == [
        None,
        Direction.SHRINK,
        None,
    ]
    assert policy.advise(seen(at=FRIDAY_EVENING)).freeze == Freeze(
        direction=Direction.SHRINK,
        until=datetime(2026, 3, 6, 23, tzinfo=UTC),
        by="the schedule (fri 18:00 to 24:00, Europe/Berlin)",
    )


def test_a_freeze_window_can_be_dated_or_follow_a_calendar() -> None:
    dated = FreezeWindow(first_day=date(2026, 3, 6), last_day=date(2026, 3, 6))
    during = FreezeWindow(calendar="sales", direction=Direction.GROW)
    policy = replace(EMPTY, freezes=(dated, during), calendars=(SALES,))
    hours = [datetime(2026, 3, 6, hour, tzinfo=UTC) for hour in (1, 9, 20)]
    assert [freeze_at(policy, at) for at in (*hours, hours[-1] + timedelta(hours=4))] == [
        Direction.BOTH,
        Direction.BOTH,
        Direction.BOTH,
        Direction.GROW,
    ]


def test_a_decision_keeps_the_floor_while_a_schedule_freezes_it() -> None:
    frozen = replace(EMPTY, freezes=(FreezeWindow(direction=Direction.SHRINK, days="fri", start="18:00"),))
    settings = RuleSettings(watch_seconds=0, shrink_wait_seconds=0, max_shrink_fraction=1)
    decisions = [
        decide(seen(*(1.0,) * 60, at=at, floor_acu=8.0), frozen, settings, Memory(watching_since=at, shrink_since=at))[
            0
        ]
        for at in (FRIDAY_EVENING, FRIDAY_EVENING - timedelta(hours=4))
    ]
    assert [decision.after.floor_acu for decision in decisions] == [8.0, 0.5]
    assert decisions[0].driver == "obey_a_freeze"
    assert "the schedule (fri 18:00 to 24:00, Europe/Berlin) froze it until 2026-03-06 23:00 UTC" in decisions[0].reason


def test_what_a_part_freezes_is_frozen_for_the_whole() -> None:
    frozen = replace(EMPTY, otherwise=None, freezes=(FreezeWindow(days="daily"),))
    reactive = Reactive()
    for policy in (
        LargestOf(policies=(reactive, frozen)),
        FirstThatKnows(policies=(frozen, reactive)),
        Within(policy=frozen),
    ):
        freeze = policy.advise(seen(1.0, at=FRIDAY_EVENING)).freeze
        assert freeze is not None
        assert freeze.direction is Direction.BOTH


def test_a_reference_to_no_calendar_is_refused_with_a_guess() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'sales'"):
        replace(EMPTY, events=(EventWindow(calendar="sale", floor_acu=1),), calendars=(SALES,))
    with pytest.raises(InvalidInput, match="'sales' twice"):
        replace(EMPTY, calendars=(SALES, SALES))


def test_a_calendar_that_nobody_looked_up_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has not been looked up"):
        Calendar(name="german", country="DE")

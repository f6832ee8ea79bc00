"""Following a calendar, over clock changes, midnights and sales."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from autoscaler.core.capacity import Limits
from autoscaler.core.decision import Advice, Grounds
from autoscaler.errors import InvalidInput
from policies.scheduled import Scheduled
from policies.timetable import DatedWindow, Otherwise, Window
from tests.fakes import WIDE_LIMITS, make_range
from tests.policies.builders import BASE, floor_at, floors, on, seen

DAYTIME = Window(floor_acu=8)
BERLIN = Scheduled(time_zone="Europe/Berlin", windows=(DAYTIME,), lead_seconds=0)


def test_office_hours_follow_the_local_clock_through_the_week() -> None:
    assert floors(BERLIN, "2026-03-05", "2026-03-09") == [
        ("before", BASE),
        ("03-05 06:00", "8"),
        ("03-05 18:00", BASE),
        ("03-06 06:00", "8"),
        ("03-06 18:00", BASE),
        ("03-09 06:00", "8"),
        ("03-09 18:00", BASE),
    ]


def test_a_window_over_midnight_belongs_to_the_day_it_starts_on() -> None:
    policy = replace(BERLIN, windows=(Window(days="fri", start="22:00", end="06:00", floor_acu=8),))
    assert floors(policy, "2026-03-05", "2026-03-08") == [
        ("before", BASE),
        ("03-06 21:00", "8"),
        ("03-07 05:00", BASE),
    ]


def test_windows_that_meet_leave_no_gap() -> None:
    windows = (
        Window(days="daily", start="00:00", end="12:00", floor_acu=4),
        Window(days="daily", start="12:00", end="24:00", floor_acu=8),
    )
    assert floors(replace(BERLIN, windows=windows), "2026-03-05", "2026-03-06") == [
        ("before", "4"),
        ("03-05 11:00", "8"),
        ("03-05 23:00", "4"),
        ("03-06 11:00", "8"),
        ("03-06 23:00", "4"),
    ]


def test_of_overlapping_windows_the_largest_wish_counts() -> None:
    lunch = Window(days="daily", start="11:00", end="13:00", floor_acu=2, pause_after_seconds=None)
    day = Window(days="daily", start="07:00", end="19:00", floor_acu=8, pause_after_seconds=600)
    policy = replace(BERLIN, windows=(day, lunch))
    noon = datetime(2026, 3, 5, 11, tzinfo=UTC)
    assert policy.advise(seen(at=noon, limits=WIDE_LIMITS)).range == make_range(8.0, 64.0)
    assert policy.advise(seen(at=noon + timedelta(hours=2), limits=WIDE_LIMITS)).range == make_range(8.0, 64.0, 600)


def test_a_sale_asks_for_more_only_while_it_is_open() -> None:
    sale = DatedWindow(
        first_day=date(2026, 11, 26), last_day=date(2026, 11, 27), start="18:00", end="22:00", floor_acu=32
    )
    assert floors(replace(BERLIN, dates=(sale,)), "2026-11-26", "2026-11-29") == [
        ("before", BASE),
        ("11-26 06:00", "8"),
        ("11-26 17:00", "32"),
        ("11-26 21:00", BASE),
        ("11-27 06:00", "8"),
        ("11-27 17:00", "32"),
        ("11-27 21:00", BASE),
    ]


def test_a_holiday_asks_for_less_than_the_weekly_window() -> None:
    policy = replace(BERLIN, dates=(on("2026-12-25", "00:00", "24:00", 1.0),), lead_seconds=600)
    assert floors(policy, "2026-12-24", "2026-12-28") == [
        ("before", BASE),
        ("12-24 05:50", "8"),
        ("12-24 18:00", BASE),
        ("12-24 22:50", "1"),
        ("12-25 23:00", BASE),
        ("12-28 05:50", "8"),
        ("12-28 18:00", BASE),
    ]


def test_the_lead_raises_ahead_and_never_lowers_ahead() -> None:
    windows = (
        Window(days="daily", start="06:00", end="12:00", floor_acu=8),
        Window(days="daily", start="12:00", end="18:00", floor_acu=2),
    )
    policy = replace(BERLIN, time_zone="UTC", windows=windows, lead_seconds=1800)
    assert floors(policy, "2026-03-05", "2026-03-05") == [
        ("before", BASE),
        ("03-05 05:30", "8"),
        ("03-05 12:00", "2"),
        ("03-05 18:00", BASE),
    ]


def test_the_lead_reaches_over_midnight() -> None:
    window = Window(days="sat", start="00:00", end="01:00", floor_acu=8)
    policy = replace(BERLIN, time_zone="UTC", windows=(window,), lead_seconds=86_400)
    assert floors(policy, "2026-03-05", "2026-03-07") == [
        ("before", BASE),
        ("03-06 00:00", "8"),
        ("03-07 01:00", BASE),
    ]


def test_a_sleeping_cluster_is_woken_ahead_of_a_window_that_stays_awake() -> None:
    policy = replace(
        BERLIN,
        windows=(Window(floor_share=0.0),),
        otherwise=Otherwise(pause_after_seconds=600),
        lead_seconds=600,
    )
    before = datetime(2026, 3, 5, 5, 49, tzinfo=UTC)
    assert policy.advise(seen(at=before, limits=WIDE_LIMITS)).range == make_range(0.5, 64.0, 600)
    assert policy.advise(seen(at=before + timedelta(minutes=1), limits=WIDE_LIMITS)) == Advice(
        range=make_range(0.5, 64.0),
        reason="the window mon-fri 07:00 to 19:00 (Europe/Berlin) asks for a floor of 0 ACU from 06:00 UTC on",
        grounds=Grounds.SCHEDULE,
    )


def test_the_reason_names_the_window_and_when_it_is_due() -> None:
    policy = replace(BERLIN, lead_seconds=600)
    for moment, reason in {
        "05:49": "no window of the schedule is open: the owner's minimum",
        "05:50": "the window mon-fri 07:00 to 19:00 (Europe/Berlin) asks for a floor of 8 ACU from 06:00 UTC on",
        "06:00": "the window mon-fri 07:00 to 19:00 (Europe/Berlin) asks for a floor of 8 ACU",
    }.items():
        at = datetime.fromisoformat(f"2026-03-05T{moment}+00:00")
        assert policy.advise(seen(at=at)).reason == reason


def test_a_share_is_of_the_owners_maximum() -> None:
    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    small = Limits(min_acu=1.0, max_acu=10.0)
    policy = replace(BERLIN, windows=(Window(floor_share=0.25),), otherwise=Otherwise())
    assert policy.advise(seen(at=at)).range == make_range(16.0, 64.0)
    assert policy.advise(seen(at=at, limits=small, ceiling_acu=10.0)).range == make_range(2.5, 10.0)
    night = at + timedelta(hours=12)
    assert policy.advise(seen(at=night, limits=small, ceiling_acu=10.0)).range == make_range(1.0, 10.0)


def test_without_a_ceiling_of_its_own_the_floor_stops_at_the_one_in_force() -> None:
    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert BERLIN.advise(seen(at=at, ceiling_acu=4.0)).range == make_range(4.0, 4.0)


def test_a_ceiling_is_changed_and_changed_back() -> None:
    policy = replace(
        BERLIN,
        windows=(replace(DAYTIME, ceiling_acu=32),),
        otherwise=Otherwise(ceiling_acu=16),
        lead_seconds=600,
    )
    at = datetime(2026, 3, 5, 5, tzinfo=UTC)
    ceilings = [
        policy.advise(seen(at=at + timedelta(minutes=10 * step))).range.ceiling_acu for step in (0, 4, 5, 6, 77, 78)
    ]
    assert ceilings == [16, 16, 32, 32, 32, 16]


def test_the_rest_of_the_time_may_have_a_floor_of_its_own() -> None:
    policy = replace(BERLIN, otherwise=Otherwise(floor_acu=2))
    night = datetime(2026, 3, 5, 22, tzinfo=UTC)
    assert policy.advise(seen(at=night)) == Advice(
        range=make_range(2.0, 64.0),
        reason="no window of the schedule is open: a floor of 2 ACU",
        grounds=Grounds.SCHEDULE,
    )


def test_a_silent_schedule_knows_nothing_outside_its_windows() -> None:
    silent = replace(BERLIN, otherwise=None, lead_seconds=600)
    assert floors(silent, "2026-03-05", "2026-03-05") == [
        ("before", "-"),
        ("03-05 05:50", "8"),
        ("03-05 18:00", "-"),
    ]
    night = seen(at=datetime(2026, 3, 5, 22, tzinfo=UTC), floor_acu=4.0)
    assert silent.advise(night) == Advice(
        range=night.status.range, reason="no window of the schedule is open", known=False
    )


def test_a_moment_in_another_time_zone_is_the_same_moment() -> None:
    at = datetime(2026, 3, 5, 7, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert floor_at(BERLIN, at) == "8"
    assert floor_at(BERLIN, at - timedelta(seconds=1)) == BASE


def test_equal_schedules_of_different_clusters_do_not_mix_up_limits() -> None:
    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    share = replace(BERLIN, windows=(Window(floor_share=0.5),))
    assert floor_at(share, at) == "32"
    assert share.advise(seen(at=at, limits=Limits(min_acu=0.5, max_acu=32.0))).range.floor_acu == 16.0
    assert floor_at(replace(share, windows=(Window(floor_share=0.25),)), at) == "16"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"time_zone": "Berlin"},
            "time_zone is 'Berlin'; give an IANA name such as Europe/Berlin, America/New_York or UTC",
        ),
        ({"lead_seconds": -1}, "lead_seconds is -1; give a number at least 0 and at most 86400"),
        ({"windows": []}, "windows is []; give a tuple of Window"),
        ({"dates": (DAYTIME,)}, f"dates is ({DAYTIME!r},); give a tuple of DatedWindow"),
        (
            {"windows": (replace(DAYTIME, ceiling_acu=32),)},
            (
                "the window mon-fri 07:00 to 19:00 has a ceiling_acu and otherwise has none; give it to all or to none"
                " of them, so that a changed ceiling is changed back"
            ),
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Scheduled(**settings)  # type: ignore[arg-type]
    assert str(refusal.value) == message

"""What the coming days will be held to, told before they come."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.capacity import Limits
from autoscaler.core.control import Direction
from autoscaler.core.ports import Policy
from policies.calendars import Calendar
from policies.combinators import FirstThatKnows, LargestOf, Within
from policies.native import Native
from policies.occasions import EventWindow, FreezeWindow
from policies.preview import Bounds, BoundsFrom, ClockChange, clock_changes, preview, time_zones
from policies.quantile import Quantile
from policies.reactive import Reactive
from policies.scheduled import Scheduled
from policies.timetable import Otherwise, Window
from tests.policies.builders import AWAKE_LIMITS, ZONES, seen

LIMITS = Limits(min_acu=1, max_acu=32)
START = datetime(2026, 3, 6, tzinfo=UTC)  # a Friday
OFFICE = Scheduled(
    time_zone="Europe/Berlin",
    windows=(Window(floor_acu=8, not_on="holidays"),),
    calendars=(Calendar(name="holidays", days=(date(2026, 3, 9),)),),
    lead_seconds=0,
)
IDLE = Bounds(floor_acu=1, ceiling_acu=32, pause_after_seconds=None, follows_demand=False, freeze=None)


def previewed(policy: Policy, days: int = 1, limits: Limits = LIMITS) -> tuple[BoundsFrom, ...]:
    return preview(policy, limits, start=START, end=START + timedelta(days=days))


def floors(policy: Policy, days: int = 1) -> list[tuple[str, float]]:
    return [(f"{one.start:%m-%d %H:%M}", one.bounds.floor_acu) for one in previewed(policy, days)]


def test_a_schedule_is_told_to_the_minute_holidays_left_out() -> None:
    assert floors(OFFICE, days=5) == [
        ("03-06 00:00", 1),
        ("03-06 06:00", 8),
        ("03-06 18:00", 1),
        ("03-10 06:00", 8),
        ("03-10 18:00", 1),
    ]


@pytest.mark.parametrize(
    ("policy", "bounds"),
    [
        (Native(), IDLE),
        (Native(floor_acu=4, ceiling_acu=16), replace(IDLE, floor_acu=4, ceiling_acu=16)),
        (Reactive(), replace(IDLE, follows_demand=True)),
        (Quantile(), replace(IDLE, follows_demand=True)),
        (
            Within(policy=Reactive(), floor_acu=2, ceiling_acu=8),
            Bounds(floor_acu=2, ceiling_acu=8, pause_after_seconds=None, follows_demand=True, freeze=None),
        ),
        (LargestOf(policies=(Reactive(), Native(floor_acu=3))), replace(IDLE, floor_acu=3, follows_demand=True)),
        (
            FirstThatKnows(policies=(Scheduled(windows=(), otherwise=None), Native(floor_acu=5))),
            replace(IDLE, floor_acu=5),
        ),
        (Scheduled(windows=(), otherwise=None), replace(IDLE, follows_demand=True)),
        (Native(floor_acu=99), replace(IDLE, floor_acu=32)),
    ],
)
def test_every_policy_of_ours_says_what_it_holds_to(policy: Policy, bounds: Bounds) -> None:
    assert [one.bounds for one in previewed(policy)] == [bounds]


def test_a_freeze_is_shown_while_it_lasts() -> None:
    frozen = replace(OFFICE, windows=(), freezes=(FreezeWindow(direction=Direction.GROW, start="12:00", end="14:00"),))
    shown = [(f"{one.start:%H:%M}", one.bounds.freeze) for one in previewed(LargestOf(policies=(frozen, Reactive())))]

    assert shown == [("00:00", None), ("11:00", Direction.GROW), ("13:00", None)]


def test_pauses_are_told_within_the_limits() -> None:
    sleepy = Scheduled(windows=(), otherwise=Otherwise(pause_after_seconds=60))
    (bounds,) = previewed(sleepy, limits=replace(LIMITS, min_acu=0, may_pause=True))

    assert bounds.bounds.pause_after_seconds == 300


def test_a_clock_change_is_found_to_the_second() -> None:
    year = {"start": datetime(2026, 1, 1, tzinfo=UTC), "end": datetime(2027, 1, 1, tzinfo=UTC)}

    assert clock_changes(ZoneInfo("Europe/Berlin"), **year) == (
        ClockChange(at=datetime(2026, 3, 29, 1, tzinfo=UTC), seconds=3600),
        ClockChange(at=datetime(2026, 10, 25, 1, tzinfo=UTC), seconds=-3600),
    )
    assert [change.seconds for change in clock_changes(ZoneInfo("Australia/Lord_Howe"), **year)] == [-1800, 1800]
    assert clock_changes(ZoneInfo("UTC"), **year) == ()


def test_the_zones_of_all_schedules_inside_are_found() -> None:
    nested = LargestOf(policies=(Reactive(), Within(policy=FirstThatKnows(policies=(OFFICE, Scheduled())))))

    assert time_zones(nested) == ("Europe/Berlin", "UTC")


@given(
    zone=st.sampled_from(ZONES),
    at=st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 20)),  # noqa: DTZ001
    ramp=st.integers(0, 120),
)
def test_a_preview_says_what_the_policy_will_advise(zone: str, at: datetime, ramp: int) -> None:
    sale = Calendar(name="sale", days=(at.date(),))
    policy = Scheduled(
        time_zone=zone,
        windows=(Window(days="daily", floor_acu=8, ramp_minutes=ramp),),
        events=(EventWindow(calendar="sale", floor_acu=16),),
        calendars=(sale,),
    )
    start = at.replace(tzinfo=UTC)
    shown = preview(policy, AWAKE_LIMITS, start=start, end=start + timedelta(days=2))

    assert (shown[0].start, shown[-1].end) == (start, start + timedelta(days=2))
    for one, following in pairwise(shown):
        assert (one.end, one.bounds != following.bounds) == (following.start, True)
    for one in shown:
        for moment in (one.start, one.end - timedelta(seconds=1)):
            assert policy.advise(seen(at=moment)).range.floor_acu == one.bounds.floor_acu

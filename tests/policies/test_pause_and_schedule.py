"""A schedule beside `pausing`: never asleep in its windows, awake before them, by the local clock on every day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from autoscaler.core.activity import Activity
from autoscaler.core.capacity import Phase
from autoscaler.core.decide import decide
from autoscaler.core.decision import Memory, RuleSettings
from autoscaler.core.snapshot import Snapshot
from policies.calendars import Calendar
from policies.combinators import LargestOf
from policies.pause import Pausing
from policies.scheduled import Scheduled
from policies.timetable import Window
from tests.fakes import WIDE_LIMITS
from tests.policies.builders import seen

HOLIDAY = datetime(2026, 4, 6, tzinfo=UTC).date()  # Easter Monday
OFFICE = Window(days="mon-fri", start="09:00", end="17:00", floor_acu=2, not_on="holidays")
POLICY = LargestOf(
    policies=(
        Scheduled(
            time_zone="Europe/Berlin",
            windows=(OFFICE,),
            calendars=(Calendar(name="holidays", days=(HOLIDAY,)),),
            otherwise=None,
            lead_seconds=600.0,
        ),
        Pausing(),
    )
)


def nobody_expected(at: datetime, phase: Phase) -> Snapshot:
    """A cluster at this moment that the model would let sleep for ever."""
    activity = Activity(start=at, step_seconds=300.0, idle_seconds=7200.0, chances=(0.0001,) * 13)
    snapshot = seen(0.0, limits=WIDE_LIMITS, phase=phase, ceiling_acu=64.0, pause_after_seconds=300, at=at)
    return replace(snapshot, activity=activity)


def woken(at: datetime) -> bool:
    memory = Memory(watching_since=at - timedelta(days=1))
    decision, _ = decide(nobody_expected(at, Phase.PAUSED), POLICY, RuleSettings(), memory)
    return decision.changes


@pytest.mark.parametrize(
    ("day", "opens_utc"),
    [
        (datetime(2026, 3, 27, tzinfo=UTC), 8),  # before the clocks change
        (datetime(2026, 3, 30, tzinfo=UTC), 7),  # after it
        (datetime(2026, 10, 23, tzinfo=UTC), 7),
        (datetime(2026, 10, 26, tzinfo=UTC), 8),
    ],
)
def test_a_sleeping_cluster_is_woken_before_its_window_by_the_local_clock(day: datetime, opens_utc: int) -> None:
    opens = day + timedelta(hours=opens_utc)
    assert not woken(opens - timedelta(minutes=11))
    assert woken(opens - timedelta(minutes=9))
    assert woken(opens + timedelta(hours=7, minutes=59))
    assert not woken(opens + timedelta(hours=8, minutes=1))


def test_in_a_window_it_never_pauses_and_after_it_the_plan_counts_again() -> None:
    day = datetime(2026, 3, 30, tzinfo=UTC)
    inside = POLICY.advise(nobody_expected(day + timedelta(hours=10), Phase.AVAILABLE))
    outside = POLICY.advise(nobody_expected(day + timedelta(hours=20), Phase.AVAILABLE))
    assert inside.range.pause_after_seconds is None
    assert outside.range.pause_after_seconds == WIDE_LIMITS.shortest_pause_seconds


def test_on_a_holiday_nobody_is_woken_for_the_schedule() -> None:
    assert not woken(datetime.combine(HOLIDAY, datetime.min.time(), UTC) + timedelta(hours=8))


def test_a_cluster_that_somebody_else_put_to_sleep_is_left_asleep() -> None:
    """Its range says that it never pauses: a provider's console did it, or its blockers went away."""
    at = datetime(2026, 4, 1, 20, tzinfo=UTC)
    snapshot = nobody_expected(at, Phase.PAUSED)
    never = replace(snapshot.status.range, pause_after_seconds=None)
    odd = replace(snapshot, status=replace(snapshot.status, range=never))
    decision, _ = decide(odd, Pausing(), RuleSettings(), Memory(watching_since=at - timedelta(days=1)))
    assert not decision.changes
    assert "it sleeps" in decision.reason


def test_a_cluster_that_somebody_else_woke_may_sleep_again() -> None:
    at = datetime(2026, 4, 1, 20, tzinfo=UTC)
    advice = Pausing().advise(nobody_expected(at, Phase.AVAILABLE))
    assert advice.range.pause_after_seconds == 300


@pytest.mark.parametrize("phase", [Phase.AVAILABLE, Phase.PAUSED])
def test_what_nobody_measures_neither_falls_asleep_sooner_nor_wakes(phase: Phase) -> None:
    at = datetime(2026, 4, 1, 20, tzinfo=UTC)
    blind = replace(nobody_expected(at, phase), activity=None, blind_seconds=7200.0)
    held = replace(blind.status.range, pause_after_seconds=7200)
    blind = replace(blind, status=replace(blind.status, range=held))
    decision, _ = decide(blind, Pausing(), RuleSettings(), Memory(watching_since=at - timedelta(days=1)))
    assert decision.after == held

"""When a cluster sleeps and when it is woken."""

from dataclasses import replace
from datetime import timedelta

import pytest

from autoscaler.core.activity import Activity, Dial
from autoscaler.core.capacity import Phase
from autoscaler.core.snapshot import Snapshot
from autoscaler.errors import InvalidInput
from policies.native import Native
from policies.pause import Pausing
from tests.fakes import MONDAY, WIDE_LIMITS, make_range
from tests.policies.builders import seen


def expecting(
    *chances: float,
    awake_windows: int = 0,
    wake_window: int | None = None,
    idle_seconds: float = 0.0,
    phase: Phase = Phase.AVAILABLE,
    pause_after_seconds: int | None = 300,
    wakes: int = 0,
    break_even_seconds: float = 7200.0,
    resume_seconds: float | None = 20.0,
) -> Snapshot:
    """A cluster with these chances of use in the next windows of five minutes, and what is worth its price."""
    activity = Activity(
        start=MONDAY,
        step_seconds=300.0,
        idle_seconds=idle_seconds,
        chances=(*chances, *[0.0001] * (13 - len(chances))),
        awake_windows=awake_windows,
        wake_window=wake_window,
        break_even_seconds=break_even_seconds,
        wakes=wakes,
        resume_seconds=resume_seconds,
    )
    snapshot = seen(
        1.0, limits=WIDE_LIMITS, phase=phase, ceiling_acu=64.0, pause_after_seconds=pause_after_seconds, at=MONDAY
    )
    return replace(snapshot, activity=activity)


def test_a_paused_cluster_is_awake_before_its_use() -> None:
    night = expecting(0.001, phase=Phase.PAUSED, wake_window=24, idle_seconds=36_000)
    assert Pausing().advise(night).range == make_range(0.5, 64.0, 300)
    morning = expecting(0.001, 0.9, phase=Phase.PAUSED, wake_window=1, idle_seconds=43_200)
    advice = Pausing().advise(morning)
    assert advice.range == make_range(0.5, 64.0, None)
    told = "woken before its use: it starts within 10 min by 90%, and a resume takes up to 20 s; by the plan"
    assert advice.reason == told


def test_no_cluster_is_woken_for_use_that_is_not_worth_it() -> None:
    advice = Pausing().advise(expecting(0.01, 0.02, phase=Phase.PAUSED, idle_seconds=36_000))
    assert advice.range == make_range(0.5, 64.0, 300)
    assert advice.reason == "it sleeps: nobody is expected soon enough to wake it"


@pytest.mark.parametrize(("resume_seconds", "woken"), [(20.0, False), (None, False), (400.0, True)])
def test_the_longer_a_resume_may_take_the_sooner_it_is_woken(resume_seconds: float | None, woken: bool) -> None:
    soon = expecting(phase=Phase.PAUSED, wake_window=2, idle_seconds=3600, resume_seconds=resume_seconds)
    assert (Pausing().advise(soon).range.pause_after_seconds is None) is woken


def test_what_is_known_is_some_minutes_old_and_the_time_since_then_counts() -> None:
    late = expecting(phase=Phase.PAUSED, wake_window=2, idle_seconds=3600)
    assert Pausing().advise(late).range.pause_after_seconds == 300
    assert Pausing().advise(replace(late, at=MONDAY + timedelta(seconds=250))).range.pause_after_seconds is None


def test_it_is_woken_no_more_than_so_many_times_a_day() -> None:
    again = expecting(0.9, phase=Phase.PAUSED, wake_window=0, idle_seconds=3600, wakes=3)
    advice = Pausing(wakes_per_day=3).advise(again)
    assert advice.range == make_range(0.5, 64.0, 300)
    assert advice.reason == "it sleeps: it woke 3 times within a day, and may 3 times"
    assert Pausing(wakes_per_day=4).advise(again).range.pause_after_seconds is None


def test_idle_with_nobody_expected_it_sleeps_as_soon_as_it_may() -> None:
    idle = expecting(idle_seconds=900, pause_after_seconds=None)
    assert Pausing().advise(idle).range.pause_after_seconds == WIDE_LIMITS.shortest_pause_seconds


def test_it_does_not_fall_asleep_shortly_before_its_use() -> None:
    idle = expecting(0.3, awake_windows=3, wake_window=0, idle_seconds=1500, pause_after_seconds=1800)
    assert Pausing().advise(idle).range.pause_after_seconds is None


def test_woken_before_its_use_it_does_not_fall_asleep_until_it_comes() -> None:
    woken = expecting(0.1, 0.5, wake_window=1, idle_seconds=3600, pause_after_seconds=None)
    assert Pausing().advise(woken).range.pause_after_seconds is None
    over = expecting(0.1, 0.5, wake_window=9, idle_seconds=3600, pause_after_seconds=None)
    assert Pausing().advise(over).range.pause_after_seconds == 300


def test_in_use_the_time_out_covers_the_breaks_that_are_worth_it() -> None:
    advice = Pausing().advise(expecting(awake_windows=6, pause_after_seconds=300))
    assert advice.range.pause_after_seconds == 1800
    assert advice.reason.endswith("awake for 30 min more is worth its price, so it pauses after 30 min; by the plan")
    assert Pausing().advise(expecting(pause_after_seconds=3600)).range.pause_after_seconds == 300


def test_a_time_out_that_is_nearly_right_is_left_as_it_is() -> None:
    breaks = expecting(awake_windows=6, pause_after_seconds=3600)
    assert Pausing().advise(breaks).range.pause_after_seconds == 3600


def test_however_sure_the_model_is_the_time_out_is_bounded_by_what_a_cold_hit_is_worth() -> None:
    sure = expecting(awake_windows=500, break_even_seconds=720.0)
    assert Pausing().advise(sure).range.pause_after_seconds == 3600


@pytest.mark.parametrize("awake_windows", [0, 3, 500])
def test_a_time_out_is_one_that_the_provider_takes(awake_windows: int) -> None:
    told = expecting(awake_windows=awake_windows, break_even_seconds=1e6, pause_after_seconds=None)
    seconds = Pausing().advise(told).range.pause_after_seconds
    assert seconds is not None
    assert WIDE_LIMITS.shortest_pause_seconds <= seconds <= WIDE_LIMITS.longest_pause_seconds


def test_the_dial_is_told_as_what_an_idle_cluster_costs() -> None:
    policy = Pausing(cold_hit_acu_hours=2.0, held_awake_seconds=300.0)
    dial = policy.dial(replace(WIDE_LIMITS, min_acu=2.0))
    assert dial == Dial(cold_hit_acu_hours=2.0, idle_acu=2.0, held_awake_seconds=300.0)
    assert dial.cold_hit_windows(2.0, 300.0) == 12.0


@pytest.mark.parametrize("phase", [Phase.AVAILABLE, Phase.PAUSED])
def test_without_any_knowledge_of_its_use_its_sleep_is_left_as_it_is(phase: Phase) -> None:
    blind = replace(expecting(phase=phase, pause_after_seconds=900), activity=None)
    advice = Pausing().advise(blind)
    assert advice.range.pause_after_seconds == 900
    assert advice.reason.startswith("nothing is known of when it is used: ")


def test_where_the_owner_lets_nothing_pause_only_the_other_policy_speaks() -> None:
    awake = replace(expecting(), limits=replace(WIDE_LIMITS, may_pause=False))
    assert Pausing().advise(awake) == Native().advise(awake)


def test_what_the_other_policy_wishes_while_awake_is_kept() -> None:
    advice = Pausing(policy=Native(floor_acu=4, ceiling_acu=16)).advise(expecting())
    assert (advice.range.floor_acu, advice.range.ceiling_acu) == (4, 16)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cold_hit_acu_hours": -1}, "cold_hit_acu_hours is -1; give a number at least 0 and at most 1"),
        ({"wakes_per_day": "two"}, "wakes_per_day is 'two'; give a number at least 0"),
        ({"policy": "native"}, "policy is 'native'; give a policy"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Pausing(**settings)  # type: ignore[arg-type]
    assert str(refusal.value).startswith(message)


def test_a_chance_that_is_none_is_refused() -> None:
    activity = expecting().activity
    assert activity is not None
    with pytest.raises(InvalidInput, match="is not between 0 and 1"):
        replace(activity, chances=(1.5,))

"""Following the measured demand: up at once, down late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from autoscaler.core.decide import decide
from autoscaler.core.decision import Advice, Memory, RuleSettings
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput
from policies.reactive import Reactive, largest_demand_acu
from tests.fakes import MONDAY, WIDE_LIMITS, later, make_range, make_samples, make_snapshot
from tests.policies.builders import seen

# Whole numbers in, whole numbers out.
FULL = Reactive(target_utilization=1.0)


def test_the_floor_rises_with_the_newest_demand_at_once() -> None:
    assert FULL.advise(seen(2.0, 2.0, 7.2, floor_acu=2.0)) == Advice(
        range=make_range(7.5, 64.0), reason="demand reached 7.2 ACU in the last 2 min"
    )


def test_the_target_leaves_room_above_the_demand() -> None:
    assert Reactive(target_utilization=0.5).advise(seen(4.0)).range == make_range(8.0, 64.0)


def test_above_one_the_target_leaves_the_last_part_to_the_cluster() -> None:
    assert Reactive(target_utilization=4).advise(seen(8.0)).range == make_range(2.0, 64.0)


def test_a_demand_older_than_the_up_window_no_longer_raises_the_floor() -> None:
    assert FULL.advise(seen(9.0, 2.0, 2.0, floor_acu=4.0)).range == make_range(4.0, 64.0)
    assert FULL.advise(seen(2.0, 9.0, 2.0, floor_acu=4.0)).range == make_range(9.0, 64.0)


def test_the_floor_comes_down_when_the_down_window_has_passed_and_not_before() -> None:
    policy = replace(FULL, down_window_seconds=600)
    held = policy.advise(seen(8.0, *(2.0,) * 9, floor_acu=8.0))
    assert held == Advice(range=make_range(8.0, 64.0), reason="demand reached 8 ACU in the last 10 min")
    lowered = policy.advise(seen(8.0, *(2.0,) * 10, floor_acu=8.0))
    assert lowered == Advice(range=make_range(2.0, 64.0), reason="demand reached 2 ACU in the last 2 min")


def test_the_floor_comes_down_to_the_largest_demand_of_the_down_window() -> None:
    policy = replace(FULL, down_window_seconds=600)
    advice = policy.advise(seen(16.0, *(2.0,) * 4, 5.0, *(2.0,) * 5, floor_acu=16.0))
    assert advice == Advice(range=make_range(5.0, 64.0), reason="demand reached 5 ACU in the last 10 min")


def test_unknown_samples_are_skipped_and_never_taken_for_zero() -> None:
    silent = seen(8.0, *(None,) * 40, floor_acu=8.0)
    assert FULL.advise(silent).range == make_range(8.0, 64.0)
    assert FULL.advise(seen(8.0, *(None,) * 40, floor_acu=2.0)).range == make_range(8.0, 64.0)
    assert FULL.advise(seen(2.0, None, 6.0, None, floor_acu=2.0)).range == make_range(6.0, 64.0)


def test_with_nothing_known_it_knows_nothing_and_keeps_the_range() -> None:
    for nothing in (seen(floor_acu=4.0), seen(None, None, floor_acu=4.0)):
        assert FULL.advise(nothing) == Advice(
            range=nothing.status.range, reason="no demand has been measured yet", known=False
        )


def test_an_hourly_sample_counts_though_it_is_longer_than_the_windows() -> None:
    assert FULL.advise(seen(9.0, 3.0, seconds=3600.0, floor_acu=2.0)).range == make_range(3.0, 64.0)
    assert FULL.advise(seen(9.0, 3.0, seconds=3600.0, floor_acu=8.0)).range == make_range(3.0, 64.0)


def test_the_windows_count_back_from_the_newest_sample_and_not_from_now() -> None:
    late = replace(seen(9.0, 2.0, floor_acu=2.0), at=later(7200.0))
    assert FULL.advise(late).range == make_range(9.0, 64.0)


def test_a_saturated_newest_sample_stands_for_more_than_was_measured() -> None:
    assert FULL.advise(seen(2.0, 4.0, censored=True)) == Advice(
        range=make_range(6.0, 64.0),
        reason="the cluster is saturated: 6 ACU are assumed, 4 ACU were measured",
    )


def test_only_the_newest_known_sample_may_stand_for_more() -> None:
    snapshot = seen(4.0, 4.0, None)
    old, new, unknown = snapshot.recent
    was = replace(snapshot, recent=(replace(old, censored=True), new, unknown))
    assert FULL.advise(was).range == make_range(4.0, 64.0)
    still = replace(snapshot, recent=(old, replace(new, censored=True), unknown))
    assert FULL.advise(still).range == make_range(6.0, 64.0)


def test_a_larger_demand_of_the_up_window_counts_more_than_a_small_saturated_one() -> None:
    assert FULL.advise(seen(9.0, 2.0, censored=True)).range == make_range(9.0, 64.0)


def test_the_ceiling_stays_and_the_floor_stops_there() -> None:
    assert FULL.advise(seen(20.0, ceiling_acu=8.0)).range == make_range(8.0, 8.0)


def test_its_pause_is_its_own_or_the_owners() -> None:
    policy = replace(FULL, pause_after_seconds=600)
    assert policy.advise(seen(1.0, limits=WIDE_LIMITS)).range == make_range(1.0, 64.0, 600)
    assert FULL.advise(seen(1.0, limits=WIDE_LIMITS)).range == make_range(1.0, 64.0, 300)
    assert policy.advise(seen(1.0)).range == make_range(1.0, 64.0)


def test_samples_of_different_lengths_count_where_they_reach_into_the_window() -> None:
    minutes = make_samples((1.0, 1.0))
    hour = Sample(at=MONDAY - timedelta(seconds=3720), seconds=3600.0, demand_acu=9.0)
    before = Sample(at=MONDAY - timedelta(seconds=7320), seconds=3600.0, demand_acu=20.0)
    samples = (before, hour, *minutes)
    assert largest_demand_acu(samples, 120.0) == 1.0
    assert largest_demand_acu(samples, 121.0) == 9.0
    assert largest_demand_acu(samples, 3720.0) == 9.0
    assert largest_demand_acu(samples, 3721.0) == 20.0


def test_through_the_rules_it_grows_at_once_and_shrinks_after_window_and_wait() -> None:
    policy = replace(FULL, down_window_seconds=600)
    demand = (*(8.0,) * 30, *(30.0,) * 5, *(2.2,) * 60)
    in_force, memory, floors = make_range(8.0, 64.0), Memory(), []
    for minute in range(20, len(demand)):
        at = later(60.0 * (minute + 1))
        snapshot = make_snapshot(in_force=in_force, at=at, recent=make_samples(demand[: minute + 1], until=at))
        decision, memory = decide(snapshot, policy, RuleSettings(), memory)
        in_force = decision.after
        floors.append(in_force.floor_acu)
    assert floors[9:11] == [8.0, 30.0]
    # Minute 35 is the first calm one, 44 the first whose window is calm: 5 min of wait, then half at a time.
    assert [floors.index(floor) + 20 for floor in (15.0, 7.5, 4.0, 2.5)] == [49, 55, 61, 67]
    assert floors[-1] == 2.5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target_utilization": 0}, "target_utilization is 0; give a number above 0 and at most 4"),
        ({"target_utilization": 4.1}, "target_utilization is 4.1; give a number above 0 and at most 4"),
        ({"up_window_seconds": 0}, "up_window_seconds is 0; give a number above 0 and at most 2.592e+06"),
        ({"down_window_seconds": -5}, "down_window_seconds is -5; give a number above 0 and at most 2.592e+06"),
        ({"censored_growth": 0.9}, "censored_growth is 0.9; give a number at least 1 and at most 10"),
        (
            {"pause_after_seconds": -1},
            "pause_after_seconds is -1; give a whole number of seconds above 0, or leave it out to stay awake",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Reactive(**settings)  # type: ignore[arg-type]
    assert str(refusal.value) == message


def test_an_owner_to_whom_throttling_costs_nothing_is_left_alone() -> None:
    advice = FULL.advise(seen(9.0, floor_acu=4.0, throttling_price=0.0))
    assert advice.range == make_range(0.5, 64.0)
    assert advice.reason == "throttling costs its owner nothing, so it is left alone"

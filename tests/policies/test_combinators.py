"""Policies made of policies."""

from dataclasses import replace

import pytest

from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.ports import Policy
from autoscaler.errors import InvalidInput
from policies.combinators import FirstThatKnows, LargestOf, Within, name_of
from policies.native import Native
from policies.quantile import Quantile
from policies.reactive import Reactive
from policies.scheduled import Scheduled
from policies.timetable import Window
from tests.fakes import WIDE_LIMITS, later, make_range
from tests.policies.builders import seen

REACTIVE = Reactive(target_utilization=1.0)
# Open at MONDAY, 08:00 UTC; closed an hour later.
MORNING = Scheduled(windows=(Window(start="07:00", end="09:00", floor_acu=10),), otherwise=None)


def test_the_largest_takes_each_bound_from_whoever_asks_for_most() -> None:
    policies = (
        Native(floor_acu=4, ceiling_acu=16, pause_after_seconds=600),
        Native(floor_acu=2, ceiling_acu=32, pause_after_seconds=900),
    )
    assert LargestOf(policies=policies).advise(seen(limits=WIDE_LIMITS)) == Advice(
        range=make_range(4.0, 32.0, 900),
        reason="native asks for the highest floor: the range is fixed at 4 to 16 ACU, pauses after 600 s",
        grounds=Grounds.FIXED,
        unmeasured=make_range(4.0, 32.0, 900),
    )


def test_the_largest_names_the_one_with_the_highest_floor() -> None:
    policy = LargestOf(policies=(REACTIVE, MORNING))
    assert policy.advise(seen(3.0)).reason.startswith("scheduled asks for the highest floor: the window")
    assert policy.advise(seen(12.0)).reason.startswith("reactive asks for the highest floor: demand reached")


def test_of_equal_floors_the_largest_names_the_first() -> None:
    advice = LargestOf(policies=(REACTIVE, Native(floor_acu=3))).advise(seen(3.0))
    assert advice.reason.startswith("reactive asks for the highest floor")


def test_one_that_stays_awake_keeps_all_awake() -> None:
    awake = Scheduled(windows=(Window(start="07:00", end="09:00", floor_acu=0.5),))
    policy = LargestOf(policies=(Native(pause_after_seconds=600), awake))
    assert policy.advise(seen(limits=WIDE_LIMITS)).range == make_range(0.5, 64.0)


def test_the_largest_tells_what_of_it_holds_without_sight() -> None:
    policy = LargestOf(policies=(REACTIVE, MORNING))
    busy = policy.advise(seen(12.0))
    assert (busy.grounds, busy.without_sight) == (Grounds.MEASURED, make_range(10.0, 64.0))
    only_measured = LargestOf(policies=(REACTIVE, REACTIVE)).advise(seen(12.0))
    assert (only_measured.grounds, only_measured.without_sight) == (Grounds.MEASURED, None)


def test_within_keeps_what_holds_without_sight_inside_its_bounds_too() -> None:
    policy = Within(policy=LargestOf(policies=(REACTIVE, MORNING)), ceiling_acu=8)
    advice = policy.advise(seen(12.0))
    assert (advice.range, advice.without_sight) == (make_range(8.0, 8.0), make_range(8.0, 8.0))


def test_who_knows_nothing_has_no_say_in_the_largest() -> None:
    policy = LargestOf(policies=(REACTIVE, Native(floor_acu=2)))
    assert policy.advise(seen(floor_acu=8.0)).range == make_range(2.0, 64.0)


@pytest.mark.parametrize("kind", [LargestOf, FirstThatKnows])
def test_where_nobody_knows_nothing_changes(kind: type[LargestOf] | type[FirstThatKnows]) -> None:
    blind = replace(seen(floor_acu=8.0), at=later(7200.0))
    assert kind(policies=(MORNING, REACTIVE)).advise(blind) == Advice(
        range=blind.status.range,
        reason="none of these knows anything: scheduled, reactive",
        known=False,
    )


def test_the_first_that_knows_is_followed_even_to_less() -> None:
    policy = FirstThatKnows(policies=(MORNING, REACTIVE))
    assert policy.advise(seen(20.0)) == Advice(
        range=make_range(10.0, 64.0),
        reason="scheduled: the window mon-fri 07:00 to 09:00 (UTC) asks for a floor of 10 ACU",
        grounds=Grounds.SCHEDULE,
    )


def test_the_next_one_is_asked_when_the_first_knows_nothing() -> None:
    policy = FirstThatKnows(policies=(MORNING, REACTIVE))
    assert policy.advise(replace(seen(20.0), at=later(7200.0))) == Advice(
        range=make_range(20.0, 64.0), reason="reactive: demand reached 20 ACU in the last 2 min"
    )


def test_within_keeps_floor_and_ceiling_inside_its_bounds() -> None:
    policy = Within(policy=REACTIVE, floor_acu=2, ceiling_acu=8)
    assert policy.advise(seen(20.0)).range == make_range(8.0, 8.0)
    assert policy.advise(seen(1.0)).range == make_range(2.0, 8.0)
    assert policy.advise(seen(20.0)).reason == (
        "reactive, kept within its bounds (20 to 64 ACU before): demand reached 20 ACU in the last 2 min"
    )


def test_within_leaves_alone_what_is_inside() -> None:
    policy = Within(policy=REACTIVE, floor_acu=2, ceiling_acu=64)
    assert policy.advise(seen(5.0)) == Advice(
        range=make_range(5.0, 64.0), reason="reactive: demand reached 5 ACU in the last 2 min"
    )


def test_within_does_not_speak_for_a_policy_that_knows_nothing() -> None:
    snapshot = seen(floor_acu=1.0)
    assert Within(policy=REACTIVE, floor_acu=2).advise(snapshot) == Advice(
        range=snapshot.status.range, reason="reactive: no demand has been measured yet", known=False
    )


def test_they_look_as_far_back_and_ahead_as_their_parts() -> None:
    parts: tuple[Policy, ...] = (Reactive(down_window_seconds=900), Quantile(), Native())
    for policy in (LargestOf(policies=parts), FirstThatKnows(policies=parts)):
        assert policy.recent_seconds == 900
        assert policy.looks_ahead
    assert not LargestOf(policies=(Native(),)).looks_ahead
    assert Within(policy=Reactive(down_window_seconds=300)).recent_seconds == 300
    assert Within(policy=Quantile()).looks_ahead


def test_a_policy_is_called_by_its_name() -> None:
    assert [name_of(kind) for kind in (Reactive, LargestOf, FirstThatKnows)] == [
        "reactive",
        "largest-of",
        "first-that-knows",
    ]


def test_nothing_to_combine_is_refused() -> None:
    with pytest.raises(InvalidInput, match="policies is empty; name at least one policy"):
        LargestOf(policies=())
    with pytest.raises(InvalidInput, match="give a tuple of Policy"):
        FirstThatKnows(policies=[REACTIVE])  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="policy is 'reactive'; give a policy"):
        Within(policy="reactive")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="floor_acu is 8, above the ceiling_acu of 4"):
        Within(policy=REACTIVE, floor_acu=8, ceiling_acu=4)

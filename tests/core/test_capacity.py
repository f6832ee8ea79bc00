"""Ranges as a partial order, and the limits they are kept in."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.capacity import Limits, Range, first_above, later_pause, round_down, round_up
from autoscaler.errors import InvalidInput
from tests import strategies as some
from tests.fakes import make_range

PAIR = (some.ranges(), some.ranges())
TRIPLE = (*PAIR, some.ranges())


@given(*PAIR)
def test_at_least_is_an_upper_bound_that_shrinks_neither(one: Range, other: Range) -> None:
    both = one.at_least(other)
    assert not both.shrinks(one)
    assert not both.shrinks(other)


@given(*TRIPLE)
def test_at_least_is_the_least_of_all_upper_bounds(one: Range, other: Range, bound: Range) -> None:
    if not bound.shrinks(one) and not bound.shrinks(other):
        assert not bound.shrinks(one.at_least(other))


@given(*TRIPLE)
def test_at_least_does_not_mind_order_or_repetition(one: Range, other: Range, third: Range) -> None:
    assert one.at_least(one) == one
    assert one.at_least(other) == other.at_least(one)
    assert one.at_least(other).at_least(other) == one.at_least(other)
    assert one.at_least(other).at_least(third) == one.at_least(other.at_least(third))


@given(*TRIPLE)
def test_not_shrinking_is_a_partial_order(one: Range, other: Range, third: Range) -> None:
    assert not one.shrinks(one)
    if not one.shrinks(other) and not other.shrinks(one):
        assert one == other
    if not third.shrinks(other) and not other.shrinks(one):
        assert not third.shrinks(one)


@given(*PAIR)
def test_growing_one_way_is_shrinking_the_other_way(one: Range, other: Range) -> None:
    assert one.grows(other) == other.shrinks(one)
    assert (one == other) == (not one.grows(other) and not one.shrinks(other))


@given(some.PAUSES, some.PAUSES)
def test_a_cluster_that_never_pauses_pauses_later_than_any_other(one: int | None, other: int | None) -> None:
    later = later_pause(one, other)
    assert later in (one, other)
    assert (later is None) == (None in (one, other))
    assert not make_range(1, 2, later).pauses_sooner_than(make_range(1, 2, one))


@given(some.ranges(), some.acus())
def test_another_floor_moves_the_ceiling_only_out_of_its_way(held: Range, floor: float) -> None:
    moved = held.with_floor(floor)
    assert moved == make_range(floor, max(floor, held.ceiling_acu), held.pause_after_seconds)


@pytest.mark.parametrize(
    ("floor", "ceiling", "told"),
    [
        (nan, 2, "a range needs finite bounds, not nan to 2 ACU"),
        (1, nan, "a range needs finite bounds, not 1 to nan ACU"),
        (inf, inf, "a range needs finite bounds, not inf to inf ACU"),
        (0, inf, "a range needs finite bounds, not 0 to inf ACU"),
        (-inf, 2, "a range needs finite bounds, not -inf to 2 ACU"),
        (-0.5, 2, "a floor of -0.5 ACU is not between 0 and the ceiling of 2 ACU"),
        (4, 2, "a floor of 4 ACU is not between 0 and the ceiling of 2 ACU"),
    ],
)
def test_a_range_that_cannot_be_is_refused(floor: float, ceiling: float, told: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{told}$"):
        make_range(floor, ceiling)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (make_range(0.5, 64), "0.5 to 64 ACU"),
        (make_range(2, 16.5, 300), "2 to 16.5 ACU, pauses after 300 s"),
        (make_range(0, 1, 0), "0 to 1 ACU, pauses after 0 s"),
    ],
)
def test_a_range_says_what_it_is(held: Range, said: str) -> None:
    assert str(held) == said


@pytest.mark.parametrize(
    ("acu", "step", "rounded"),
    [(0, 0.5, 0), (0.01, 0.5, 0.5), (0.5, 0.5, 0.5), (8.000000000000002, 0.5, 8), (8.01, 0.5, 8.5), (3, 2, 4)],
)
def test_rounding_up_forgives_the_last_bit_and_nothing_more(acu: float, step: float, rounded: float) -> None:
    assert round_up(acu, step) == rounded


@given(some.acus(), st.sampled_from(some.STEPS_ACU))
def test_rounding_up_adds_less_than_a_grain_and_changes_nothing_twice(acu: float, step: float) -> None:
    rounded = round_up(acu, step)
    assert acu - 1e-6 <= rounded < acu + step
    assert round_up(rounded, step) == rounded


@given(some.limits(), some.ranges(), some.ranges())
def test_clipping_keeps_the_order_of_ranges_and_changes_nothing_twice(limits: Limits, one: Range, other: Range) -> None:
    clipped = limits.clip(one)
    assert limits.clip(clipped) is clipped
    assert not limits.clip(one.at_least(other)).shrinks(clipped)


@pytest.mark.parametrize(
    ("wanted", "clipped"),
    [
        (make_range(0, 1), make_range(2, 2)),
        (make_range(3.1, 9.9), make_range(3.5, 10)),
        (make_range(20, 99), make_range(16, 16)),
        (make_range(2, 16, 0), make_range(2, 16, 300)),
        (make_range(2, 16, 400), make_range(2, 16, 400)),
        (make_range(2, 16, 10**6), make_range(2, 16, 86_400)),
    ],
)
def test_limits_move_a_range_to_the_nearest_one_allowed(wanted: Range, clipped: Range) -> None:
    assert Limits(min_acu=2, max_acu=16, may_pause=True).clip(wanted) == clipped


def test_whoever_may_not_pause_does_not() -> None:
    assert Limits(min_acu=2, max_acu=16).clip(make_range(2, 16, 300)) == make_range(2, 16)


def test_a_cluster_that_nobody_steers_pauses_as_usual_if_at_all() -> None:
    assert Limits(min_acu=2, max_acu=16, may_pause=True).pause_after_seconds == 300
    assert Limits(min_acu=2, max_acu=16, may_pause=True, usual_pause_seconds=900).pause_after_seconds == 900
    assert Limits(min_acu=2, max_acu=16, usual_pause_seconds=900).pause_after_seconds is None


FINITE = "limits must be finite numbers of ACU"


@pytest.mark.parametrize(
    ("least", "most", "step", "told"),
    [
        (nan, 2, 1, FINITE),
        (1, inf, 1, FINITE),
        (1, 2, nan, FINITE),
        (1, 2, 0, "a capacity step of 0 ACU is not above 0"),
        (1, 2, -1, "a capacity step of -1 ACU is not above 0"),
        (0, 0, 1, "a maximum of 0 ACU is not above 0"),
        (-1, 2, 1, "a minimum of -1 ACU is above the maximum of 2 ACU or below 0"),
        (3, 2, 1, "a minimum of 3 ACU is above the maximum of 2 ACU or below 0"),
        (0.7, 16, 0.5, "a minimum of 0.7 ACU lies between two steps of 0.5 ACU; give a multiple"),
        (0.5, 15.8, 0.5, "a maximum of 15.8 ACU lies between two steps of 0.5 ACU; give a multiple"),
    ],
)
def test_limits_that_cannot_be_are_refused(least: float, most: float, step: float, told: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{told}$"):
        Limits(min_acu=least, max_acu=most, step_acu=step)


def test_the_tightest_limits_are_limits() -> None:
    assert Limits(min_acu=0.5, max_acu=0.5, step_acu=0.5).clip(make_range(4, 8)) == make_range(0.5, 0.5)
    assert Limits(min_acu=0, max_acu=0.3, step_acu=0.1).max_acu == 0.3, "three tenths are three steps, to the last bit"
    once = Limits(min_acu=1, max_acu=2, may_pause=True, shortest_pause_seconds=600, longest_pause_seconds=600)
    assert once.clip(make_range(1, 2, 1)) == make_range(1, 2, 600)


def test_pause_bounds_that_cross_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^the shortest pause of 600 s is above the longest of 300 s$"):
        Limits(min_acu=1, max_acu=16, shortest_pause_seconds=600, longest_pause_seconds=300)


def test_a_pause_before_the_beginning_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^a pause after -1 s lies in the past; give 0 or more$"):
        make_range(1, 2, -1)


@pytest.mark.parametrize(
    ("acu", "step", "below", "above"),
    [(0, 0.5, 0, 0.5), (0.5, 0.5, 0.5, 1), (0.7, 0.5, 0.5, 1), (7.999999999999999, 2, 8, 10), (0.5, 0.25, 0.5, 0.75)],
)
def test_the_steps_at_or_below_and_above(acu: float, step: float, below: float, above: float) -> None:
    assert (round_down(acu, step), first_above(acu, step)) == (below, above)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (make_range(4, 32), make_range(8, 16), make_range(4, 16)),
        (make_range(8, 16), make_range(4, 32), make_range(4, 16)),
        (make_range(8, 16), make_range(2, 4), make_range(2, 4)),
        (make_range(4, 32), make_range(4, 32, 300), make_range(4, 32, 300)),
        (make_range(4, 32, 300), make_range(4, 32), make_range(4, 32, 300)),
        (make_range(4, 32, 600), make_range(4, 32, 300), make_range(4, 32, 300)),
        (make_range(4, 32, 300), make_range(4, 32, 600), make_range(4, 32, 300)),
    ],
)
def test_at_most_takes_the_lower_bounds_and_the_sooner_pause(one: Range, other: Range, both: Range) -> None:
    assert one.at_most(other) == both
    assert one.grows(other) == (both != one)


@given(*PAIR)
def test_at_most_grows_neither(one: Range, other: Range) -> None:
    both = one.at_most(other)
    assert not both.grows(one)
    assert not both.grows(other)

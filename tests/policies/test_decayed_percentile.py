"""A percentile of the load that fades, with a margin."""

import pytest

from autoscaler.core.decision import Advice
from autoscaler.errors import InvalidInput
from policies.decayed_percentile import DecayedPercentile
from tests.fakes import WIDE_LIMITS, make_range
from tests.policies.builders import seen

# Whole numbers in, whole numbers out.
BARE = DecayedPercentile(margin=0.0)


def test_a_steady_demand_gets_itself_and_the_margin() -> None:
    assert DecayedPercentile(margin=0.5).advise(seen(*(4.0,) * 60)) == Advice(
        range=make_range(6.0, 64.0),
        reason="0.95 of the load came at 4 ACU or less, half forgotten every 12 h; 50% on top",
    )


def test_a_rare_peak_is_above_the_percentile_and_a_frequent_one_is_not() -> None:
    # One minute at 8 ACU is 7 % of the load, though less than 1 % of the time, of two hours at 1 ACU.
    calm = (1.0,) * 110
    assert DecayedPercentile(percentile=0.9, margin=0.0).advise(seen(8.0, *calm)).range == make_range(1.0, 64.0)
    assert BARE.advise(seen(8.0, *calm)).range == make_range(8.0, 64.0)


def test_an_old_load_fades() -> None:
    # Five minutes at 3 ACU, then ten at 1: three fifths of the load at first, faded it is less than the half of it.
    demand = (3.0,) * 5 + (1.0,) * 10
    slow = DecayedPercentile(percentile=0.5, margin=0.0)
    quick = DecayedPercentile(percentile=0.5, margin=0.0, half_life_seconds=450)
    assert slow.advise(seen(*demand)).range == make_range(3.0, 64.0)
    assert quick.advise(seen(*demand)).range == make_range(1.0, 64.0)


def test_what_is_older_than_two_half_lives_has_no_weight() -> None:
    policy = DecayedPercentile(percentile=1.0, margin=0.0, half_life_seconds=300)
    assert policy.advise(seen(8.0, *(1.0,) * 9)).range == make_range(8.0, 64.0)
    assert policy.advise(seen(8.0, *(1.0,) * 10)).range == make_range(1.0, 64.0)


def test_a_long_sample_weighs_as_much_as_the_short_ones_that_it_stands_for() -> None:
    assert BARE.advise(seen(2.0, 6.0, seconds=300.0)).range == BARE.advise(seen(*(2.0,) * 5, *(6.0,) * 5)).range


def test_unknown_samples_are_skipped_and_never_taken_for_zero() -> None:
    assert BARE.advise(seen(*(8.0,) * 10, *(None,) * 40)).range == make_range(8.0, 64.0)


def test_with_nothing_known_it_knows_nothing_and_keeps_the_range() -> None:
    for nothing in (seen(floor_acu=4.0), seen(None, None, floor_acu=4.0)):
        assert BARE.advise(nothing) == Advice(
            range=nothing.status.range, reason="no demand has been measured in the last 24 h", known=False
        )


def test_an_idle_cluster_gets_the_owners_minimum() -> None:
    assert BARE.advise(seen(*(0.0,) * 60, floor_acu=16.0)).range == make_range(0.5, 64.0)


def test_an_owner_to_whom_throttling_costs_nothing_is_left_alone() -> None:
    assert BARE.advise(seen(9.0, floor_acu=4.0, throttling_price=0.0)).range == make_range(0.5, 64.0)


def test_its_pause_is_its_own_or_the_owners() -> None:
    asleep = seen(1.0, limits=WIDE_LIMITS)
    assert DecayedPercentile(margin=0.0, pause_after_seconds=600).advise(asleep).range == make_range(1.0, 64.0, 600)
    assert BARE.advise(asleep).range == make_range(1.0, 64.0, 300)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"percentile": 0}, "percentile is 0; give a number above 0 and at most 1"),
        ({"margin": -0.1}, "margin is -0.1; give a number at least 0 and at most 4"),
        ({"half_life_seconds": 0}, "half_life_seconds is 0; give a number above 0 and at most 2.592e+06"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        DecayedPercentile(**settings)  # type: ignore[arg-type]
    assert str(refusal.value) == message

"""A fixed range."""

import pytest

from autoscaler.core.capacity import Limits
from autoscaler.core.decision import Advice, Grounds
from autoscaler.errors import InvalidInput
from policies.native import Native
from tests.fakes import WIDE_LIMITS, make_range
from tests.policies.builders import seen


def test_without_bounds_of_its_own_it_takes_the_owners_limits() -> None:
    assert Native().advise(seen(9.0, floor_acu=4.0, ceiling_acu=8.0)) == Advice(
        range=make_range(0.5, 64.0), reason="the range is fixed at 0.5 to 64 ACU", grounds=Grounds.FIXED
    )


def test_its_own_bounds_hold_whatever_is_measured() -> None:
    policy = Native(floor_acu=2, ceiling_acu=16, pause_after_seconds=600)
    assert policy.advise(seen(40.0, censored=True, limits=WIDE_LIMITS)).range == make_range(2.0, 16.0, 600)
    assert policy.advise(seen(limits=WIDE_LIMITS)).range == make_range(2.0, 16.0, 600)


def test_the_owners_limits_come_before_its_own_bounds() -> None:
    strict = Limits(min_acu=1.0, max_acu=8.0, may_pause=False)
    policy = Native(floor_acu=0.2, ceiling_acu=100, pause_after_seconds=600)
    assert policy.advise(seen(limits=strict)).range == make_range(1.0, 8.0)


def test_a_floor_above_the_owners_maximum_is_that_maximum() -> None:
    assert Native(floor_acu=100).advise(seen()).range == make_range(64.0, 64.0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"floor_acu": -1}, "floor_acu is -1; give a number at least 0"),
        ({"ceiling_acu": float("nan")}, "ceiling_acu is nan; give a number at least 0"),
        ({"floor_acu": "2"}, "floor_acu is '2'; give a number at least 0"),
        (
            {"floor_acu": 8, "ceiling_acu": 4},
            "floor_acu is 8, above the ceiling_acu of 4; lower one or raise the other",
        ),
        (
            {"pause_after_seconds": 0},
            "pause_after_seconds is 0; give a whole number of seconds above 0, or leave it out to stay awake",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Native(**settings)  # type: ignore[arg-type]
    assert str(refusal.value) == message

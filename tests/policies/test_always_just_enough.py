"""Neon's rule: floor and ceiling are what the load of the last minutes asks for."""

from dataclasses import replace

import pytest

from autoscaler.core.capacity import Consent
from autoscaler.core.decide import decide
from autoscaler.core.decision import Advice, Memory, RuleSettings
from autoscaler.errors import InvalidInput
from policies.always_just_enough import AlwaysJustEnough
from tests.fakes import WIDE_LIMITS, make_range
from tests.policies.builders import AWAKE_LIMITS, seen

# Whole numbers in, whole numbers out.
FULL = AlwaysJustEnough(target_utilization=1.0)


def test_floor_and_ceiling_are_the_load_over_the_target() -> None:
    assert AlwaysJustEnough().advise(seen(*(3.6,) * 5)) == Advice(
        range=make_range(4.0, 4.0), reason="4 ACU are just enough for a load of 3.6 ACU at 90%"
    )


def test_by_itself_the_last_minute_counts_alone_up_and_down() -> None:
    assert FULL.advise(seen(2.0, 2.0, 2.0, 2.0, 7.0)).range == make_range(7.0, 7.0)
    assert FULL.advise(seen(7.0, 7.0, 7.0, 7.0, 2.0)).range == make_range(2.0, 2.0)


def test_a_small_difference_leaves_the_word_to_the_last_five_minutes() -> None:
    calm = replace(FULL, stable_zone=0.5)
    assert calm.advise(seen(4.0, 4.0, 4.0, 4.0, 9.0)).range == make_range(9.0, 9.0)
    assert calm.advise(seen(7.0, 7.0, 7.0, 5.0, 4.0)).range == make_range(6.0, 6.0)


def test_between_the_zones_both_count() -> None:
    # Five minutes: 5 ACU; the last: 10. They are 5 apart, three quarters of the way from 1.25 to 6.25.
    blended = replace(FULL, stable_zone=0.25, mixed_zone=1.0)
    assert blended.advise(seen(3.75, 3.75, 3.75, 3.75, 10.0)).range == make_range(9.0, 9.0)


def test_what_is_older_than_five_minutes_does_not_count() -> None:
    steady = replace(FULL, stable_zone=10.0)
    assert steady.advise(seen(64.0, *(3.0,) * 5)).range == make_range(3.0, 3.0)


def test_a_saturated_cluster_is_assumed_to_need_more_than_it_has() -> None:
    assert FULL.advise(seen(4.0, 4.0, censored=True, ceiling_acu=4.0)).range == make_range(6.0, 6.0)


def test_unknown_samples_are_skipped_and_never_taken_for_zero() -> None:
    assert FULL.advise(seen(8.0, 8.0, None, None)).range == make_range(8.0, 8.0)


def test_after_five_unknown_minutes_it_knows_nothing_and_keeps_the_range() -> None:
    for silent in (seen(floor_acu=4.0), seen(8.0, *(None,) * 5, floor_acu=4.0)):
        assert FULL.advise(silent) == Advice(
            range=silent.status.range, reason="no demand has been measured in the last five minutes", known=False
        )


def test_it_stays_within_the_owners_limits_and_leaves_an_idle_cluster_one_step() -> None:
    assert FULL.advise(seen(90.0)).range == make_range(64.0, 64.0)
    assert FULL.advise(seen(0.0, limits=replace(AWAKE_LIMITS, min_acu=0.0))).range == make_range(0.5, 0.5)


def test_without_consent_the_rules_hold_the_ceiling_and_the_floor_follows_alone() -> None:
    snapshot = seen(*(20.0,) * 5, floor_acu=2.0, ceiling_acu=16.0)
    agreed = replace(snapshot, limits=replace(snapshot.limits, consent=Consent(ceiling=True)))
    refused = replace(snapshot, limits=replace(snapshot.limits, consent=Consent(ceiling=False)))
    held, _ = decide(refused, FULL, RuleSettings(), Memory())
    moved, _ = decide(agreed, FULL, RuleSettings(), Memory())
    assert (held.after, moved.after) == (make_range(16.0, 16.0), make_range(20.0, 20.0))


def test_an_owner_to_whom_throttling_costs_nothing_is_left_alone() -> None:
    assert FULL.advise(seen(9.0, floor_acu=4.0, throttling_price=0.0)).range == make_range(0.5, 64.0)


def test_its_pause_is_its_own_or_the_owners() -> None:
    asleep = seen(1.0, limits=WIDE_LIMITS)
    assert replace(FULL, pause_after_seconds=600).advise(asleep).range == make_range(1.0, 1.0, 600)
    assert FULL.advise(asleep).range == make_range(1.0, 1.0, 300)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target_utilization": 1.1}, "target_utilization is 1.1; give a number above 0 and at most 1"),
        ({"stable_zone": -1}, "stable_zone is -1; give a number at least 0 and at most 10"),
        ({"mixed_zone": 11}, "mixed_zone is 11; give a number at least 0 and at most 10"),
        ({"censored_growth": 0.9}, "censored_growth is 0.9; give a number at least 1 and at most 10"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        AlwaysJustEnough(**settings)  # type: ignore[arg-type]
    assert str(refusal.value) == message

"""How the rules work together: their order, their last word and the sentence they end in."""

from dataclasses import replace

import pytest

from autoscaler.core.capacity import FULL_CONSENT, Limits, Phase, Range
from autoscaler.core.control import Control, Direction, Freeze, Override
from autoscaler.core.decide import decide
from autoscaler.core.decision import Advice, Case, Decision, Memory, RuleSettings, Step
from autoscaler.core.rules import RULES
from autoscaler.core.snapshot import Snapshot
from tests.core.story import WATCHED, YESTERDAY, acu, decided, waited_for
from tests.fakes import (
    MONDAY,
    AlwaysWishes,
    KnowsNothing,
    later,
    make_range,
    make_samples,
    make_snapshot,
)

CAREFUL = RuleSettings()
BUSY = (Phase.CHANGING, Phase.PAUSING, Phase.RESUMING, Phase.UNAVAILABLE)


def test_the_rules_stand_in_the_order_of_their_say() -> None:
    assert [rule.name for rule in RULES] == [
        "keep_to_the_budget",
        "never_shrink_blind",
        "grow_blind_only_on_sure_grounds",
        "never_shrink_with_a_fresh_memory",
        "wait_before_shrinking",
        "shrink_gently",
        "keep_the_ceiling_above_the_recent_peak",
        "keep_the_working_set_in_memory",
        "keep_standbys_fit_to_take_over",
        "pause_with_waiting_parameters_only_with_consent",
        "give_up_the_floor_for_a_pause_only_when_idle",
        "move_the_ceiling_only_with_consent",
        "cap_the_connections_only_with_consent",
        "interrupt_nothing_without_consent",
        "keep_to_the_caps_of_the_fleet",
        "leave_what_somebody_else_changed",
        "obey_an_override",
        "obey_a_freeze",
        "let_a_sleeping_cluster_sleep",
        "let_a_change_finish",
        "space_the_changes",
        "leave_a_refusing_cluster_alone",
        "stay_within_limits",
    ]


def test_a_wish_that_nobody_objects_to_is_the_decision() -> None:
    decision, memory = decide(
        make_snapshot(in_force=acu(2)), AlwaysWishes(range=acu(6), reason="it gets busy"), CAREFUL, Memory()
    )
    assert decision == Decision(
        at=MONDAY,
        cluster_id="orders",
        before=acu(2),
        wish=acu(6),
        after=acu(6),
        reason="2 to 32 ACU becomes 6 to 32 ACU: it gets busy",
        steps=(),
    )
    assert memory == Memory(watching_since=MONDAY, changed_at=MONDAY)
    assert (decision.changes, decision.driver) == (True, "policy")


def test_a_policy_that_knows_nothing_leaves_everything_as_it_is() -> None:
    decision, memory = decide(make_snapshot(in_force=acu(2)), KnowsNothing(), CAREFUL, Memory())
    assert decision.reason == "2 to 32 ACU stays: nothing is known yet"
    assert (decision.changes, decision.driver, memory) == (False, "policy", Memory(watching_since=MONDAY))


def test_the_steps_record_exactly_what_each_rule_changed() -> None:
    snapshot = make_snapshot(
        in_force=acu(8, 32),
        limits=Limits(min_acu=5, max_acu=64, consent=FULL_CONSENT),
        recent=make_samples([3, 20.2, 4]),
    )
    decision = decided(snapshot, make_range(1, 16, 300), waited_for(make_range(1, 16, 300)))
    assert decision == Decision(
        at=MONDAY,
        cluster_id="orders",
        before=acu(8, 32),
        wish=make_range(1, 16, 300),
        after=acu(5, 20.5),
        reason="8 to 32 ACU becomes 5 to 20.5 ACU: wished, "
        "but the owner allows 5 to 64 ACU in steps of 0.5, never pause",
        steps=(
            Step(
                rule="shrink_gently",
                before=make_range(1, 16, 300),
                after=make_range(4, 16, 300),
                why="one change takes at most 50% of the floor",
            ),
            Step(
                rule="keep_the_ceiling_above_the_recent_peak",
                before=make_range(4, 16, 300),
                after=make_range(4, 20.2, 300),
                why="the recent peak was 20.2 ACU",
            ),
            Step(
                rule="stay_within_limits",
                before=make_range(4, 20.2, 300),
                after=acu(5, 20.5),
                why="the owner allows 5 to 64 ACU in steps of 0.5, never pause",
            ),
        ),
    )
    assert decision.driver == "stay_within_limits"


NARROW = Limits(min_acu=1, max_acu=8)
WIDE_OVERRIDE = Control(override=Override(range=make_range(16, 32, 300), until=later(60)))
WHOLE_FREEZE = Control(freeze=Freeze(direction=Direction.BOTH, until=later(60)))


@pytest.mark.parametrize(
    "snapshot",
    [
        make_snapshot(in_force=acu(2, 32), limits=NARROW),
        make_snapshot(in_force=acu(2, 32), limits=NARROW, blind_seconds=float("inf")),
        make_snapshot(in_force=acu(2, 32), limits=NARROW, control=WIDE_OVERRIDE),
        make_snapshot(in_force=acu(2, 32), limits=NARROW, control=WHOLE_FREEZE),
        make_snapshot(in_force=make_range(2, 32, 300), limits=NARROW, phase=Phase.PAUSED),
        make_snapshot(in_force=acu(2, 32), limits=NARROW, requested=acu(4, 32)),
        make_snapshot(in_force=acu(2, 32), limits=NARROW, changed_at=later(-1)),
    ],
    ids=["calm", "blind", "overridden", "frozen", "asleep", "in flight", "just changed"],
)
def test_the_limits_have_the_last_word_over_everybody(snapshot: Snapshot) -> None:
    decision = decided(snapshot, acu(16, 32), Memory())
    assert (decision.after.ceiling_acu, decision.after.pause_after_seconds) == (8, None)
    assert decision.driver == "stay_within_limits"


def test_a_range_off_the_grain_is_rounded_up() -> None:
    decision = decided(make_snapshot(in_force=acu(2)), acu(3.1, 40.2))
    assert decision.reason == (
        "2 to 32 ACU becomes 3.5 to 40.5 ACU: wished, but the owner allows 0.5 to 64 ACU in steps of 0.5, may pause"
    )


@pytest.mark.parametrize(("floor", "following"), [(4.0, 3.0), (2.0, 1.5), (1.0, 0.5), (0.5, 0.5)])
def test_a_gentle_shrink_always_takes_a_grain_at_least(floor: float, following: float) -> None:
    lowest, settings = acu(0.5), RuleSettings(max_shrink_fraction=0.25)
    snapshot = make_snapshot(in_force=acu(floor))
    decision, _ = decide(snapshot, AlwaysWishes(range=lowest), settings, waited_for(lowest))
    assert decision.after == acu(following)


@pytest.mark.parametrize("wish", [make_range(1, 16, 300), make_range(8, 64, 900), make_range(0.5, 2, 300)])
def test_a_sleeping_cluster_is_left_alone_while_it_may_sleep_on(wish: Range) -> None:
    asleep = make_snapshot(in_force=make_range(1, 16, 300), phase=Phase.PAUSED)
    assert not decided(asleep, wish, waited_for(wish)).changes


def test_a_cluster_put_to_sleep_by_hand_is_not_woken_by_a_change() -> None:
    asleep = make_snapshot(in_force=acu(1, 16), phase=Phase.PAUSED)
    assert not decided(asleep, acu(8, 64)).changes


@pytest.mark.parametrize("phase", BUSY)
def test_a_busy_cluster_is_left_to_finish(phase: Phase) -> None:
    decision = decided(make_snapshot(in_force=acu(2), phase=phase), acu(8))
    assert decision.reason == f"2 to 32 ACU stays: wished, but the cluster is {phase}"


def test_somebody_elses_change_is_given_time_too() -> None:
    ours = replace(WATCHED, changed_at=later(-3600))
    just_now = make_snapshot(in_force=acu(2), changed_at=later(-299))
    long_ago = make_snapshot(in_force=acu(2), changed_at=later(-300))
    assert decided(just_now, acu(8), ours).driver == "space_the_changes"
    assert decided(long_ago, acu(8), ours).changes


def test_our_own_change_counts_when_the_provider_reports_none_or_an_older_one() -> None:
    ours = replace(WATCHED, changed_at=later(-299))
    for changed_at in (None, YESTERDAY):
        snapshot = make_snapshot(in_force=acu(2), changed_at=changed_at)
        assert decided(snapshot, acu(8), ours).driver == "space_the_changes"


def test_a_cluster_never_seen_is_called_just_that() -> None:
    decision = decided(make_snapshot(in_force=acu(8), blind_seconds=float("inf")), acu(2))
    assert decision.reason == "8 to 32 ACU stays: wished, but no usable sample yet"


def test_a_ceiling_comes_down_to_the_wish_when_nothing_recent_is_known_to_be_higher() -> None:
    for recent in ((), make_samples([None, None]), make_samples([1, 15.5])):
        snapshot = make_snapshot(in_force=acu(4, 32), recent=recent)
        assert decided(snapshot, acu(4, 16), waited_for(acu(4, 16))).after == acu(4, 16)


def test_a_peak_above_the_ceiling_does_not_raise_it() -> None:
    snapshot = make_snapshot(in_force=acu(4, 32), recent=make_samples([40]))
    assert decided(snapshot, acu(4, 16), waited_for(acu(4, 16))).after == acu(4, 32)


def test_where_nothing_is_known_of_peaks_a_ceiling_may_be_as_low_as_it_is_wished() -> None:
    for recent in ((), make_samples([None])):
        wish = acu(0.5, 0.5)
        snapshot = make_snapshot(in_force=acu(0.5, 32), recent=recent)
        assert decided(snapshot, wish, waited_for(wish)).after == wish


def test_a_wait_without_a_wish_has_not_begun() -> None:
    half = replace(WATCHED, shrink_since=later(-900))
    blind_to_its_past = make_snapshot(in_force=acu(8))
    rule = next(rule for rule in RULES if rule.name == "wait_before_shrinking")
    case = Case(
        snapshot=blind_to_its_past,
        settings=CAREFUL,
        memory=half,
        advice=Advice(range=acu(4), reason="wished"),
    )
    assert rule.apply(acu(4), case) == acu(8)

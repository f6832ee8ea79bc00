"""What people ask for by hand: it counts, to the second, and ends by itself."""

from dataclasses import replace

import pytest

from autoscaler.core.capacity import NO_CONSENT, Limits, Range
from autoscaler.core.control import Control, Direction, Drift, Freeze, Mode, Override
from autoscaler.core.decide import decide
from autoscaler.core.decision import Decision, Memory, RuleSettings
from tests.core.story import WATCHED, acu, decided, waited_for
from tests.fakes import MONDAY, WIDE_LIMITS, AlwaysWishes, later, make_range, make_samples, make_snapshot

UNASKED = replace(WIDE_LIMITS, consent=NO_CONSENT)


def test_an_override_may_shrink_at_once_and_all_the_way_even_a_blind_cluster() -> None:
    control = Control(override=Override(range=acu(1, 2), until=later(1)))
    snapshot = make_snapshot(
        in_force=acu(16), control=control, blind_seconds=1e6, recent=make_samples([12], until=later(-1e6))
    )
    assert decided(snapshot, acu(16), Memory()).after == acu(1, 2)


def test_an_override_waits_for_the_last_change_to_settle() -> None:
    control = Control(override=Override(range=acu(16), until=later(3600)))
    assert not decided(make_snapshot(in_force=acu(2), control=control, requested=acu(4)), acu(2)).changes
    assert not decided(make_snapshot(in_force=acu(2), control=control, changed_at=later(-299)), acu(2)).changes
    assert decided(make_snapshot(in_force=acu(2), control=control, changed_at=later(-300)), acu(2)).changes


@pytest.mark.parametrize(("until_seconds", "after"), [(1, acu(9)), (0, acu(4)), (-1, acu(4))])
def test_an_override_ends_by_itself_on_the_second(until_seconds: float, after: Range) -> None:
    control = Control(override=Override(range=acu(9), until=later(until_seconds), by="ada"))
    assert decided(make_snapshot(in_force=acu(2), control=control), acu(4)).after == after


@pytest.mark.parametrize(
    ("direction", "smaller", "larger", "mixed"),
    [
        (Direction.SHRINK, acu(8, 32), acu(12, 40), acu(12, 32)),
        (Direction.GROW, acu(6, 20), acu(8, 32), acu(8, 20)),
        (Direction.BOTH, acu(8, 32), acu(8, 32), acu(8, 32)),
    ],
)
def test_a_freeze_stops_what_goes_its_way_and_nothing_else(
    direction: Direction, smaller: Range, larger: Range, mixed: Range
) -> None:
    control = Control(freeze=Freeze(direction=direction, until=later(1)))
    snapshot = make_snapshot(in_force=acu(8, 32), control=control)
    wishes = (acu(6, 20), acu(12, 40), acu(12, 20))
    assert [decided(snapshot, wish, waited_for(wish)).after for wish in wishes] == [smaller, larger, mixed]


@pytest.mark.parametrize(
    ("direction", "sooner", "never"),
    [(Direction.SHRINK, 600, None), (Direction.GROW, 300, 600), (Direction.BOTH, 600, 600)],
)
def test_a_freeze_counts_an_easier_pause_as_shrinking(
    direction: Direction, sooner: int | None, never: int | None
) -> None:
    control = Control(freeze=Freeze(direction=direction, until=later(1)))
    snapshot = make_snapshot(in_force=make_range(2, 32, 600), control=control)
    wishes = (make_range(2, 32, 300), make_range(2, 32))
    pauses = [decided(snapshot, wish, waited_for(wish)).after.pause_after_seconds for wish in wishes]
    assert pauses == [sooner, never]


@pytest.mark.parametrize("until_seconds", [0, -1])
def test_a_freeze_ends_by_itself_on_the_second(until_seconds: float) -> None:
    control = Control(freeze=Freeze(direction=Direction.BOTH, until=later(until_seconds)))
    assert decided(make_snapshot(in_force=acu(2), control=control), acu(4)).after == acu(4)


def test_a_freeze_outranks_an_override_of_the_same_person() -> None:
    control = Control(
        override=Override(range=acu(9), until=later(60), by="ada"),
        freeze=Freeze(direction=Direction.GROW, until=later(60), by="ada"),
    )
    decision = decided(make_snapshot(in_force=acu(2), control=control), acu(4))
    assert (decision.after, decision.driver) == (acu(2), "obey_a_freeze")


SCHEDULED = Freeze(direction=Direction.SHRINK, until=later(60), by="the schedule (fri)")


def decided_with(freeze: Freeze, wish: Range, control: Control) -> Decision:
    policy = AlwaysWishes(range=wish, freeze=freeze)
    return decide(make_snapshot(in_force=acu(8), control=control), policy, RuleSettings(), waited_for(wish))[0]


def test_a_schedules_freeze_holds_like_a_persons_and_says_so() -> None:
    decision = decided_with(SCHEDULED, acu(6), Control())
    assert (decision.after, decision.driver) == (acu(8), "obey_a_freeze")
    assert "the schedule (fri) froze it until" in decision.reason
    assert decided_with(replace(SCHEDULED, until=later(0)), acu(6), Control()).after == acu(6)


def test_a_schedules_freeze_and_a_persons_both_count() -> None:
    control = Control(freeze=Freeze(direction=Direction.GROW, until=later(60), by="ada"))
    assert [decided_with(SCHEDULED, wish, control).changes for wish in (acu(6), acu(12))] == [False, False]


def test_a_persons_range_goes_before_a_schedules_freeze() -> None:
    control = Control(override=Override(range=acu(2), until=later(60), by="ada"))
    assert decided_with(SCHEDULED, acu(8), control).after == acu(2)


@pytest.mark.parametrize("wish", [acu(2), acu(16)])
def test_the_kill_switch_outranks_every_order_and_every_wish(wish: Range) -> None:
    override = Override(range=acu(9), until=later(60), by="ada")
    control = Control(override=override, halted="/run/stop exists")
    decision = decided(make_snapshot(in_force=acu(4), control=control), wish, waited_for(wish))

    assert (decision.after, decision.driver) == (acu(4), "obey_a_freeze")
    assert decision.reason == "4 to 32 ACU stays: wished, but the kill switch is on: /run/stop exists"


def test_the_kill_switch_is_told_even_where_nothing_would_change() -> None:
    decision = decided(make_snapshot(in_force=acu(4), control=Control(halted="X is set")), acu(4))

    assert decision.reason == "4 to 32 ACU stays: wished; the kill switch is on: X is set"


@pytest.mark.parametrize("control", [Control(mode=Mode.OBSERVE), Control(mode=Mode.RECOMMEND)])
def test_what_is_not_carried_out_leaves_no_trace_in_the_memory(control: Control) -> None:
    memory = replace(WATCHED, changed_at=later(-1000))
    snapshot = make_snapshot(in_force=acu(4), control=control)
    decision, after = decide(snapshot, AlwaysWishes(range=acu(8)), RuleSettings(), memory)

    assert (decision.changes, after) == (True, memory)


@pytest.mark.parametrize(
    ("control", "restraint"),
    [
        (Control(), None),
        (Control(mode=Mode.OBSERVE), "the mode is observe"),
        (Control(halted="X is set"), "the kill switch is on: X is set"),
        (Control(mode=Mode.OBSERVE, halted="X is set"), "the kill switch is on: X is set"),
    ],
)
def test_why_a_decision_is_not_carried_out_is_told(control: Control, restraint: str | None) -> None:
    assert (control.restraint, control.acts) == (restraint, restraint is None)


def test_an_override_needs_no_consent_and_ends_the_respect_for_what_somebody_else_did() -> None:
    ordered = Control(override=Override(range=acu(0.5, 64), until=later(60)))
    for drift in (
        None,
        Drift(at=later(-60), before=acu(1), after=acu(8)),
        Drift(at=MONDAY, before=acu(9), after=acu(8)),
    ):
        snapshot = make_snapshot(in_force=acu(8), control=ordered, drift=drift, limits=UNASKED)
        assert decided(snapshot, acu(8)).after == acu(0.5, 64)


@pytest.mark.parametrize(
    ("in_force", "wish", "after"),
    [
        (acu(8, 32), acu(4, 16), acu(4, 32)),
        (acu(8, 32), acu(0.5, 32), acu(4, 32)),
        (acu(1, 32), acu(0.5, 32), acu(1, 32)),
        (acu(1.5, 32), acu(0.5, 32), acu(1, 32)),
        (acu(0.5, 32), acu(0.5, 16), acu(0.5, 32)),
        (acu(0.5, 32), acu(4, 32), acu(4, 32)),
        (acu(0.5, 32), acu(40, 64), acu(32, 32)),
    ],
)
def test_without_consent_neither_the_ceiling_moves_nor_does_a_floor_become_low(
    in_force: Range, wish: Range, after: Range
) -> None:
    assert decided(make_snapshot(in_force=in_force, limits=UNASKED), wish, waited_for(wish)).after == after


def test_the_first_floor_above_a_low_one_is_on_the_grain() -> None:
    coarse = replace(UNASKED, min_acu=0, step_acu=2)
    assert decided(make_snapshot(in_force=acu(8), limits=coarse), acu(0), waited_for(acu(0))).after == acu(4)
    assert decided(make_snapshot(in_force=acu(2), limits=coarse), acu(0), waited_for(acu(0))).after == acu(2)


def test_limits_are_kept_even_where_nobody_agreed_to_a_change() -> None:
    narrow = replace(UNASKED, max_acu=16)
    assert decided(make_snapshot(in_force=acu(8, 32), limits=narrow), acu(8, 32)).after == acu(8, 16)


def test_a_raise_and_a_lowering_at_once_are_both_left() -> None:
    drift = Drift(at=MONDAY, before=acu(4, 32), after=acu(8, 16))
    snapshot = make_snapshot(in_force=acu(8, 16), drift=drift)
    for wish in (acu(4, 32), acu(4, 16), acu(12, 32), make_range(4, 8, 300)):
        assert decided(snapshot, wish, waited_for(wish)).after == acu(8, 16)


def test_an_earlier_pause_set_from_outside_is_not_taken_back_and_a_later_one_is_not_shortened() -> None:
    sooner = Drift(at=MONDAY, before=make_range(4, 32, 900), after=make_range(4, 32, 300))
    snapshot = make_snapshot(in_force=make_range(4, 32, 300), drift=sooner)
    assert decided(snapshot, acu(4)).after == make_range(4, 32, 300)
    never = Drift(at=MONDAY, before=make_range(4, 32, 900), after=acu(4))
    wish = make_range(4, 32, 300)
    assert decided(make_snapshot(in_force=acu(4), drift=never), wish, waited_for(wish)).after == acu(4)


def test_above_what_somebody_raised_it_to_a_range_moves_freely() -> None:
    drift = Drift(at=MONDAY, before=acu(4), after=acu(8))
    snapshot = make_snapshot(in_force=acu(16), drift=drift)
    assert decided(snapshot, acu(4), waited_for(acu(4))).after == acu(8)


def test_a_raise_that_somebody_has_taken_back_himself_is_not_brought_again() -> None:
    drift = Drift(at=MONDAY, before=acu(4), after=acu(16))
    snapshot = make_snapshot(in_force=acu(8), drift=drift)
    assert decided(snapshot, acu(4), waited_for(acu(4))).after == acu(8)


def test_a_persons_halt_and_a_schedules_are_both_told() -> None:
    control = Control(freeze=Freeze(direction=Direction.SHRINK, until=later(60), by="ada"))
    halt = Freeze(direction=Direction.GROW, until=later(120))
    policy = AlwaysWishes(range=acu(16), reason="wished", freeze=halt)
    decision, _ = decide(make_snapshot(in_force=acu(8), control=control), policy, RuleSettings(), WATCHED)
    assert decision.reason == (
        "8 to 32 ACU stays: wished, but ada froze it until 2026-03-02 08:01 UTC"
        " and somebody froze it until 2026-03-02 08:02 UTC"
    )


def test_an_order_that_has_just_ended_lets_a_schedules_halt_count_again() -> None:
    policy = AlwaysWishes(range=acu(16), freeze=Freeze(direction=Direction.BOTH, until=later(120)))
    for until_seconds, after in ((1, acu(12)), (0, acu(8))):
        control = Control(override=Override(range=acu(12), until=later(until_seconds)))
        snapshot = make_snapshot(in_force=acu(8), control=control)
        assert decide(snapshot, policy, RuleSettings(), WATCHED)[0].after == after


def test_an_order_of_nobody_in_particular_is_told_as_somebodys() -> None:
    control = Control(override=Override(range=acu(12), until=later(60)))
    decision = decided(make_snapshot(in_force=acu(8), control=control), acu(8))
    assert decision.reason == (
        "8 to 32 ACU becomes 12 to 32 ACU: wished, but somebody asked for it until 2026-03-02 08:01 UTC"
    )


def test_among_low_floors_a_cluster_grows_as_wished() -> None:
    limits = replace(UNASKED, low_floor_acu=4)
    for wish, after in ((acu(3), acu(3)), (acu(0.5), acu(1)), (acu(5), acu(5))):
        assert decided(make_snapshot(in_force=acu(1), limits=limits), wish, waited_for(wish)).after == after


@pytest.mark.parametrize(
    ("in_force", "wish", "after"),
    [(1.0, 0.0, 1.0), (1.0, 0.5, 1.0), (0.5, 0.0, 0.5), (0.0, 0.5, 0.5), (0.0, 0.0, 0.0), (0.5, 1.0, 1.0)],
)
def test_nothing_at_all_is_a_low_floor_too_and_nobody_is_asked_to_leave_one(
    in_force: float, wish: float, after: float
) -> None:
    limits = Limits(min_acu=0, max_acu=64, consent=NO_CONSENT)
    snapshot = make_snapshot(in_force=acu(in_force), limits=limits)
    assert decided(snapshot, acu(wish), waited_for(acu(wish))).after == acu(after)

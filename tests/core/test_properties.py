"""What holds of every decision, whatever the cluster, the policy, the settings and the past."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.budget import Budget, Spending
from autoscaler.core.capacity import FULL_CONSENT, NO_CONSENT, MemoryCare, Phase, Range
from autoscaler.core.control import NO_CONTROL, Drift
from autoscaler.core.cost import Prices, needed_acu
from autoscaler.core.decide import decide
from autoscaler.core.decision import Advice, Case, Grounds, Memory, RuleSettings
from autoscaler.core.fleet import FleetAllowance
from autoscaler.core.ports import Policy
from autoscaler.core.rule import is_blind
from autoscaler.core.rules_of_memory import MEMORY
from autoscaler.core.rules_of_timing import IN_FLIGHT
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.working_set import WorkingSet
from tests import strategies as some
from tests.core.transforms import moved, moved_memory, scaled, scaled_memory, scaled_snapshot
from tests.fakes import AlwaysWishes

given_anything = given(some.snapshots(), some.policies(), some.rule_settings(), some.memories())
given_no_orders = given(some.tame_snapshots(), some.policies(), some.rule_settings(), some.memories())


@given_anything
def test_no_decision_leaves_the_limits_or_the_grain(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    after, limits = decide(snapshot, policy, settings, memory)[0].after, snapshot.limits
    assert limits.min_acu <= after.floor_acu <= after.ceiling_acu <= limits.max_acu
    assert (after.floor_acu / limits.step_acu).is_integer()
    assert (after.ceiling_acu / limits.step_acu).is_integer()
    assert after.pause_after_seconds is None or (
        limits.may_pause and limits.shortest_pause_seconds <= after.pause_after_seconds <= limits.longest_pause_seconds
    )


@given_no_orders
def test_nobody_but_a_person_shrinks_a_blind_cluster(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    blind = replace(snapshot, blind_seconds=settings.max_blind_seconds + 1)
    decision, _ = decide(blind, policy, settings, memory)
    assert not decision.after.shrinks(decision.before)


@given(some.tame_snapshots(), some.ranges(), some.rule_settings(), some.memories())
def test_old_samples_grow_no_blind_cluster(
    snapshot: Snapshot, wish: Range, settings: RuleSettings, memory: Memory
) -> None:
    blind = replace(snapshot, blind_seconds=settings.max_blind_seconds + 1)
    decision, _ = decide(blind, AlwaysWishes(range=wish, grounds=Grounds.MEASURED), settings, memory)
    assert not decision.changes


@given_no_orders
def test_without_consent_the_ceiling_stays_and_no_floor_comes_down_to_where_connections_are_capped(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    limits = replace(snapshot.limits, consent=NO_CONSENT)
    decision, _ = decide(replace(snapshot, limits=limits), policy, settings, memory)
    assert decision.after.ceiling_acu == decision.before.ceiling_acu
    assert decision.after.floor_acu > limits.low_floor_acu or not decision.after.floor_acu < decision.before.floor_acu


@given(some.tame_snapshots(), some.drifts(), some.policies(), some.rule_settings(), some.memories())
def test_nothing_lowers_a_range_below_what_somebody_raised_it_to(
    snapshot: Snapshot, drift: Drift, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    raised = replace(drift, acknowledged=False, after=drift.after.at_least(drift.before))
    decision, _ = decide(replace(snapshot, drift=raised), policy, settings, memory)
    assert raised.after == raised.before or not decision.after.shrinks(raised.after.at_most(decision.before))


@given(some.tame_snapshots(), some.drifts(), some.policies(), some.rule_settings(), some.memories())
def test_nothing_raises_a_range_above_what_somebody_lowered_it_to_but_a_shortage(
    snapshot: Snapshot, drift: Drift, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    lowered = replace(drift, acknowledged=False, after=drift.after.at_most(drift.before))
    calm = replace(snapshot, recent=(), drift=lowered)
    decision, _ = decide(calm, policy, settings, memory)
    most = snapshot.limits.clip(lowered.after.at_least(decision.before))
    assert lowered.after == lowered.before or not decision.after.grows(most)


@given_no_orders
def test_the_caps_of_the_fleet_hold(snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory) -> None:
    none_left = replace(snapshot, fleet=FleetAllowance(may_shrink=False, blind_growth_acu=0.0))
    decision, _ = decide(none_left, policy, settings, memory)
    assert not decision.after.shrinks(decision.before)
    blind = replace(none_left, blind_seconds=settings.max_blind_seconds + 1)
    decision, _ = decide(blind, policy, settings, memory)
    assert decision.after.floor_acu == decision.before.floor_acu


@given_no_orders
def test_a_budget_never_leaves_less_than_the_highest_need(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    calm = replace(snapshot, drift=None, fleet=None)
    spent = Spending(
        day_acu_hours=1e6,
        month_acu_hours=1e6,
        projected_day_acu_hours=1e6,
        projected_month_acu_hours=1e6,
        highest_demand_acu=20.0,
    )
    budget = Prices(budget=Budget(acu_hours_per_day=1, clamp=True))
    clamped, _ = decide(replace(calm, prices=budget, spending=spent), policy, settings, memory)
    free, _ = decide(calm, policy, settings, memory)
    need = needed_acu(20.0, calm.limits.min_acu, calm.limits.step_acu)
    assert clamped.after.floor_acu >= min(free.after.floor_acu, need, clamped.before.floor_acu)
    assert clamped.after.ceiling_acu >= min(free.after.ceiling_acu, need)


@given(some.tame_snapshots(), some.policies(), some.rule_settings())
def test_an_empty_memory_never_shrinks_at_once(snapshot: Snapshot, policy: Policy, settings: RuleSettings) -> None:
    decision, _ = decide(snapshot, policy, settings, Memory())
    assert not decision.after.shrinks(decision.before)


@given_anything
def test_the_same_inputs_give_the_same_decision_and_stay_as_they_were(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    inputs = (snapshot, policy, settings, memory)
    copies = deepcopy(inputs)
    assert decide(*inputs) == decide(*copies)
    assert inputs == copies


@given(snapshot=some.snapshots(), wish=some.ranges(), settings=some.rule_settings(), memory=some.memories())
def test_the_same_case_next_month_is_decided_the_same(
    snapshot: Snapshot, wish: Range, settings: RuleSettings, memory: Memory
) -> None:
    policy, month = AlwaysWishes(range=wish), timedelta(days=30, seconds=7)
    now, _ = decide(snapshot, policy, settings, memory)
    then, _ = decide(moved(snapshot, month), policy, settings, moved_memory(memory, month))
    assert (then.at - now.at, then.after) == (month, now.after)
    assert [step.rule for step in then.steps] == [step.rule for step in now.steps]


@given_anything
def test_a_change_in_flight_is_left_alone_but_for_the_limits(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    held = snapshot.status.range
    for phase in sorted(IN_FLIGHT):
        busy = replace(snapshot, status=replace(snapshot.status, phase=phase))
        assert decide(busy, policy, settings, memory)[0].after == snapshot.limits.clip(held)
    asked = replace(snapshot, status=replace(snapshot.status, requested=Range(floor_acu=1, ceiling_acu=2)))
    assert decide(asked, policy, settings, memory)[0].after == snapshot.limits.clip(held)


@given_anything
def test_a_sleeping_cluster_is_changed_by_the_limits_or_to_wake_it(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    asleep = replace(snapshot, status=replace(snapshot.status, phase=Phase.PAUSED))
    after = decide(asleep, policy, settings, memory)[0].after
    held = snapshot.status.range
    woken = held.pause_after_seconds is not None and after.pause_after_seconds is None
    assert woken or after == snapshot.limits.clip(held)


@given_anything
def test_deciding_again_with_the_decided_range_in_force_changes_nothing(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    first, remembered = decide(snapshot, policy, settings, memory)
    obeyed = replace(snapshot, status=replace(snapshot.status, range=first.after))
    second, _ = decide(obeyed, policy, settings, remembered)
    assert not second.changes


@given(some.snapshots(), some.ranges(), some.rule_settings(), some.memories(), st.integers(-8, 8))
def test_counting_in_units_of_another_size_scales_the_decision(
    snapshot: Snapshot, wish: Range, settings: RuleSettings, memory: Memory, power: int
) -> None:
    unit = 2.0**power
    small, _ = decide(snapshot, AlwaysWishes(range=wish), settings, memory)
    large, _ = decide(
        scaled_snapshot(snapshot, unit),
        AlwaysWishes(range=scaled(wish, unit)),
        settings,
        scaled_memory(memory, unit),
    )
    assert large.after == scaled(small.after, unit)
    assert [(step.rule, step.after) for step in large.steps] == [
        (step.rule, scaled(step.after, unit)) for step in small.steps
    ]


@given(some.calm_snapshots(), some.ranges(), some.ranges(), some.rule_settings(), some.memories())
def test_a_larger_wish_never_makes_an_awake_cluster_smaller(
    snapshot: Snapshot, wish: Range, other: Range, settings: RuleSettings, memory: Memory
) -> None:
    low, _ = decide(snapshot, AlwaysWishes(range=wish), settings, memory)
    high, _ = decide(snapshot, AlwaysWishes(range=wish.at_least(other)), settings, memory)
    assert not high.after.shrinks(low.after)


@given(some.calm_snapshots() | some.tame_snapshots(), some.ranges(), some.rule_settings(), some.memories())
def test_no_rule_adds_what_is_neither_wished_nor_in_force(
    snapshot: Snapshot, wish: Range, settings: RuleSettings, memory: Memory
) -> None:
    decision, _ = decide(snapshot, AlwaysWishes(range=wish), settings, memory)
    assert not decision.after.grows(snapshot.limits.clip(wish).at_least(decision.before))


@given_anything
def test_the_steps_lead_from_the_wish_to_the_decision_without_a_gap(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    decision, _ = decide(snapshot, policy, settings, memory)
    way = [decision.wish, *(step.after for step in decision.steps)]
    assert [step.before for step in decision.steps] == way[:-1]
    assert decision.after == way[-1]
    assert all(before != after for before, after in pairwise(way))


@given_anything
def test_the_memory_always_hangs_together(
    snapshot: Snapshot, policy: Policy, settings: RuleSettings, memory: Memory
) -> None:
    decision, remembered = decide(snapshot, policy, settings, memory)
    assert (remembered.shrink_since is None) == (remembered.shrink_wish is None)
    assert remembered.shrink_wish is None or remembered.shrink_since is not None
    assert remembered.changed_at == (snapshot.at if decision.changes else memory.changed_at)
    if decision.changes:
        assert remembered.shrink_wish is None


@given(some.calm_snapshots(), st.lists(some.ranges(), min_size=1, max_size=8), some.rule_settings())
def test_a_lasting_wish_comes_true_whatever_was_wished_before(
    snapshot: Snapshot, wishes: list[Range], settings: RuleSettings
) -> None:
    willing = replace(snapshot.limits, consent=FULL_CONSENT)
    seeing = replace(snapshot, recent=(), limits=willing, drift=None, fleet=None, spending=None)
    brisk = replace(settings, max_shrink_fraction=max(0.5, settings.max_shrink_fraction))
    slowest = max(settings.watch_seconds, settings.shrink_wait_seconds, settings.change_spacing_seconds)
    tick = timedelta(seconds=slowest / 4)
    memory, lasting = Memory(), wishes[-1]
    goal = snapshot.limits.clip(lasting)
    # From 256 ACU to a quarter takes ten halvings, each at most nine ticks after the one before.
    for count in range(len(wishes) + 120):
        wish = wishes[count] if count < len(wishes) else lasting
        if wish is lasting and seeing.status.range == goal:
            return
        decision, memory = decide(seeing, AlwaysWishes(range=wish), brisk, memory)
        seeing = _after_a_tick(seeing, decision.after, tick)
    raise AssertionError(f"{seeing.status.range} stays for ever, {lasting} is wished")


@given(
    some.calm_snapshots(),
    st.lists(some.ranges(), min_size=2, max_size=40),
    some.rule_settings(),
    st.integers(15, 600),
)
def test_no_run_ever_breaks_a_promise(
    snapshot: Snapshot, wishes: list[Range], settings: RuleSettings, tick_seconds: int
) -> None:
    moment, memory, changes = snapshot, Memory(), []
    for wish in wishes:
        decision, memory = decide(moment, AlwaysWishes(range=wish), settings, memory)
        if decision.changes:
            changes.append(decision)
        moment = _after_a_tick(moment, decision.after, timedelta(seconds=tick_seconds))
    for one, following in pairwise(changes):
        assert (following.at - one.at).total_seconds() >= settings.change_spacing_seconds
    for decision in changes:
        if decision.after.shrinks(decision.before):
            assert (decision.at - snapshot.at).total_seconds() >= settings.watch_seconds
            lowest = decision.before.floor_acu * (1 - settings.max_shrink_fraction)
            one_grain_less = decision.before.floor_acu - snapshot.limits.step_acu
            assert decision.after.floor_acu >= min(lowest, one_grain_less)


def _after_a_tick(snapshot: Snapshot, in_force: Range, tick: timedelta) -> Snapshot:
    return replace(snapshot, at=snapshot.at + tick, status=replace(snapshot.status, range=in_force))


@given(
    some.snapshots(),
    some.working_sets(),
    st.sampled_from(MemoryCare),
    some.ranges(),
    some.ranges(),
    some.rule_settings(),
    some.memories(),
)
def test_memory_is_kept_within_all_that_others_say(
    snapshot: Snapshot,
    known: WorkingSet,
    care: MemoryCare,
    wish: Range,
    other: Range,
    settings: RuleSettings,
    memory: Memory,
) -> None:
    """Never beyond limits, never while blind, and no less for a larger wish."""
    snapshot = replace(
        snapshot, control=NO_CONTROL, working_set=known, limits=replace(snapshot.limits, working_set=care)
    )
    after = decide(snapshot, AlwaysWishes(range=wish), settings, memory)[0].after
    assert after == snapshot.limits.settle(after)
    case = Case(snapshot=snapshot, settings=settings, memory=memory, advice=Advice(range=wish, reason="wished"))
    kept, more = (MEMORY.apply(one, case) for one in (wish, wish.at_least(other)))
    assert kept.ceiling_acu == wish.ceiling_acu
    assert not more.shrinks(kept)
    if is_blind(case) or care is MemoryCare.OBSERVE:
        assert kept.floor_acu <= max(wish.floor_acu, snapshot.status.range.floor_acu)

"""What every policy promises, whatever it looks at."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import MISSING, FrozenInstanceError, fields, replace
from datetime import timedelta
from importlib.metadata import entry_points
from inspect import getdoc
from math import inf, isfinite, nan
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.capacity import Limits, Phase
from autoscaler.core.decide import decide
from autoscaler.core.decision import Memory, RuleSettings
from autoscaler.core.ports import Policy
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tuning import Family
from policies.always_just_enough import AlwaysJustEnough
from policies.auto import Auto
from policies.combinators import FirstThatKnows, LargestOf, Within
from policies.daily_peak_share import DailyPeakShare
from policies.decayed_percentile import DecayedPercentile
from policies.native import Native
from policies.pause import Pausing
from policies.planned_moves import PlannedMoves
from policies.predictive import Predictive
from policies.quantile import Quantile
from policies.reactive import Reactive
from policies.scheduled import Scheduled
from policies.timetable import Otherwise, Window
from tests.fakes import MONDAY
from tests.policies.builders import forecast_of, scaled, seen
from tests.strategies import tame_snapshots

SILENT_AT_NIGHT = Scheduled(time_zone="America/New_York", otherwise=None)
NESTED = FirstThatKnows(
    policies=(SILENT_AT_NIGHT, LargestOf(policies=(Within(policy=Quantile()), Reactive(), Scheduled())))
)
# Policies whose settings name no amount of ACU: they know no size but the cluster's own.
SIZELESS: dict[str, Policy] = {
    "auto": Auto(),
    "native": Native(),
    "native that pauses": Native(pause_after_seconds=600),
    "reactive": Reactive(),
    "reactive that pauses": Reactive(target_utilization=1.5, up_window_seconds=3600, pause_after_seconds=300),
    "scheduled": Scheduled(),
    "scheduled, silent at night": SILENT_AT_NIGHT,
    "auto, of three": Auto(families=(Family.STATIC, Family.REACTIVE, Family.SCHEDULED), pause_after_seconds=600),
    "predictive": Predictive(),
    "predictive that pauses": Predictive(pause_after_seconds=600),
    "quantile": Quantile(),
    "quantile, tuned": Quantile(quantile=0.8, horizon_seconds=1800, pause_after_seconds=900),
    "daily-peak-share": DailyPeakShare(),
    "daily-peak-share that pauses": DailyPeakShare(share=0.35, pause_after_seconds=600),
    "decayed-percentile": DecayedPercentile(),
    "decayed-percentile, short of memory": DecayedPercentile(percentile=0.5, margin=0.0, half_life_seconds=300),
    "planned-moves": PlannedMoves(),
    "planned-moves, wary": PlannedMoves(margin=0.5, move_seconds=900, pause_after_seconds=600),
    "always-just-enough": AlwaysJustEnough(),
    "always-just-enough, blended": AlwaysJustEnough(stable_zone=0.1, mixed_zone=0.5, pause_after_seconds=600),
    "largest-of": LargestOf(policies=(Reactive(), Scheduled())),
    "first-that-knows": FirstThatKnows(policies=(SILENT_AT_NIGHT, Reactive())),
    "within nothing": Within(policy=Reactive()),
    "nested": NESTED,
}
SIZED: dict[str, Policy] = {
    "native, sized": Native(floor_acu=3.3, ceiling_acu=20),
    "scheduled, sized": Scheduled(
        windows=(Window(days="daily", floor_acu=8, ceiling_acu=32),),
        otherwise=Otherwise(floor_acu=1, ceiling_acu=16, pause_after_seconds=300),
    ),
    "within": Within(policy=Reactive(), floor_acu=2, ceiling_acu=8),
    "within a policy that does not know": Within(policy=SILENT_AT_NIGHT, floor_acu=2),
    "nested, sized": Within(policy=NESTED, floor_acu=1.3),
    "pausing": Pausing(policy=Reactive()),
}
POLICIES = SIZELESS | SIZED

COMING = forecast_of({0.5: (2.0,) * 12, 0.95: (6.0,) * 12})
SITUATIONS: dict[str, Callable[[], Snapshot]] = {
    "a calm hour": lambda: seen(*(3.0,) * 60, floor_acu=4.0),
    "no samples at all": lambda: seen(floor_acu=4.0),
    "all samples unknown": lambda: seen(*(None,) * 30, floor_acu=4.0),
    "the newest unknown": lambda: seen(8.0, 2.0, None, None),
    "numbers that cannot be": lambda: seen(nan, -1.0, nan, floor_acu=4.0),
    "an infinite demand": lambda: seen(1.0, inf),
    "idle": lambda: seen(*(0.0,) * 60, floor_acu=16.0),
    "paused": lambda: seen(0.0, 0.0, floor_acu=0.5, pause_after_seconds=600, phase=Phase.PAUSED),
    "paused, nothing measured": lambda: seen(pause_after_seconds=600, phase=Phase.PAUSED),
    "saturated": lambda: seen(3.0, 4.0, censored=True, floor_acu=4.0),
    "saturated at the ceiling": lambda: seen(30.0, 64.0, censored=True, floor_acu=60.0),
    "hourly samples": lambda: seen(1.0, 9.0, 3.0, seconds=3600.0, floor_acu=4.0),
    "a forecast": lambda: seen(1.0, 1.0, forecast=COMING),
    "a forecast and no samples": lambda: seen(forecast=COMING),
    "a forecast that is over": lambda: seen(1.0, forecast=replace(COMING, start=MONDAY - timedelta(days=1))),
    "a forecast to come": lambda: seen(1.0, forecast=replace(COMING, start=MONDAY + timedelta(days=1))),
    "a forecast of nothing": lambda: seen(1.0, forecast=forecast_of({0.9: (nan,) * 12})),
    "a range off the grain": lambda: seen(3.0, floor_acu=3.3, ceiling_acu=7.7),
    "a range beyond the limits": lambda: seen(3.0, floor_acu=0.0, ceiling_acu=128.0),
    "one size only": lambda: seen(3.0, floor_acu=8.0, ceiling_acu=8.0, limits=Limits(min_acu=8.0, max_acu=8.0)),
}

each_policy = pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
each_situation = pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)


@each_policy
@each_situation
def test_answers_with_a_usable_range_and_a_sentence(policy: Policy, situation: Callable[[], Snapshot]) -> None:
    snapshot = situation()
    advice = policy.advise(snapshot)
    assert isfinite(advice.range.floor_acu)
    assert 0 <= advice.range.floor_acu <= advice.range.ceiling_acu
    assert advice.reason
    assert "\n" not in advice.reason
    assert "nan" not in advice.reason
    assert advice.known or advice.range is snapshot.status.range


@each_policy
@each_situation
def test_equal_snapshots_get_equal_advice(policy: Policy, situation: Callable[[], Snapshot]) -> None:
    advice = policy.advise(situation())
    assert policy.advise(situation()) == advice
    assert deepcopy(policy).advise(situation()) == advice


@each_policy
@each_situation
def test_an_empty_memory_takes_nothing_away(policy: Policy, situation: Callable[[], Snapshot]) -> None:
    snapshot = situation()
    decision, memory = decide(snapshot, policy, RuleSettings(), Memory())
    assert not decision.after.shrinks(snapshot.limits.clip(snapshot.status.range))
    assert memory.watching_since in (None, snapshot.at)  # it starts with the first sight


@each_policy
@each_situation
def test_a_wish_that_came_true_is_the_range_in_force_itself(policy: Policy, situation: Callable[[], Snapshot]) -> None:
    snapshot = situation()
    for _ in range(3):  # a wish may depend on the floor in force; it settles
        snapshot = replace(snapshot, status=replace(snapshot.status, range=policy.advise(snapshot).range))
    assert policy.advise(snapshot).range is snapshot.status.range


@each_policy
@each_situation
def test_samples_older_than_it_looks_at_do_not_matter(policy: Policy, situation: Callable[[], Snapshot]) -> None:
    snapshot = situation()
    if not any(sample.demand_acu is not None for sample in snapshot.recent[-1:]):
        return  # then the newest known one counts, however old
    since = snapshot.recent[-1].end - timedelta(seconds=policy.recent_seconds)
    young = tuple(sample for sample in snapshot.recent if sample.end > since) or snapshot.recent[-1:]
    assert policy.advise(replace(snapshot, recent=young)) == policy.advise(snapshot)


# Drawing a snapshot takes longer than asking every policy about it: hence all of them in one test.
@given(snapshot=tame_snapshots())
def test_wishes_lie_on_the_grain_within_the_owners_limits(snapshot: Snapshot) -> None:
    # Off the grain, a wish that comes to the range in force would look like a wish for less.
    for name, policy in POLICIES.items():
        advice = policy.advise(snapshot)
        assert snapshot.limits.clip(advice.range) == advice.range, name


@given(
    snapshot=tame_snapshots(),
    power=st.integers(-3, 3),
    peak_acu=st.none() | st.floats(0.0, 100.0, allow_subnormal=False),
)
def test_twice_the_demand_on_twice_the_grain_is_twice_the_range(
    snapshot: Snapshot, power: int, peak_acu: float | None
) -> None:
    factor = 2.0**power
    if peak_acu is not None:
        snapshot = replace(snapshot, forecast=forecast_of({0.9: (peak_acu,) * 12}))
    for name, policy in SIZELESS.items():
        small, large = policy.advise(snapshot), policy.advise(scaled(snapshot, factor))
        assert large.known == small.known, name
        assert large.range.floor_acu == small.range.floor_acu * factor, name
        assert large.range.ceiling_acu == small.range.ceiling_acu * factor, name
        assert large.range.pause_after_seconds == small.range.pause_after_seconds, name


@each_policy
def test_is_a_policy_and_says_how_much_of_the_past_it_looks_at(policy: Policy) -> None:
    assert isinstance(policy, Policy)
    assert isfinite(policy.recent_seconds)
    assert policy.recent_seconds >= 0
    assert policy.looks_ahead in (True, False)


@each_policy
def test_without_a_look_ahead_the_forecast_does_not_matter(policy: Policy) -> None:
    with_one, without = seen(1.0, forecast=COMING), seen(1.0)
    assert policy.looks_ahead or policy.advise(with_one) == policy.advise(without)


@each_policy
def test_is_a_frozen_value_whose_fields_are_its_settings(policy: Policy) -> None:
    settings = {field.name: getattr(policy, field.name) for field in fields(cast(Any, policy))}
    assert type(policy)(**settings) == policy
    assert hash(type(policy)(**settings)) == hash(policy)
    with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
        policy.pause_after_seconds = 300  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(entry_points(group="autoscaler.policies").names))
def test_every_registered_policy_is_told_here_and_describes_itself(name: str) -> None:
    (entry,) = entry_points(group="autoscaler.policies", name=name)
    kind = entry.load()
    assert kind in {type(policy) for policy in POLICIES.values()}
    text = getdoc(kind) or ""
    title = text.splitlines()[0]
    assert title.endswith(".")
    assert len(title) <= 60
    for field in fields(kind):
        assert f"\n    {field.name}: " in text
        assert field.default is not MISSING or field.name in {"policy", "policies"}

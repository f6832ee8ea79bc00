"""How careful the rules can be told to be."""

from math import inf, nan

import pytest

from autoscaler.core.decide import decide
from autoscaler.core.decision import RuleSettings
from autoscaler.errors import InvalidInput
from tests.core.story import acu, waited_for
from tests.fakes import AlwaysWishes, make_snapshot


@pytest.mark.parametrize("wrong", [-1.0, nan, -inf])
@pytest.mark.parametrize(
    "name",
    [
        "max_blind_seconds",
        "watch_seconds",
        "shrink_wait_seconds",
        "max_shrink_fraction",
        "change_spacing_seconds",
        "emergency_spacing_seconds",
        "backoff_seconds",
        "longest_backoff_seconds",
    ],
)
def test_a_setting_below_zero_is_refused_by_its_name(name: str, wrong: float) -> None:
    with pytest.raises(InvalidInput, match=name):
        RuleSettings(**{name: wrong})


@pytest.mark.parametrize("fraction", [1.01, inf])
def test_no_change_can_take_more_than_the_whole_floor(fraction: float) -> None:
    with pytest.raises(InvalidInput, match="at most 1"):
        RuleSettings(max_shrink_fraction=fraction)


@pytest.mark.parametrize(
    "settings",
    [
        RuleSettings(watch_seconds=inf),
        RuleSettings(shrink_wait_seconds=inf),
        RuleSettings(change_spacing_seconds=inf),
    ],
)
def test_an_endless_wait_never_shrinks(settings: RuleSettings) -> None:
    memory = waited_for(acu(4))
    for _ in range(3):
        snapshot = make_snapshot(in_force=acu(8), changed_at=memory.watching_since)
        decision, memory = decide(snapshot, AlwaysWishes(range=acu(4)), settings, memory)
        assert not decision.changes


def test_the_hastiest_settings_let_everything_pass_at_once() -> None:
    hasty = RuleSettings(
        max_blind_seconds=inf,
        watch_seconds=0,
        shrink_wait_seconds=0,
        max_shrink_fraction=1,
        change_spacing_seconds=0,
        backoff_seconds=0,
    )
    snapshot = make_snapshot(in_force=acu(8), blind_seconds=inf)
    assert decide(snapshot, AlwaysWishes(range=acu(0.5)), hasty, waited_for(acu(0.5)))[0].after == acu(0.5)

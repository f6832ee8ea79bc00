"""What the caps of a fleet leave to one of its clusters."""

import pytest

from autoscaler.core.control import Control, Override
from autoscaler.core.decision import Memory
from autoscaler.core.fleet import FleetAllowance, FleetCaps, FleetUse, allow
from autoscaler.errors import InvalidInput
from tests.core.story import acu, decided, waited_for
from tests.fakes import later, make_snapshot

CAPS = FleetCaps(shrinking_clusters=2, shrinking_share=0.1, blind_growth_acu=16)


def use(*, clusters: int = 5, shrunk: int = 0, itself: bool = False, grown: float = 0.0) -> FleetUse:
    return FleetUse(clusters=clusters, shrunk=shrunk, shrunk_itself=itself, blind_growth_acu=grown)


@pytest.mark.parametrize(
    ("used", "may_shrink"),
    [
        (use(shrunk=1), True),
        (use(shrunk=2), False),
        (use(shrunk=2, itself=True), True),
        (use(clusters=29, shrunk=2), False),
        (use(clusters=30, shrunk=2), True),
        (use(clusters=30, shrunk=3), False),
    ],
)
def test_so_many_clusters_or_such_a_part_of_the_fleet_may_shrink(used: FleetUse, may_shrink: bool) -> None:
    assert allow(CAPS, used).may_shrink is may_shrink


@pytest.mark.parametrize(("grown", "left"), [(0.0, 16.0), (10.5, 5.5), (16.0, 0.0), (20.0, 0.0)])
def test_what_has_grown_unseen_is_used_up(grown: float, left: float) -> None:
    assert allow(CAPS, use(grown=grown)).blind_growth_acu == left


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"shrinking_clusters": -1}, "shrinking_clusters is -1; give 0 or more"),
        ({"shrinking_share": 1.1}, "shrinking_share is 1.1; give a part of the fleet, at most 1"),
        ({"blind_growth_acu": float("nan")}, "blind_growth_acu is nan"),
    ],
)
def test_caps_that_cannot_be_are_refused(given: dict[str, float], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        FleetCaps(**given)  # type: ignore[arg-type]


def test_caps_that_allow_nothing_or_everything_are_caps() -> None:
    none_at_all = FleetCaps(shrinking_clusters=0, shrinking_share=0, blind_growth_acu=0)
    assert allow(none_at_all, use(clusters=100)) == FleetAllowance(may_shrink=False, blind_growth_acu=0)
    assert allow(FleetCaps(shrinking_share=1), use(clusters=100, shrunk=99)).may_shrink


NOTHING = FleetAllowance(may_shrink=False, blind_growth_acu=0.0)


def test_a_cluster_that_is_seen_grows_whatever_the_others_do() -> None:
    assert decided(make_snapshot(in_force=acu(8), fleet=NOTHING), acu(16)).after == acu(16)


@pytest.mark.parametrize(("left", "floor_acu"), [(0.0, 8), (0.4, 8), (0.5, 8.5), (7.9, 15.5), (8.0, 16), (99.0, 16)])
def test_a_blind_one_grows_by_what_is_left_on_the_grain(left: float, floor_acu: float) -> None:
    fleet = FleetAllowance(may_shrink=True, blind_growth_acu=left)
    assert decided(make_snapshot(in_force=acu(8), fleet=fleet, blind_seconds=301), acu(16)).after == acu(floor_acu)


def test_a_floor_off_the_grain_is_never_lowered_by_it() -> None:
    fleet = FleetAllowance(may_shrink=True, blind_growth_acu=0.1)
    decision = decided(make_snapshot(in_force=acu(8.2), fleet=fleet, blind_seconds=301), acu(16))
    assert decision.after == acu(8.5)


def test_a_person_is_not_held_back_by_the_fleet() -> None:
    for wish in (acu(2), acu(16)):
        control = Control(override=Override(range=wish, until=later(60)))
        snapshot = make_snapshot(in_force=acu(8), fleet=NOTHING, control=control, blind_seconds=1e6)
        assert decided(snapshot, acu(8), Memory()).after == wish


def test_what_may_not_shrink_stays_whole() -> None:
    wish = acu(4, 16)
    assert decided(make_snapshot(in_force=acu(8), fleet=NOTHING), wish, waited_for(wish)).after == acu(8)

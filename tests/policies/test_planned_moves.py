"""The first of the cheapest moves for a point forecast."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.decision import Advice, Grounds
from autoscaler.errors import InvalidInput
from policies.planned_moves import PlannedMoves
from tests.fakes import later, make_range
from tests.policies.builders import forecast_of, seen

PLAIN = PlannedMoves(margin=0.0, target_utilization=1.0)


def floor_for(*coming_acu: float, floor_acu: float, now_acu: float = 0.0) -> float:
    """The floor for a point forecast of five minutes each."""
    rest = (0.0,) * (12 - len(coming_acu))
    snapshot = seen(now_acu, floor_acu=floor_acu, forecast=forecast_of({0.5: (*coming_acu, *rest)}))
    return PLAIN.advise(snapshot).range.floor_acu


def test_a_rise_begins_one_move_before_it_is_needed() -> None:
    assert floor_for(2.0, 2.0, 8.0, floor_acu=2.0) == 2.0
    assert floor_for(2.0, 8.0, 8.0, floor_acu=2.0) == 8.0


def test_a_dip_that_is_over_before_a_move_down_and_up_again_is_sat_out() -> None:
    assert floor_for(2.0, 2.0, 8.0, floor_acu=8.0) == 8.0
    assert floor_for(2.0, 2.0, 2.0, 8.0, floor_acu=8.0) == 2.0


def test_demand_above_the_forecast_counts_at_once() -> None:
    assert floor_for(2.0, floor_acu=2.0, now_acu=6.0) == 6.0


def test_the_margin_is_on_top_and_the_sentence_says_so() -> None:
    ahead = forecast_of({0.5: (3.0, 4.0, 5.0), 0.9: (30.0, 40.0, 50.0)})
    assert PlannedMoves(margin=0.5, target_utilization=1.0).advise(seen(1.0, forecast=ahead)) == Advice(
        range=make_range(6.0, 64.0),
        reason="5 ACU are expected within 15 min, 4 ACU of them within 10 min; 50% on top",
        grounds=Grounds.FORECAST,
    )


@pytest.mark.parametrize("snapshot", [seen(3.0), seen(3.0, forecast=forecast_of({0.5: (3.0,) * 2}))])
def test_without_a_forecast_that_reaches_over_three_moves_it_knows_nothing(snapshot: object) -> None:
    advice = PLAIN.advise(snapshot)  # type: ignore[arg-type]
    assert (advice.known, advice.reason) == (False, "no forecast reaches over the next three moves")


@given(
    needs=st.lists(st.sampled_from((1.0, 2.0, 4.0, 8.0)), min_size=6, max_size=6),
    floor_acu=st.sampled_from((1.0, 2.0, 4.0, 8.0)),
)
def test_no_plan_is_cheaper_than_one_that_begins_so(needs: list[float], floor_acu: float) -> None:
    """All plans over six moves, tried one by one: the larger size is paid for, the smaller one serves."""
    needs[0] = min(needs[0], floor_acu)  # what is short now no plan can help

    def cost(path: tuple[float, ...]) -> float:
        sizes = (floor_acu, *path)
        short = sum(min(a, b) < need for a, b, need in zip(sizes, path, needs, strict=False))
        return sum(max(a, b) for a, b in zip(sizes, path, strict=False)) + 1000.0 * short

    first = floor_for(*needs, floor_acu=floor_acu)
    plans = list(product((1.0, 2.0, 4.0, 8.0), repeat=len(needs)))
    assert min(cost(plan) for plan in plans if plan[0] == first) == min(map(cost, plans))


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"margin": -1}, "margin is -1"), ({"move_seconds": 0}, "move_seconds is 0"), ({"target_utilization": 9}, "is 9")],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        PlannedMoves(**settings)  # type: ignore[arg-type]


def test_a_late_forecast_is_read_from_now_on() -> None:
    ahead = forecast_of({0.5: (9.0, 9.0, 1.0, 1.0, 1.0, 1.0)})
    assert PLAIN.advise(seen(1.0, at=later(600.0), floor_acu=9.0, forecast=ahead)).range.floor_acu == 1.0

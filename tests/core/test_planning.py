"""What floors would cost and throttle, weighed by the cluster's own dynamics."""

import numpy as np
import pytest

from autoscaler.backtest.tuning.plans import climb_of, floors_between
from autoscaler.config import ClusterDocument
from autoscaler.core.planning import CAPACITY, STATE, Climb, cheapest, live, not_above, settle, weigh_floors

FLOORS = np.array([0.5, 8.0, 40.0])


def aurora() -> Climb:
    profile = ClusterDocument().build_spec().profile
    return climb_of(profile, min_acu=0.5, max_acu=64.0, held_seconds=300.0)


def weighed(coming: list[float], *, start: float, held: bool = True) -> tuple[list[float], list[float]]:
    acu, throttled = np.zeros(len(FLOORS), np.float32), np.zeros(len(FLOORS), np.float32)
    weigh_floors(np.array(coming), 60.0, 60.0, start, held, FLOORS, aurora(), acu, throttled)
    return acu.tolist(), throttled.tolist()


def test_a_floor_above_a_calm_load_costs_its_size_and_its_descent_and_throttles_nothing() -> None:
    acu, throttled = weighed([0.3] * 16, start=0.5)
    assert throttled == [0.0, 0.0, 0.0]
    assert acu[0] == pytest.approx(0.5 * 900)
    assert acu[2] > 40.0 * 300 * 1.5


def test_a_floor_saves_what_the_cluster_would_throttle_while_it_climbs() -> None:
    acu, throttled = weighed([0.3, *[30.0] * 15], start=0.5)
    assert throttled[0] > throttled[1] > throttled[2] == 0.0
    assert acu[0] < acu[2]


def test_throttling_after_the_next_change_is_not_counted() -> None:
    assert weighed([0.3] * 6 + [30.0] * 10, start=0.5)[1] == [0.0, 0.0, 0.0]


def test_a_capacity_that_no_floor_holds_comes_down_sooner() -> None:
    late_rush = [0.3] * 5 + [30.0] * 11
    held, falling = weighed(late_rush, start=40.0), weighed(late_rush, start=40.0, held=False)
    assert held[1][0] == 0.0
    assert falling[1][0] > 0.0


def test_the_cheapest_floor_depends_on_the_price_and_equals_mean_the_lowest() -> None:
    acu, throttled = np.array([1.0, 2.0, 9.0]), np.array([5.0, 1.0, 0.0])
    assert [cheapest(acu, throttled, price) for price in (0.0, 1.0, 100.0)] == [0, 1, 2]
    assert cheapest(np.array([3.0, 3.0]), np.zeros(2), 7.0) == 0


def test_capacities_stand_for_the_floor_below_them() -> None:
    assert [not_above(FLOORS, acu) for acu in (0.1, 0.5, 7.9, 8.0, 90.0)] == [0, 0, 0, 1, 2]


def test_an_instance_held_by_its_floor_stays_where_it_is() -> None:
    state = np.zeros(STATE)
    settle(state, 8.0, True, aurora())
    means = [live(state, 1.0, 8.0, 60.0, aurora()) for _ in range(20)]
    assert (set(means), state[CAPACITY]) == ({8.0}, 8.0)


def test_floors_to_weigh_are_on_the_grain_and_end_at_the_maximum() -> None:
    floors = floors_between(aurora())
    assert floors.tolist() == sorted({*floors.tolist()})
    assert (floors[0], floors[-1]) == (0.5, 64.0)
    np.testing.assert_array_equal(floors % 0.5, 0.0)

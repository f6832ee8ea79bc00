"""Awake or asleep while nobody comes: against all pairs of thresholds, and in stories."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autoscaler.core.sleeping import best_sleep

CHANCES = st.lists(st.floats(0.0, 0.9), min_size=1, max_size=9)


def plan(chances: list[float], cold_hit: float, *, wake: int = 1, awake_now: bool = True) -> list[bool]:
    awake = np.zeros(len(chances), dtype=bool)
    best_sleep(np.array(chances), cold_hit, wake, awake_now, awake)
    return awake.tolist()


def cost_of(awake: tuple[bool, ...] | NDArray[np.bool_], chances: list[float], cold_hit: float) -> float:
    """What a plan costs, by the definition."""
    cost, idle = 0.0, 1.0
    for up, chance in zip(awake, chances, strict=True):
        cost += idle * (1.0 - chance if up else chance * cold_hit)
        idle *= 1.0 - chance
    return cost + idle * cold_hit


@given(chances=CHANCES, cold_hit=st.floats(0.0, 50.0))
def test_no_way_to_be_awake_and_asleep_costs_less(chances: list[float], cold_hit: float) -> None:
    awake = np.zeros(len(chances), dtype=bool)
    found = best_sleep(np.array(chances), cold_hit, 1, True, awake)
    least = min(cost_of(way, chances, cold_hit) for way in product((False, True), repeat=len(chances)))
    assert found == pytest.approx(least)
    assert cost_of(awake, chances, cold_hit) == pytest.approx(least)


def test_it_sleeps_through_the_night_and_is_awake_before_its_morning() -> None:
    assert plan([0.0] * 5 + [0.9, 0.0], 10.0) == [False] * 5 + [True, False]


def test_it_stays_awake_through_a_short_pause_when_a_wake_holds_it_awake_as_long() -> None:
    assert plan([0.0, 0.0, 0.9], 10.0, wake=3) == [False, False, True]
    assert plan([0.0, 0.5, 0.0, 0.5], 10.0, wake=4) == [False, True, True, True]


def test_a_wake_holds_as_long_as_the_provider_does() -> None:
    assert plan([0.0, 0.8, 0.0, 0.0, 0.0], 10.0, wake=3, awake_now=False) == [False, True, True, True, False]


def test_it_is_not_woken_for_what_is_not_worth_it() -> None:
    assert plan([0.0, 0.05, 0.0], 10.0, awake_now=False) == [False, False, False]


def test_cold_hits_that_cost_nothing_let_it_sleep() -> None:
    assert plan([0.5] * 4, 0.0) == [False] * 4

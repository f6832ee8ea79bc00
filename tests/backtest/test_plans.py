"""Plans: floors that are up when a known job begins, computed alike plain and compiled, piece by piece and at once."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from autoscaler.backtest.tuning.past import Past, compiled
from autoscaler.backtest.tuning.plans import KINDS, Kind, Plans, nothing_known, outlook_of
from autoscaler.config import ClusterDocument, LimitsDocument
from autoscaler.core import planning
from autoscaler.core.decision import RuleSettings
from autoscaler.core.planning import STATE
from autoscaler.simulator.kernel.paths import Course
from autoscaler.simulator.profiles import Profile
from models import foresight
from models.analogs import Likeness

SAMPLE_SECONDS, TURN_SECONDS = 300.0, 60.0
A_DAY = 288
PRICES = np.array([1.0, 32.0])
MINIMUM_ACU = 0.5


def jobs(*, days: int, every: int = 13) -> np.ndarray:
    """A calm database with a job of five minutes that begins again an hour after it ended."""
    demand = np.full(days * A_DAY, 0.4)
    demand[10::every] = 24.0
    return demand


def past_with(demand: np.ndarray) -> Past:
    past = Past(sample_seconds=SAMPLE_SECONDS, turn_seconds=TURN_SECONDS, delay_seconds=60.0)
    past.add(demand)
    return past


@cache
def profile() -> Profile:
    """A floor is effective at once."""
    usual = ClusterDocument().build_spec().profile
    return replace(usual, changing=replace(usual.changing, floor_jumps=True))


def plans_of(past: Past, kind: Kind = KINDS[0]) -> Plans:
    return Plans(past, outlook_of(past, profile(), min_acu=MINIMUM_ACU, max_acu=64.0), PRICES, kind)


@pytest.mark.slow
def test_a_job_that_keeps_no_hours_is_served_at_a_small_price() -> None:
    """What is planned needs a hundredth of the throttled work, at a third of what a floor as high all day costs."""
    demand = jobs(days=3)
    turns = len(demand) * 5
    spec = replace(ClusterDocument(limits=LimitsDocument(max_acu=64.0)).build_spec(), profile=profile())
    course = Course(
        spec=spec,
        limits=ClusterDocument(limits=LimitsDocument(max_acu=64.0)).build_limits(),
        rules=RuleSettings(watch_seconds=0.0, shrink_wait_seconds=0.0, max_shrink_fraction=1.0),
        demand_acu=np.repeat(demand, 20),
        segment=np.repeat(np.arange(len(demand)) // A_DAY, 20),
        blind=np.zeros(turns, dtype=np.bool_),
        step_seconds=15.0,
        steps_per_turn=4,
    )
    planned = plans_of(past_with(demand)).floors(slice(0, turns), 32.0)
    alone, always, ours = (course.run(path, path) for path in (np.full(turns, 0.5), np.full(turns, 24.0), planned))
    assert ours.throttled_acu_seconds[2] < 0.01 * alone.throttled_acu_seconds[2]
    assert ours.acu_seconds[2] < 0.35 * always.acu_seconds[2]


@pytest.mark.slow
def test_the_first_day_is_left_alone() -> None:
    floors = plans_of(past_with(jobs(days=2))).floors(slice(0, 1440), 32.0)
    assert set(floors.tolist()) == {MINIMUM_ACU}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_planning_piece_by_piece_is_planning_at_once(kind: Kind) -> None:
    demand = jobs(days=3) * np.random.default_rng(3).gamma(40.0, 1 / 40.0, 3 * A_DAY)
    turns = len(demand) * 5
    whole = plans_of(past_with(demand), kind).floors(slice(0, turns), 32.0)
    past = past_with(demand[:400])
    plans, pieces = plans_of(past, kind), []
    for first, last in ((0, 400), (400, 401), (401, 700), (700, len(demand))):
        past.add(demand[len(past) : last])
        pieces.append(plans.floors(slice(first * 5, last * 5), 32.0))
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


@pytest.mark.slow
def test_a_compiled_plan_is_the_plain_one() -> None:
    demand = jobs(days=2, every=7)[:330]
    past = past_with(demand)
    outlook = outlook_of(past, profile(), min_acu=MINIMUM_ACU, max_acu=8.0)

    def planned(plan: Callable[..., Any]) -> np.ndarray:
        states, floors = np.zeros((len(PRICES), STATE)), np.zeros((len(PRICES), len(demand)))
        for state in states:
            planning.settle(state, MINIMUM_ACU, True, outlook.climb)
        newest = np.arange(len(demand)) - 1
        plan(
            demand, past.like, np.ascontiguousarray(past.began[:, 0]), newest, PRICES, outlook.floors,
            Likeness(ways=12), outlook.rhythm, outlook.climb, nothing_known(len(demand), len(outlook.floors)),
            states, -1, 0, floors,
        )  # fmt: skip
        return floors

    found = planned(foresight.plan)
    np.testing.assert_array_equal(planned(compiled()["plan"]), found)
    assert found.max() > MINIMUM_ACU

"""Noise: seamless, of mean one, and every database has its own."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.simulator.noise import Dice, Noise
from autoscaler.simulator.scenarios import SCENARIOS, Scenario

MONDAY = date(2026, 1, 5)

all_scenarios = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
scenarios = st.sampled_from(list(SCENARIOS.values()))
seeds = st.integers(0, 2**63)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(scenario=scenarios, seed=seeds, day=days)
def test_noise_has_no_seam_at_midnight(scenario: Scenario, seed: int, day: date) -> None:
    noise = scenario.noise
    today, next_day = (noise.factor(at, _dice(scenario, seed)) for at in (day, day + timedelta(days=1)))
    # The deviation of one AR(1) step; six of them come once in a thousand years of minutes.
    step_sigma = noise.minute_sigma * np.sqrt(2.0 - 2.0 * np.exp(-1.0 / noise.memory_minutes))

    assert abs(np.log(next_day[0] / today[-1])) < 6.0 * step_sigma + 0.001


@given(seed=seeds, day=days)
def test_scenarios_do_not_share_their_noise(seed: int, day: date) -> None:
    noises = [scenario.noise.factor(day, _dice(scenario, seed)) for scenario in SCENARIOS.values()]
    alike = np.corrcoef(np.diff(np.log(noises), axis=1)) - np.eye(len(noises))

    assert np.abs(alike).max() < 0.3


@all_scenarios
def test_noise_swings_around_one_and_remembers_for_a_while(scenario: Scenario) -> None:
    dice = _dice(scenario, 0)
    factor = np.concatenate([scenario.noise.factor(MONDAY + timedelta(days=index), dice) for index in range(60)])
    swing = np.log(factor) - np.log(factor).mean()
    neighbours = np.corrcoef(swing[1:], swing[:-1])[0, 1]

    assert factor.mean() == pytest.approx(1.0, abs=0.05)
    assert factor.min() > 0.0
    assert neighbours > np.exp(-1.0 / scenario.noise.memory_minutes) - 0.05


def test_strong_noise_neither_adds_nor_takes_demand_in_the_long_run() -> None:
    noise = Noise(minute_sigma=0.4, memory_minutes=10, day_sigma=0.3)
    dice = Dice(seed=0, workload="any")
    factors = [noise.factor(MONDAY + timedelta(days=index), dice) for index in range(400)]

    assert np.mean(factors) == pytest.approx(1.0, abs=0.04)
    assert np.std(np.log(factors)) == pytest.approx(0.5, abs=0.03)  # 0.4 and 0.3 are at right angles


def _dice(scenario: Scenario, seed: int) -> Dice:
    return Dice(seed=seed, workload=scenario.name)

"""Generated workloads by name, and their demand on any day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.trace import Trace
from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.simulator import business_scenarios, consumer_scenarios
from autoscaler.simulator.noise import MINUTES, ONE_DAY, Dice
from autoscaler.simulator.workload import Scenario

__all__ = [
    "DEFAULT_DAYS",
    "DEFAULT_START",
    "SCENARIOS",
    "Scenario",
    "demand_per_minute",
    "find_scenario",
    "scenario_trace",
]

DEFAULT_START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
DEFAULT_DAYS = 14

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        scenario.name: scenario
        for scenario in (
            consumer_scenarios.ONLINE_GAMING,
            consumer_scenarios.E_COMMERCE,
            business_scenarios.MULTI_TENANT_SAAS,
            business_scenarios.FINANCIAL_SERVICES,
            business_scenarios.HEALTHCARE,
            consumer_scenarios.GLOBAL_APPLICATION,
            business_scenarios.ANALYTICS,
            business_scenarios.DEVELOPMENT_TEST,
        )
    }
)


def find_scenario(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        UnknownName: there is none; the message lists those there are.
    """
    if name not in SCENARIOS:
        raise UnknownName("scenario", name, SCENARIOS)
    return SCENARIOS[name]


def demand_per_minute(scenario: Scenario, *, seed: int, day: date) -> NDArray[np.float64]:
    """Demand in ACU at each minute of the UTC day, (1440,); the same arguments always give the same.

    Raises:
        InvalidInput: the seed is negative.
    """
    if seed < 0:
        raise InvalidInput(f"the seed {seed} is negative; give 0 or more")
    dice = Dice(seed=seed, workload=scenario.name)
    demand = scenario.peak_acu * scenario.noise.factor(day, dice)
    demand *= np.sum([part.fraction(day, dice) for part in scenario.parts], axis=0)
    for burst in scenario.bursts:
        demand *= 1.0 + burst.fraction(day, dice)
    return demand


def scenario_trace(
    scenario: Scenario, *, seed: int = 0, start: datetime = DEFAULT_START, days: int = DEFAULT_DAYS
) -> Trace:
    """Whole UTC days in steps of 60 s; asking for more days only adds to the end.

    Raises:
        InvalidInput: ``start`` is no midnight in UTC, ``days`` is below 1, or the seed is negative.
    """
    if start.utcoffset() != timedelta(0) or start.time() != time(0):
        raise InvalidInput(f"a scenario cannot start at {start.isoformat()}; give a midnight in UTC")
    if days < 1:
        raise InvalidInput(f"a scenario cannot last {days} days; give 1 or more")
    dates = (start.date() + index * ONE_DAY for index in range(days))
    return Trace(
        name=scenario.name,
        start=start,
        step_seconds=60.0,
        offset_seconds=60.0 * np.arange(days * MINUTES, dtype=np.float64),
        demand_acu=np.concatenate([demand_per_minute(scenario, seed=seed, day=day) for day in dates]),
    )

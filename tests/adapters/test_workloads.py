"""Live workloads: the same as in a backtest, at any moment and in any order."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.adapters.workloads import Load, ScenarioWorkload, TraceWorkload
from autoscaler.core.trace import Interpolation, Trace, sample_evenly
from autoscaler.simulator.scenarios import find_scenario, scenario_trace
from tests.fakes import MONDAY, later

SCENARIO = find_scenario("e-commerce")
MIDNIGHT = MONDAY.replace(hour=0)
DAYS = scenario_trace(SCENARIO, seed=5, start=MIDNIGHT, days=3)
# Ten minutes of which the fourth and the fifth are missing.
GAPPY = Trace(
    name="gappy.csv",
    start=later(-86_400),
    step_seconds=60.0,
    offset_seconds=np.array([0.0, 60, 120, 300, 360, 420, 480, 540]),
    demand_acu=np.arange(8.0),
)


@given(minutes=st.lists(st.integers(0, 3 * 1440 - 1), min_size=1, max_size=20), seconds=st.sampled_from((0, 15, 59)))
def test_a_scenario_is_what_its_trace_holds_in_any_order(minutes: list[int], seconds: int) -> None:
    workload = ScenarioWorkload(SCENARIO, seed=5)

    for minute in minutes:
        load = workload.load_at(MIDNIGHT + timedelta(minutes=minute, seconds=seconds))
        assert load == Load(float(DAYS.demand_acu[minute]), measured=True)


def test_a_scenario_has_neither_beginning_nor_end() -> None:
    workload = ScenarioWorkload(SCENARIO)

    assert workload.load_at(MONDAY - timedelta(days=3650)).demand_acu >= 0
    assert workload.load_at(MONDAY + timedelta(days=3650)).demand_acu >= 0
    assert workload.period_seconds == 60.0


def test_a_trace_is_what_a_backtest_makes_of_it() -> None:
    workload = TraceWorkload(GAPPY, start=MONDAY, step_seconds=15.0)
    stretch = sample_evenly(GAPPY, step_seconds=15.0, interpolation=Interpolation.HOLD)

    told = [workload.load_at(later(15.0 * step)) for step in range(40)]

    assert [load.demand_acu for load in told] == stretch.demand_acu.tolist()
    assert [load.measured for load in told] == stretch.measured.tolist()
    assert sum(not load.measured for load in told) == 8


def test_a_trace_begins_anew_after_its_end() -> None:
    workload = TraceWorkload(GAPPY, start=MONDAY, step_seconds=15.0)

    for offset in (0.0, 195.0, 585.0):
        assert workload.load_at(later(3 * 600.0 + offset)) == workload.load_at(later(offset))


@pytest.mark.parametrize("step_seconds", [5.0, 15.0, 60.0])
def test_a_trace_is_published_as_finely_as_it_was_measured(step_seconds: float) -> None:
    assert TraceWorkload(GAPPY, start=MONDAY, step_seconds=step_seconds).period_seconds == 60.0

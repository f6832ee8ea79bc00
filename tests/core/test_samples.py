"""The demand behind what was measured: an unknown never looks like an idle database."""

from datetime import timedelta
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.samples import Demand, Sample, acu_of_maximum, infer_demand
from tests.fakes import MONDAY

FRACTIONS = st.floats(0.0, 1.0)
ACUS = st.floats(0.0, 256.0)
SECONDS = st.sampled_from((1.0, 15.0, 60.0, 300.0))


@pytest.mark.parametrize(
    ("utilization", "capacity", "backlog_growth", "demand"),
    [
        (0.0, 8.0, 0.0, Demand(0.0, censored=False)),
        (0.5, 8.0, 0.0, Demand(4.0, censored=False)),
        (0.94, 8.0, 0.0, Demand(7.52, censored=False)),
        (0.95, 8.0, 0.0, Demand(7.6, censored=True)),
        (1.0, 8.0, 120.0, Demand(10.0, censored=True)),  # 120 ACU-seconds more wait after a minute
        (1.0, 8.0, -120.0, Demand(6.0, censored=True)),  # an old backlog is worked off
        (0.1, 8.0, -120.0, Demand(0.0, censored=False)),
        (0.0, 0.0, 0.0, Demand(0.0, censored=False)),
    ],
)
def test_demand_is_the_work_done_and_the_work_that_piled_up(
    utilization: float, capacity: float, backlog_growth: float, demand: Demand
) -> None:
    inferred = infer_demand(
        utilization=utilization,
        capacity_acu=capacity,
        seconds=60.0,
        backlog_growth_acu_seconds=backlog_growth,
    )
    assert inferred is not None
    assert inferred.acu == pytest.approx(demand.acu)
    assert inferred.censored == demand.censored


def test_a_backlog_that_nobody_counts_does_not_count() -> None:
    assert infer_demand(utilization=0.5, capacity_acu=8.0, seconds=60.0) == Demand(4.0, censored=False)


@pytest.mark.parametrize("wrong", [nan, inf, -inf])
@pytest.mark.parametrize("field", ["utilization", "capacity_acu", "seconds", "backlog_growth_acu_seconds"])
def test_a_number_that_is_none_makes_the_demand_unknown(field: str, wrong: float) -> None:
    numbers = {"utilization": 0.5, "capacity_acu": 8.0, "seconds": 60.0} | {field: wrong}
    assert infer_demand(**numbers) is None


@pytest.mark.parametrize(
    ("utilization", "capacity", "seconds"), [(-0.01, 8, 60), (0.5, -8, 60), (0.5, 8, 0), (0.5, 8, -60)]
)
def test_a_number_that_cannot_be_true_makes_the_demand_unknown(
    utilization: float, capacity: float, seconds: float
) -> None:
    assert infer_demand(utilization=utilization, capacity_acu=capacity, seconds=seconds) is None


@given(FRACTIONS, ACUS, SECONDS, st.floats(0.0, 1e6))
def test_demand_is_never_below_what_was_served(
    utilization: float, capacity: float, seconds: float, piled_up: float
) -> None:
    demand = infer_demand(
        utilization=utilization, capacity_acu=capacity, seconds=seconds, backlog_growth_acu_seconds=piled_up
    )
    assert demand is not None
    assert demand.acu >= utilization * capacity
    assert demand.censored == (utilization >= 0.95)


@given(FRACTIONS, FRACTIONS, ACUS, SECONDS)
def test_a_busier_interval_never_means_less_demand(one: float, other: float, capacity: float, seconds: float) -> None:
    low, high = (
        infer_demand(utilization=utilization, capacity_acu=capacity, seconds=seconds)
        for utilization in sorted((one, other))
    )
    assert low is not None
    assert high is not None
    assert low.acu <= high.acu
    assert low.censored <= high.censored


@pytest.mark.parametrize(
    ("percent", "most", "acu"),
    [
        (0.0, 16.0, 0.0),
        (25.0, 16.0, 4.0),
        (100.0, 16.0, 16.0),
        (104.0, 16.0, 16.64),
        (-1.0, 16.0, None),
        (nan, 16.0, None),
        (inf, 16.0, None),
        (50.0, 0.0, None),
        (50.0, -1.0, None),
        (50.0, nan, None),
        (50.0, inf, None),
    ],
)
def test_a_percentage_of_the_maximum_becomes_acu_or_unknown(percent: float, most: float, acu: float | None) -> None:
    assert acu_of_maximum(percent, most) == pytest.approx(acu)


@given(st.floats(0.0, 100.0), st.integers(1, 512).map(lambda grain: grain / 2))
def test_the_same_acu_are_found_whatever_the_maximum_was(percent: float, most: float) -> None:
    whole, half = acu_of_maximum(percent, most), acu_of_maximum(2 * percent, most / 2)
    assert whole == pytest.approx(half)


def test_a_sample_ends_its_length_after_its_beginning() -> None:
    sample = Sample(at=MONDAY, seconds=90, demand_acu=None)
    assert sample.end == MONDAY + timedelta(seconds=90)

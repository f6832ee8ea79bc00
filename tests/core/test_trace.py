"""A recorded workload on an even grid: nothing is made up, and nothing is seen before its time."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.trace import Interpolation, Trace, sample_evenly
from autoscaler.errors import InvalidInput
from tests.fakes import MONDAY

HOLD, LINEAR = Interpolation.HOLD, Interpolation.LINEAR
STEP_SECONDS = 300.0
GRIDS = st.sampled_from((15.0, 60.0, 100.0, 300.0, 70.0, 600.0))


def make_trace(offsets: list[float], demand: list[float], *, step_seconds: float = STEP_SECONDS) -> Trace:
    return Trace(
        name="shop",
        start=MONDAY,
        step_seconds=step_seconds,
        offset_seconds=np.array(offsets, dtype=np.float64),
        demand_acu=np.array(demand, dtype=np.float64),
    )


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Mostly regular; some gaps, some samples a little late."""
    demand = draw(st.lists(st.floats(0.0, 64.0), min_size=2, max_size=12))
    ways = st.sampled_from((300.0, 300.0, 300.0, 330.0, 449.0, 450.0, 900.0, 3600.0))
    offsets = np.cumsum([0.0, *draw(st.lists(ways, min_size=len(demand) - 1, max_size=len(demand) - 1))])
    return make_trace(list(offsets), demand)


def cut(trace: Trace, count: int) -> Trace:
    return make_trace(list(trace.offset_seconds[:count]), list(trace.demand_acu[:count]))


def evenly(trace: Trace, step_seconds: float, how: Interpolation) -> tuple[list[float], list[bool]]:
    stretch = sample_evenly(trace, step_seconds=step_seconds, interpolation=how)
    return stretch.demand_acu.tolist(), stretch.measured.tolist()


def test_holding_repeats_each_sample_until_the_next() -> None:
    trace = make_trace([0, 300, 600], [1, 2, 4])
    assert evenly(trace, 100, HOLD) == ([1, 1, 1, 2, 2, 2, 4, 4, 4], [True] * 9)


def test_a_line_is_read_in_the_middle_of_each_step_and_ends_flat() -> None:
    trace = make_trace([0, 300, 600], [1, 4, 10])
    assert evenly(trace, 100, LINEAR) == ([1.5, 2.5, 3.5, 5, 7, 9, 10, 10, 10], [True] * 9)


@pytest.mark.parametrize("how", Interpolation)
def test_a_gap_holds_the_last_value_before_it_and_counts_as_not_measured(how: Interpolation) -> None:
    trace = make_trace([0, 300, 1200], [3, 3, 8])
    assert evenly(trace, 300, how) == ([3, 3, 3, 3, 8], [True, True, False, False, True])


def test_a_sample_a_little_late_is_still_joined_by_a_line() -> None:
    late, too_late = make_trace([0, 400], [0, 8]), make_trace([0, 450], [0, 9])
    assert evenly(late, 100, LINEAR) == ([1, 3, 5, 7, 8, 8, 8], [True] * 3 + [False] + [True] * 3)
    assert evenly(too_late, 150, LINEAR) == ([0, 0, 0, 9, 9], [True, True, False, True, True])


def test_a_grid_that_does_not_fit_reads_the_sample_at_the_beginning_of_each_step() -> None:
    assert evenly(make_trace([0, 300], [1, 2]), 200, HOLD) == ([1, 1, 2], [True] * 3)
    assert evenly(make_trace([0, 300, 600], [1, 9, 2]), 600, HOLD) == ([1, 2], [True] * 2)


def test_a_single_sample_makes_a_short_trace() -> None:
    assert evenly(make_trace([0], [5]), 300, LINEAR) == ([5], [True])


@given(traces(), GRIDS, st.sampled_from(Interpolation))
def test_every_step_of_the_trace_is_there_once_and_nothing_leaves_its_bounds(
    trace: Trace, step: float, how: Interpolation
) -> None:
    demand, measured = evenly(trace, step, how)
    assert len(demand) == len(measured) == -(-trace.seconds // step)
    last_bit = 1e-12
    assert max(0.0, trace.demand_acu.min() - last_bit) <= min(demand)
    assert max(demand) <= trace.demand_acu.max() + last_bit


@given(traces(), GRIDS, st.data())
def test_what_is_held_is_not_changed_by_what_comes_later(trace: Trace, step: float, data: st.DataObject) -> None:
    start = cut(trace, data.draw(st.integers(1, len(trace.demand_acu) - 1)))
    demand, measured = evenly(start, step, HOLD)
    whole_demand, whole_measured = evenly(trace, step, HOLD)
    # A step that begins before the cut may reach beyond it; it is the beginning that counts.
    assert demand == whole_demand[: len(demand)]
    assert measured == whole_measured[: len(measured)]


@given(traces(), GRIDS, st.data())
def test_a_line_is_not_changed_by_what_comes_after_its_end(trace: Trace, step: float, data: st.DataObject) -> None:
    start = cut(trace, data.draw(st.integers(1, len(trace.demand_acu) - 1)))
    known = int(-(-start.offset_seconds[-1] // step))
    assert evenly(start, step, LINEAR)[0][:known] == evenly(trace, step, LINEAR)[0][:known]


@given(traces(), st.sampled_from((15.0, 60.0, 100.0, 300.0)))
def test_holding_or_joining_changes_nothing_about_what_was_measured(trace: Trace, step: float) -> None:
    assert evenly(trace, step, HOLD)[1] == evenly(trace, step, LINEAR)[1]


def test_a_trace_ends_with_its_last_interval() -> None:
    trace = make_trace([0, 300, 1200], [3, 3, 8])
    assert (trace.seconds, trace.end) == (1500.0, MONDAY + timedelta(seconds=1500))


def test_a_trace_without_samples_is_refused() -> None:
    with pytest.raises(InvalidInput, match="shop is empty"):
        make_trace([], [])


def test_a_trace_with_more_times_than_values_is_refused() -> None:
    with pytest.raises(InvalidInput, match="shop has 2 times for 1 values"):
        make_trace([0, 300], [1])


@pytest.mark.parametrize(
    ("offsets", "demand", "step_seconds"),
    [
        ([60, 300], [1, 2], 300),  # the first minute would be the last sample's
        ([0, 0], [1, 2], 300),
        ([0, 600, 300], [1, 2, 3], 300),
        ([0, 300], [1, float("nan")], 300),
        ([0, 300], [1, float("inf")], 300),
        ([0, 300], [1, -1], 300),
        ([0, 300], [1, 2], 0),
    ],
)
def test_a_trace_that_breaks_its_promises_is_refused(
    offsets: list[float], demand: list[float], step_seconds: float
) -> None:
    with pytest.raises(InvalidInput):
        make_trace(offsets, demand, step_seconds=step_seconds)

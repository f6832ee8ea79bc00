"""Drawing: nothing gets lost however long the run, and axes stay readable."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.backtest.reports.axes import Frame, time_ticks, value_ticks
from autoscaler.backtest.reports.charts import band, boxes, line, spans
from tests.backtest.builders import START
from tests.fakes import later


@given(place=st.integers(0, 200_000 - 1), height=st.floats(20.0, 100.0))
def test_a_spike_of_one_step_survives_however_long_the_run(place: int, height: float) -> None:
    values = np.ones(200_000)
    values[place] = height
    frame = Frame(start=START, begin=0, end=200_000 * 15.0, most=100.0)

    assert f"V{frame.y(height):g}" in line(frame, values, 15.0) or place == 0


def test_flags_closer_than_a_pixel_are_one_span_and_none_is_lost() -> None:
    flags = np.zeros(100_000, dtype=bool)
    flags[[10, 12, 50_000]] = True
    frame = Frame(start=START, begin=0, end=1_500_000.0, most=1.0)
    found = spans(frame, flags, 15.0)

    assert found == [(150.0, 195.0), (750_000.0, 750_015.0)]
    assert boxes(frame, found, top=0, bottom=9).count("M") == 2


def test_a_band_breaks_where_there_was_no_forecast() -> None:
    frame = Frame(start=START, begin=0, end=3000, most=10.0)
    pieces = [(0.0, 300.0, 1.0, 2.0), (300.0, 600.0, 1.0, 3.0), (1500.0, 1800.0, 2.0, 4.0)]

    assert band(frame, pieces).count("M") == 2


@given(most=st.floats(1e-3, 1e6))
def test_values_on_the_axis_are_few_and_round(most: float) -> None:
    ticks = value_ticks(most)

    assert 2 <= len(ticks) <= 7
    assert ticks[0] == 0
    assert ticks[-1] <= most * (1 + 1e-9)


@given(hours=st.floats(0.1, 24 * 800), start=st.integers(0, 10**6))
def test_times_on_the_axis_are_few_and_inside(hours: float, start: int) -> None:
    frame = Frame(start=later(start * 60), begin=0, end=hours * 3600, most=1.0)
    ticks = time_ticks(frame)

    assert len(ticks) <= 15
    assert all(0 <= seconds <= frame.end for seconds, _ in ticks)

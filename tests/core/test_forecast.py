"""The largest demand that a forecast sees ahead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.forecast import Forecast
from autoscaler.errors import InvalidInput
from tests.fakes import MONDAY, later

LOW, HIGH = (1.0, 5.0, 2.0), (4.0, 6.0, 8.0)
AHEAD = Forecast(made_at=MONDAY, start=MONDAY, step_seconds=60, levels=(0.5, 0.9), demand_acu=(LOW, HIGH))


@pytest.mark.parametrize(
    ("after_seconds", "seconds", "peak"),
    [
        (0, 60, 1.0),
        (0, 61, 5.0),
        (0, 180, 5.0),
        (59, 1, 1.0),
        (59, 2, 5.0),
        (60, 60, 5.0),
        (120, 60, 2.0),
        (119, 61, 5.0),
        (179, 1, 2.0),
        (90, 0, 5.0),
    ],
)
def test_the_peak_is_that_of_every_window_touched(after_seconds: float, seconds: float, peak: float) -> None:
    assert AHEAD.peak_acu(0.5, later(after_seconds), seconds) == peak


@pytest.mark.parametrize(
    ("after_seconds", "seconds"), [(0, 181), (180, 1), (180, 0), (60, 0), (1000, 60), (-1, 60), (-60, 60), (-600, 60)]
)
def test_there_is_no_peak_where_the_forecast_does_not_reach(after_seconds: float, seconds: float) -> None:
    assert AHEAD.peak_acu(0.5, later(after_seconds), seconds) is None


@pytest.mark.parametrize(("level", "peak"), [(0.1, 1.0), (0.5, 1.0), (0.51, 4.0), (0.9, 4.0), (0.99, 4.0)])
def test_a_level_between_two_takes_the_higher_and_the_highest_stands_in_for_more(level: float, peak: float) -> None:
    assert AHEAD.peak_acu(level, MONDAY, 60) == peak


@given(
    st.lists(st.floats(0.0, 64.0), min_size=1, max_size=20),
    st.sampled_from((15, 60, 300, 900)),
    st.integers(0, 20 * 900),
    st.integers(1, 20 * 900),
)
def test_the_peak_is_the_largest_of_the_seconds_asked_for(
    windows: list[float], step: int, after: int, seconds: int
) -> None:
    forecast = Forecast(made_at=MONDAY, start=MONDAY, step_seconds=step, levels=(0.9,), demand_acu=(tuple(windows),))
    peak = forecast.peak_acu(0.9, later(after), seconds)
    if after + seconds > step * len(windows):
        assert peak is None
    else:
        assert peak == max(windows[second // step] for second in range(after, after + seconds))


def test_a_forecast_with_a_row_too_many_is_refused() -> None:
    with pytest.raises(InvalidInput, match="2 rows of demand for 1 quantile levels"):
        Forecast(made_at=MONDAY, start=MONDAY, step_seconds=60, levels=(0.5,), demand_acu=(LOW, HIGH))


@pytest.mark.parametrize(
    ("levels", "rows", "step_seconds"),
    [
        ((), (), 60),
        ((0.9, 0.5), (LOW, HIGH), 60),
        ((0.0, 0.5), (LOW, HIGH), 60),
        ((0.5, 1.0), (LOW, HIGH), 60),
        ((0.5, 0.9), (LOW, HIGH[:2]), 60),
        ((0.5, 0.9), (LOW, HIGH), 0),
    ],
)
def test_a_forecast_that_breaks_its_promises_is_refused(
    levels: tuple[float, ...], rows: tuple[tuple[float, ...], ...], step_seconds: float
) -> None:
    with pytest.raises(InvalidInput):
        Forecast(made_at=MONDAY, start=MONDAY, step_seconds=step_seconds, levels=levels, demand_acu=rows)

"""How well forecasts came true: told window by window, without looking back."""

from dataclasses import replace

from autoscaler.core.forecast import Forecast
from autoscaler.observability.accuracy import MEMORY_WINDOWS, Accuracy, Error
from tests.fakes import MONDAY, later, make_samples


def make_forecast(at_seconds: float, half: float, high: float) -> Forecast:
    return Forecast(
        made_at=later(at_seconds),
        start=later(at_seconds),
        step_seconds=300.0,
        levels=(0.5, 0.95),
        demand_acu=((half,) * 13, (high,) * 13),
    )


def test_a_window_counts_when_it_is_over() -> None:
    accuracy = Accuracy((300,), (0.5, 0.95))
    accuracy.observe(make_forecast(0, 4.0, 6.0), ())
    accuracy.observe(None, make_samples([9.0] * 5 + [1.0, 5.0, 2.0, 3.0, 1.0], until=later(600)))
    assert accuracy.errors == {}, "its last minute may not be the last word on it"

    accuracy.observe(None, make_samples([1.0], until=later(660)))

    half, high = accuracy.errors[300, 0.5], accuracy.errors[300, 0.95]
    assert (half.windows, half.pinball_acu, half.coverage_fraction) == (1, 0.5 * 1.0, 0.0)
    assert (high.windows, round(high.pinball_acu, 9), high.coverage_fraction) == (1, 0.05, 1.0)


def test_only_what_is_shown_is_followed() -> None:
    accuracy = Accuracy((300, 86_400), (0.5, 0.7))
    accuracy.observe(make_forecast(0, 4.0, 6.0), make_samples([2.0] * 5, until=MONDAY))
    accuracy.observe(None, make_samples([2.0] * 20, until=later(1200)))

    assert set(accuracy.errors) == {(300, 0.5)}


def test_a_forecast_is_taken_once_however_many_ticks_look_at_it() -> None:
    accuracy = Accuracy((300,), (0.5,))
    for _ in range(5):
        accuracy.observe(make_forecast(0, 4.0, 6.0), ())
    accuracy.observe(None, make_samples([2.0] * 20, until=later(1200)))

    assert accuracy.errors[300, 0.5].windows == 1


def test_a_saturated_window_is_left_out_for_its_demand_is_not_known() -> None:
    accuracy = Accuracy((300,), (0.5,))
    accuracy.observe(make_forecast(0, 4.0, 6.0), ())
    samples = [replace(sample, censored=True) for sample in make_samples([2.0] * 20, until=later(1200))]
    accuracy.observe(None, samples)

    assert accuracy.errors == {}


def test_unknown_demand_settles_nothing() -> None:
    accuracy = Accuracy((300,), (0.5,))
    accuracy.observe(make_forecast(0, 4.0, 6.0), make_samples([None] * 20, until=later(1200)))

    assert accuracy.errors == {}


def test_the_error_is_a_mean_at_first_and_forgets_later() -> None:
    error = Error()
    for demand in (4.0, 6.0):
        error.add(0.5, 4.0, demand)
    assert (error.pinball_acu, error.coverage_fraction) == (0.5, 0.5)

    for _ in range(20 * MEMORY_WINDOWS):
        error.add(0.5, 4.0, 4.0)
    assert error.pinball_acu < 1e-6
    assert error.coverage_fraction > 0.999

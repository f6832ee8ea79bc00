"""Holidays, paydays and launches: learned or declared, and not mistaken for a new habit."""

from datetime import timedelta

import numpy as np
import pytest

from autoscaler.errors import InvalidInput
from models.mixture import Mixture
from models.special_days import Occasion, WithSpecialDays
from tests.fakes import MONDAY
from tests.models.series import DAY, noise, quantiles, wave, windows_of


def day_off(day: int, *, kind: str = "payday", factor: float | None = None) -> Occasion:
    """The whole day so many days after the series begins."""
    start = MONDAY + timedelta(days=day)
    return Occasion(start=start, end=start + timedelta(days=1), kind=kind, factor=factor)


def usual(days: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return wave(days * DAY) + 0.2 * noise(days * DAY)


def test_a_payday_is_learned_from_the_last_ones() -> None:
    demand = usual(22)
    for day in (9, 16):
        demand[day * DAY : (day + 1) * DAY] *= 2.0
    occasions = tuple(day_off(day) for day in (9, 16, 21))
    knows = WithSpecialDays(occasions=occasions, forecaster=Mixture()).fit(windows_of(demand[: 21 * DAY]))
    said, came = quantiles(knows, 0.5, steps=DAY)[0], 2.0 * demand[21 * DAY :]
    assert np.abs(said / came - 1.0).mean() < 0.2
    assert quantiles(knows, 0.5, steps=DAY + 12)[0, DAY:].max() < 5.0


def test_a_declared_launch_is_believed_at_once() -> None:
    demand = usual(8)
    launch = day_off(7, kind="launch", factor=3.0)
    knows = WithSpecialDays(occasions=(launch,), forecaster=Mixture()).fit(windows_of(demand[: 7 * DAY]))
    plain = Mixture().fit(windows_of(demand[: 7 * DAY]))
    np.testing.assert_allclose(quantiles(knows, 0.9, steps=DAY), 3.0 * quantiles(plain, 0.9, steps=DAY))


def test_a_past_holiday_leaves_no_trace() -> None:
    demand = usual(16)
    quiet = demand.copy()
    quiet[14 * DAY : 15 * DAY] *= 0.2
    holiday = day_off(14, kind="holiday", factor=0.2)
    knows = WithSpecialDays(occasions=(holiday,), forecaster=Mixture()).fit(windows_of(quiet[: 14 * DAY + 50]))
    knows = knows.update(windows_of(quiet[: 15 * DAY + 2], first=14 * DAY + 50))
    plain = Mixture().fit(windows_of(demand[: 15 * DAY + 2]))
    np.testing.assert_allclose(quantiles(knows, 0.5, 0.9, steps=DAY), quantiles(plain, 0.5, 0.9, steps=DAY), rtol=1e-3)


def test_without_occasions_it_is_the_forecaster_itself() -> None:
    seen = windows_of(usual(2))
    same = quantiles(Mixture().fit(seen), 0.5, 0.99, steps=20)
    np.testing.assert_array_equal(
        quantiles(WithSpecialDays(occasions=(), forecaster=Mixture()).fit(seen), 0.5, 0.99, steps=20), same
    )


def test_says_what_is_wrong_with_an_occasion() -> None:
    with pytest.raises(InvalidInput, match="not after its start"):
        Occasion(start=MONDAY, end=MONDAY, kind="x")
    with pytest.raises(InvalidInput, match="factor of the occasion payday is 0"):
        day_off(1, factor=0)

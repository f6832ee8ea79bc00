"""Histories with a known shape, and short ways to ask about them."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster
from models.state import Array
from tests.fakes import MONDAY

STEP_SECONDS = 300.0
DAY = 288


def windows_of(demand_acu: Array | Sequence[float], *, first: int = 0, step_seconds: float = STEP_SECONDS) -> History:
    """The windows from index ``first`` on, counted from Monday morning."""
    start = MONDAY + timedelta(seconds=step_seconds * first)
    return History(start=start, step_seconds=step_seconds, demand_acu=np.asarray(demand_acu, dtype=np.float64)[first:])


def wave(windows: int, *, period: int = DAY) -> Array:
    """A smooth season between 2 and 10 ACU."""
    return 6.0 - 4.0 * np.cos(2.0 * np.pi * np.arange(windows) / period)


def noise(windows: int, *, seed: int = 1) -> Array:
    """Skewed and never negative, 1 ACU on average."""
    return np.random.default_rng(seed).gamma(2.0, 0.5, windows)


def quantiles(fitted: FittedForecaster, *levels: float, steps: int = 1) -> Array:
    """The forecast's numbers, (levels, steps)."""
    return np.array(fitted.forecast(made_at=MONDAY, steps=steps, levels=levels).demand_acu)


def missed(fitted: FittedForecaster, demand_acu: Array) -> float:
    """The mean absolute error of the median over what really came."""
    return float(np.abs(quantiles(fitted, 0.5, steps=len(demand_acu))[0] - demand_acu).mean())

"""The forecasters under contract, and short ways to ask them."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from itertools import pairwise
from math import isfinite
from typing import Any, Protocol, cast

import numpy as np
import pytest

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from models.gradient_boosting import GradientBoosting
from models.holt_winters import HoltWinters
from models.last_value import LastValue
from models.mixture import Mixture
from models.seasonal_naive import SeasonalNaive
from models.state import Array, State
from tests.fakes import MONDAY

# Add a forecaster here and every contract runs over it.
FORECASTERS: dict[str, Forecaster] = {
    "last-value": LastValue(),
    "seasonal-naive": SeasonalNaive(),
    "holt-winters": HoltWinters(),
    "mixture": Mixture(),
    "gradient-boosting": GradientBoosting(),
}
LEVELS = (0.05, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995)
STEP_SECONDS = 1800.0
DAY = 48
DAYS = 6
HEAVY = {"sklearn", "statsmodels", "scipy", "pandas"}

every_forecaster = pytest.mark.parametrize("forecaster", FORECASTERS.values(), ids=FORECASTERS)


class Stored(Protocol):
    """What can be kept without a pickle."""

    def state(self) -> State: ...


def daily(windows: int = DAYS * DAY, *, seed: int = 7) -> Array:
    """A working day with noise: some ACU at noon, next to nothing at night."""
    hours = np.arange(windows) * 24 / DAY
    chance = np.random.default_rng(seed)
    return 3.0 - 2.5 * np.cos(2 * np.pi * hours / 24) + chance.gamma(1.0, 0.4, windows)


def history(demand_acu: Array | Sequence[float], *, start: datetime = MONDAY, step: float = STEP_SECONDS) -> History:
    return History(start=start, step_seconds=step, demand_acu=np.asarray(demand_acu, dtype=np.float64))


def tail_of(demand_acu: Array, first: int) -> History:
    """The windows from index ``first`` on, at their place in time."""
    return history(demand_acu[first:], start=MONDAY + timedelta(seconds=STEP_SECONDS * first))


def ask(fitted: FittedForecaster, *, steps: int = 6, levels: tuple[float, ...] = LEVELS) -> Forecast:
    return fitted.forecast(made_at=MONDAY, steps=steps, levels=levels)


def assert_keeps_its_promises(forecast: Forecast, *, steps: int) -> None:
    assert len(forecast.demand_acu) == len(LEVELS)
    for row in forecast.demand_acu:
        assert len(row) == steps
        assert all(isfinite(value) and value >= 0 for value in row)
    for lower, higher in pairwise(forecast.demand_acu):
        assert all(low <= high for low, high in zip(lower, higher, strict=True))


def rows(forecast: Forecast) -> Array:
    return np.array(forecast.demand_acu)


def through_files(state: State) -> State:
    """Arrays through npz, the rest through JSON; nothing else is let through."""
    arrays = {key: value for key, value in state.items() if isinstance(value, np.ndarray)}
    plain = json.loads(json.dumps({key: value for key, value in state.items() if key not in arrays}, allow_nan=False))
    file = BytesIO()
    np.savez(file, **cast(dict[str, Any], arrays))
    file.seek(0)
    with np.load(file, allow_pickle=False) as loaded:
        return {**plain, **{key: loaded[key] for key in arrays}}


def restored(forecaster: Forecaster, fitted: FittedForecaster) -> FittedForecaster:
    restore = cast(Callable[[State], FittedForecaster], forecaster.restore)  # type: ignore[attr-defined]
    return restore(through_files(cast(Stored, fitted).state()))

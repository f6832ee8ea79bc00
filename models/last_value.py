"""Persistence: the demand stays what it is; how far it may stray is read off its own recent changes."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from models.buffer import Windows, remember, windows_from
from models.checks import check_positive, check_request
from models.quantiles import quantiles_of, to_forecast
from models.state import Array, State, check_version

MODEL = "last-value"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LastValue:
    """``keep_seconds`` is how much of the recent past the changes come from.

    The baseline every other forecaster has to beat, and hard to beat one window ahead.
    """

    keep_seconds: float = 2 * 86400.0

    def __post_init__(self) -> None:
        check_positive(MODEL, keep_seconds=self.keep_seconds)

    def fit(self, history: History) -> "FittedLastValue":
        return FittedLastValue(windows=remember(history, keep_seconds=self.keep_seconds))

    @staticmethod
    def restore(state: State) -> "FittedLastValue":
        """What ``FittedLastValue.state`` stored.

        Raises:
            InvalidInput: when it is something else.
        """
        check_version(state, model=MODEL, version=VERSION)
        return FittedLastValue(windows=windows_from(state))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedLastValue:
    """The recent windows are all there is to know."""

    windows: Windows

    def update(self, tail: History) -> "FittedLastValue":
        return FittedLastValue(windows=self.windows.after(tail))

    def forecast(self, *, made_at: datetime, steps: int, levels: tuple[float, ...]) -> Forecast:
        check_request(steps=steps, levels=levels)
        leads, which = np.unique(self._leads(steps), return_inverse=True)
        spread = quantiles_of(changes(self.windows.demand_acu, leads), levels)[:, which]
        above, below = np.array(levels)[:, None] > 0.5, np.array(levels)[:, None] < 0.5
        # The median is the last value; around it each level is as far off as the changes say, on its own side only.
        spread = np.where(above, np.maximum(spread, 0.0), np.where(below, np.minimum(spread, 0.0), 0.0))
        demand = self.windows.last_acu + spread
        return to_forecast(demand, windows=self.windows, made_at=made_at, levels=levels, model=MODEL)

    def state(self) -> State:
        """All of it, for ``LastValue.restore``."""
        return {"model": MODEL, "version": VERSION, **self.windows.state()}

    def _leads(self, steps: int) -> NDArray[np.intp]:
        # Further ahead than half the buffer there are too few changes to tell quantiles from.
        furthest = max(1, len(self.windows) // 2)
        return np.minimum(self.windows.unknown + np.arange(1, steps + 1), furthest)


def changes(demand_acu: Array, leads: NDArray[np.intp]) -> Array:
    """How much the demand differed from that of ``leads`` windows before, as (leads, n), NaN where unknown."""
    origins = np.arange(len(demand_acu)) - leads[:, None]
    return demand_acu - np.where(origins >= 0, demand_acu.take(origins, mode="clip"), np.nan)

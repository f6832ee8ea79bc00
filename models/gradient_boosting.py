"""Boosted trees, one ensemble per quantile level, over lags, summaries, the seasons and the clock."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from models.buffer import Windows, remember, windows_from
from models.checks import check_positive, check_request
from models.features import features
from models.last_value import FittedLastValue
from models.quantiles import to_forecast
from models.state import Array, State, check_version, number_of
from models.trees import Forest, flattened, forest_from

MODEL = "gradient-boosting"
VERSION = 2
# One ensemble for each; other levels lie between and beyond them on the scale of a normal distribution.
LEVELS = (0.1, 0.5, 0.9, 0.99)
# Leads to learn from, up to a day, and how many of them each window takes its turn with.
LEADS, TURNS = 12, 3
MAX_ROWS = 8000
# Fewer rows do not fill leaves: it is persistence until then.
MIN_ROWS = 500
# Shallow trees with large leaves: deeper ones were no better at the median and much worse at high levels.
TREES, LEARNING_RATE, LEAVES, LEAF_ROWS = 60, 0.12, 7, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientBoosting:
    """``period_seconds`` is the season, ``keep_seconds`` how far back it learns from. A fit takes about a second."""

    period_seconds: float = 86400.0
    keep_seconds: float = 29 * 86400.0

    def __post_init__(self) -> None:
        check_positive(MODEL, period_seconds=self.period_seconds, keep_seconds=self.keep_seconds)

    def fit(self, history: History) -> "FittedGradientBoosting":
        return _train(remember(history, keep_seconds=self.keep_seconds), self.period_seconds)

    @staticmethod
    def restore(state: State) -> "FittedGradientBoosting":
        """What ``FittedGradientBoosting.state`` stored.

        Raises:
            InvalidInput: when it is something else.
        """
        check_version(state, model=MODEL, version=VERSION)
        return FittedGradientBoosting(
            windows=windows_from(state),
            size_acu=float(number_of(state, "size_acu")),
            period_seconds=float(number_of(state, "period_seconds")),
            forest=forest_from(state) if "depth" in state else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedGradientBoosting:
    """``forest`` has an ensemble for each of ``LEVELS``; None while there was too little to learn from.

    It says changes in parts of ``size_acu``, the largest demand it was grown from; ``windows`` are the newest.
    """

    windows: Windows
    size_acu: float
    period_seconds: float
    forest: Forest | None

    def update(self, tail: History) -> "FittedGradientBoosting":
        return replace(self, windows=self.windows.after(tail))

    def forecast(self, *, made_at: datetime, steps: int, levels: tuple[float, ...]) -> Forecast:
        check_request(steps=steps, levels=levels)
        if self.forest is None:
            persistent = FittedLastValue(windows=self.windows)
            return replace(persistent.forecast(made_at=made_at, steps=steps, levels=levels), model=MODEL)
        leads = self.windows.unknown + np.arange(1, steps + 1)
        origins = np.full(steps, len(self.windows) - 1)
        seen = features(self.windows, origins=origins, leads=leads, period_seconds=self.period_seconds)
        changes = np.sort(self.forest.predict(seen), axis=0)
        demand = self.windows.last_acu + _between_levels(changes * self.size_acu, levels)
        return to_forecast(demand, windows=self.windows, made_at=made_at, levels=levels, model=MODEL)

    def state(self) -> State:
        """All of it, for ``GradientBoosting.restore``."""
        return {
            "model": MODEL,
            "version": VERSION,
            "period_seconds": self.period_seconds,
            "size_acu": self.size_acu,
            **self.windows.state(),
            **({} if self.forest is None else self.forest.state()),
        }


def _train(windows: Windows, period_seconds: float) -> FittedGradientBoosting:
    origins, leads = _examples(windows, period_seconds)
    size = _size(windows)
    fitted = FittedGradientBoosting(windows=windows, size_acu=size, period_seconds=period_seconds, forest=None)
    if len(origins) < MIN_ROWS:
        return fitted
    seen = features(windows, origins=origins, leads=leads, period_seconds=period_seconds)
    seen[:, ~np.isfinite(seen).any(axis=0)] = 0.0  # scikit-learn cannot bin a column that is unknown throughout
    changes = (windows.demand_acu[origins + leads] - windows.demand_acu[origins]) / size
    return replace(fitted, forest=flattened([_grow(seen, changes, level) for level in LEVELS]))


def _examples(windows: Windows, period_seconds: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Known windows that are more than a day old, and how far ahead of each to look, at most ``MAX_ROWS`` pairs."""
    day = max(1, round(period_seconds / windows.step_seconds))
    leads = np.unique(np.round(np.geomspace(1, day, LEADS)).astype(np.intp))
    turns = min(TURNS, len(leads))
    origins = np.arange(min(day, len(windows)), len(windows))
    origins = origins[:: 1 + turns * len(origins) // MAX_ROWS].repeat(turns)
    ahead = leads[np.arange(len(origins)) % len(leads)]
    known = np.append(np.isfinite(windows.demand_acu), False)
    told = known[origins] & known[np.minimum(origins + ahead, len(windows))]
    return origins[told], ahead[told]


def _grow(seen: Array, changes: Array, level: float) -> Any:  # noqa: ANN401 - scikit-learn carries no types
    """Grown where fits are made; whoever forecasts never loads the library."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    with _one_thread():
        return HistGradientBoostingRegressor(
            loss="quantile",
            quantile=level,
            max_iter=TREES,
            learning_rate=LEARNING_RATE,
            max_leaf_nodes=LEAVES,
            min_samples_leaf=LEAF_ROWS,
            early_stopping=False,
            random_state=0,
        ).fit(seen, changes)


def _one_thread() -> AbstractContextManager[object]:
    """A few thousand rows are too few to share: on a busy machine threads waited for each other, 20 times as long."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # comes with scikit-learn

    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="openmp")
    return limits


def _size(windows: Windows) -> float:
    """Trees are grown on changes in parts of the largest demand, so that small clusters are like large ones."""
    return float(np.nanmax(windows.demand_acu)) or 1.0


def _between_levels(quantiles: Array, levels: tuple[float, ...]) -> Array:
    """From the quantiles (4, n) at ``LEVELS`` to those at any levels, by straight lines over normal scores."""
    normal = NormalDist()
    known = np.array([normal.inv_cdf(level) for level in LEVELS])
    asked = np.array([normal.inv_cdf(level) for level in levels])
    left = np.clip(np.searchsorted(known, asked) - 1, 0, len(LEVELS) - 2)
    share: Array = (asked - known[left]) / (known[left + 1] - known[left])
    low, high = quantiles[left], quantiles[left + 1]
    return low + share[:, None] * (high - low)

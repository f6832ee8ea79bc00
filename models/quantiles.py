"""From a pool of possible errors to quantiles, and from quantiles to a forecast that keeps its promises."""

from datetime import datetime

import numpy as np

from autoscaler.core.forecast import Forecast
from models.buffer import Windows
from models.state import Array


def quantiles_of(pool: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles of each row of ``pool`` (rows, n), NaN left out, as (levels, rows); 0 for a row without a value.

    Position p(n + 1) in the ordered row (Weibull): under exchangeability exactly a share p of new values stays
    below. In a small pool a high level is its maximum: we rather waste a little than starve a database.
    """
    ordered = np.sort(pool, axis=1)
    counts = ordered.shape[1] - np.isnan(ordered).sum(axis=1)
    top = np.maximum(counts - 1, 0)
    positions = np.clip(np.outer(levels, counts + 1) - 1.0, 0.0, top)
    below = positions.astype(np.intp)
    rows = np.arange(len(ordered))
    low, high = ordered[rows, below], ordered[rows, np.minimum(below + 1, top)]
    return np.where(counts > 0, low + (positions - below) * (high - low), 0.0)


def to_forecast(
    demand_acu: Array, *, windows: Windows, made_at: datetime, levels: tuple[float, ...], model: str
) -> Forecast:
    """A forecast from the end of ``windows`` on; ``demand_acu`` (levels, steps) is made monotone and not negative."""
    rising = np.maximum.accumulate(np.maximum(demand_acu, 0.0), axis=0)
    return Forecast(
        made_at=made_at,
        start=windows.end,
        step_seconds=windows.step_seconds,
        levels=levels,
        demand_acu=tuple(map(tuple, rising.tolist())),
        model=model,
    )

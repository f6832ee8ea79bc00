"""What a forecaster says: quantiles of the demand's maximum over each coming window."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil, floor

from autoscaler.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Quantiles of the maximum demand in each window of ``step_seconds`` from ``start`` on.

    ``levels`` ascend in (0, 1); ``demand_acu`` has shape (levels, steps), in ACU. ``made_at`` is when the
    newest sample that went into it became visible; ``model`` names the forecaster. ``trusted`` is False
    while its recent forecasts were too far off to act on without looking; ``doubt`` says why.
    """

    made_at: datetime
    start: datetime
    step_seconds: float
    levels: tuple[float, ...]
    demand_acu: tuple[tuple[float, ...], ...]
    model: str = ""
    trusted: bool = True
    doubt: str = ""

    def __post_init__(self) -> None:
        if len(self.levels) != len(self.demand_acu):
            raise InvalidInput(f"{len(self.demand_acu)} rows of demand for {len(self.levels)} quantile levels")
        if self.step_seconds <= 0:
            raise InvalidInput(f"forecast windows of {self.step_seconds} s; they must be above 0")
        edges = (0.0, *self.levels, 1.0)
        if not self.levels or any(low >= high for low, high in pairwise(edges)):
            raise InvalidInput(f"the quantile levels {self.levels} do not ascend between 0 and 1")
        if len({len(row) for row in self.demand_acu}) != 1:
            raise InvalidInput("the quantile levels of a forecast do not reach equally far")

    def peak_acu(self, level: float, at: datetime, seconds: float) -> float | None:
        """The largest demand between ``at`` and ``at + seconds`` at the nearest level not below ``level``.

        None when the forecast does not reach that far.
        """
        row = self.demand_acu[min(bisect_left(self.levels, level - 1e-12), len(self.levels) - 1)]
        begin = (at - self.start).total_seconds() / self.step_seconds
        first, last = floor(begin), ceil(begin + seconds / self.step_seconds)
        if first < 0 or last > len(row) or last <= first:
            return None
        return max(row[first:last])

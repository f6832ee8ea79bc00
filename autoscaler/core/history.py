"""Demand on an even grid: what forecasters learn from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from autoscaler.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """The largest demand in each window of ``step_seconds``; window i starts at ``start + i * step``.

    ``demand_acu`` has shape (n,), in ACU, NaN where nothing was measured. It must not be written to. ``censored`` (n,)
    is true where the cluster was saturated within the window: demand was that much or more. None: nowhere.
    """

    start: datetime
    step_seconds: float
    demand_acu: NDArray[np.float64]
    censored: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.demand_acu.ndim != 1:
            raise InvalidInput(f"a history has one dimension, not {self.demand_acu.ndim}")
        if self.censored is not None and self.censored.shape != self.demand_acu.shape:
            raise InvalidInput(
                f"{len(self.censored)} windows are said to be censored or not, of {len(self.demand_acu)}"
            )
        if self.step_seconds <= 0:
            raise InvalidInput(f"a history's step of {self.step_seconds} s is not above 0")

    def __len__(self) -> int:
        return len(self.demand_acu)

    @property
    def end(self) -> datetime:
        """When the last window was over."""
        return self.start + timedelta(seconds=self.step_seconds * len(self.demand_acu))

    @property
    def is_bound(self) -> NDArray[np.bool_]:
        """Where demand is only a lower bound, (n,)."""
        return np.zeros(len(self.demand_acu), dtype=np.bool_) if self.censored is None else self.censored

    @property
    def known(self) -> NDArray[np.float64]:
        """The measured values only."""
        return self.demand_acu[np.isfinite(self.demand_acu)]

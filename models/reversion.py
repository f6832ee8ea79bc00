"""How fast the demand finds back to its season: what today's deviation says about the windows to come."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.state import Array

# Means of the deviation over the last hour tell a shift from a spike.
RECENT_SECONDS = 3600.0
# Nothing learned yet: the demand stays where it is, and follows half of what the season does.
PRIOR = np.array((0.5, 1.0, 0.0))
# The prior weighs as much as this share of a day of windows.
PRIOR_DAYS = 0.125
MAX_ROWS = 2048
ROUNDS = 3
TINY=1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reversion:
    """Weights (leads, 3) at some ``leads``, in windows: of the season's change, the last and the recent deviation.

    forecast(t + lead) = E(t) + w₀ (E(t + lead) − E(t)) + w₁ d(t) + w₂ mean(d over the last hour),
    where E is what the season expects and d(t) the demand less E(t).
    """

    leads: Array
    weights: Array

    def at(self, leads: NDArray[np.intp]) -> Array:
        """The weights (3, leads) at any lead, linear in its logarithm; the last ones go on for ever."""
        grid, wanted = np.log(self.leads), np.log(leads)
        return np.stack([np.interp(wanted, grid, column) for column in self.weights.T])


def learn_reversion(demand_acu: Array, expected_acu: Array, *, day_windows: int, recent: int) -> Reversion:
    """Weighted least squares per lead, reweighted towards least absolute errors, held back by a prior.

    Only windows more than a day old tell: before, there was no season to compare with.
    """
    leads = np.unique(np.round(np.geomspace(1, max(day_windows, 1), 10)).astype(np.intp))
    deviation = demand_acu - expected_acu
    causes = np.stack((expected_acu, deviation, recent_means(deviation, recent)))
    weights = np.tile(PRIOR, (len(leads), 1))
    for row, lead in enumerate(leads):
        origins = np.arange(day_windows, len(demand_acu) - lead)
        origins = origins[:: 1 + len(origins) // MAX_ROWS]
        columns = causes[:, origins]
        change = expected_acu[origins + lead] - columns[0]
        target = demand_acu[origins + lead] - columns[0]
        told = np.isfinite(columns[1]) & np.isfinite(target)
        rows = np.stack((change, columns[1], columns[2]))[:, told]
        weights[row] = _fit(rows, target[told], prior_rows=PRIOR_DAYS * day_windows)
    return Reversion(leads=leads.astype(np.float64), weights=weights)


def recent_means(deviation: Array, recent: int) -> Array:
    """The mean of the last ``recent`` deviations up to each; an unknown one counts as none."""
    sums = np.cumsum(np.where(np.isfinite(deviation), deviation, 0.0))
    sums[recent:] -= sums[:-recent].copy()
    return sums / recent


def _fit(columns: Array, target: Array, *, prior_rows: float) -> Array:
    """Weights in [0, 1] of the columns (k, n); without rows, or when all is constant, the prior."""
    weights, trust = PRIOR, np.ones(len(target))
    for _ in range(ROUNDS):
        weighted = columns * trust
        moments = weighted @ columns.T
        power = moments.diagonal()
        if power.max(initial=0.0) <= 0.0:
            return PRIOR
        pull = np.diag(power * prior_rows / len(target) + power.max() * TINY)
        weights = np.clip(np.linalg.solve(moments + pull, weighted @ target + pull @ PRIOR), 0.0, 1.0)
        error = np.abs(target - weights @ columns)
        trust = 1.0 / np.maximum(error / max(float(error.mean()), np.finfo(float).tiny), 0.1)
    return weights

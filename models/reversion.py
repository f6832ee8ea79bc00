"""How the demand finds back to its season: what today's deviation from it says of the windows to come."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.state import Array, frozen

# The deviation's mean over the last hour tells a shift from a spike.
RECENT_SECONDS = 3600.0
# While nothing is learned the demand stays where it is and makes half of the season's moves.
PRIOR = np.array((0.5, 1.0, 0.0))
# The prior counts like this share of a day of windows.
PRIOR_DAYS = 0.125
LEADS = 10
# More examples per lead cost time and change nothing.
MAX_ROWS = 2048
ROUNDS = 3
# No error weighs more than one of this share of the mean error, and no column is quite without a prior.
LEAST_ERROR, LEAST_POWER = 0.1, 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reversion:
    """``weights`` (leads, 3) at some ``leads`` (leads,), in windows.

    forecast(t + lead) = E(t) + w₀ (E(t + lead) − E(t)) + w₁ d(t) + w₂ mean(d over the last hour),
    where E is what the season expects and d(t) the demand less E(t). All weights are in [0, 1]. Where E(t) is
    unknown it is the demand itself, and where either E is unknown the season does not move.
    """

    leads: Array
    weights: Array

    def at(self, leads: NDArray[np.intp]) -> Array:
        """The weights (3, leads) at any lead, linear in its logarithm; beyond the last one they stay."""
        known, asked = np.log(self.leads), np.log(leads)
        return np.stack([np.interp(asked, known, column) for column in self.weights.T])


def learn_reversion(demand_acu: Array, expected_acu: Array, *, day_windows: int, recent: int) -> Reversion:
    """The weights that would have done best so far, lead by lead.

    Windows of the first day tell nothing: there was no season yet to compare them with.
    """
    deviation = demand_acu - expected_acu
    means = recent_means(np.where(np.isfinite(deviation), deviation, 0.0), recent)
    # Half a day at most: a whole one ahead the season is where it was, and how far to follow it cannot be seen.
    leads = np.unique(np.round(np.geomspace(1, max(1, day_windows // 2), LEADS)).astype(np.intp))
    weights = np.tile(PRIOR, (len(leads), 1))
    for row, lead in enumerate(leads):
        origins = np.arange(day_windows, len(demand_acu) - lead)
        origins = origins[:: 1 + len(origins) // MAX_ROWS]
        start = expected_acu[origins]
        effect = demand_acu[origins + lead] - start
        causes = np.stack((expected_acu[origins + lead] - start, deviation[origins], means[origins]))
        told = np.isfinite(effect) & np.isfinite(causes).all(axis=0)
        weights[row] = _fit(causes[:, told], effect[told], prior_rows=PRIOR_DAYS * day_windows)
    return Reversion(leads=frozen(leads.astype(np.float64)), weights=frozen(weights))


def recent_means(deviation: Array, recent: int) -> Array:
    """The mean of the last ``recent`` values up to each one; those before the first count as 0."""
    sums = np.cumsum(deviation)
    sums[recent:] -= sums[:-recent].copy()
    return sums / recent


def _fit(causes: Array, effect: Array, *, prior_rows: float) -> Array:
    """Weights of the ``causes`` (3, n) with the least absolute errors, by reweighted least squares.

    The prior where there are no rows, or nothing in them moves.
    """
    weights, trust = PRIOR, np.ones(len(effect))
    for _ in range(ROUNDS):
        weighted = causes * trust
        moments = weighted @ causes.T
        power = moments.diagonal()
        if power.max() <= 0.0:
            return PRIOR
        pull = np.diag(power * prior_rows / len(effect) + power.max() * LEAST_POWER)
        weights = np.clip(np.linalg.solve(moments + pull, weighted @ effect + pull @ PRIOR), 0.0, 1.0)
        errors = np.abs(effect - weights @ causes)
        typical = float(errors.mean())
        if typical <= 0.0:
            return weights
        trust = 1.0 / np.maximum(errors / typical, LEAST_ERROR)
    return weights

"""The universal scalability law: how throughput falls behind as concurrency grows, where it fits.

Gunther, Guerrilla Capacity Planning (2007): X(n) = γn / (1 + σ(n − 1) + κn(n − 1)).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from models.state import Array

LEAST_ROWS = 12
# Concurrency must have ranged over this factor, or a line does as well; and the law must halve a line's errors.
LEAST_RANGE, LEAST_GAIN = 3.0, 0.5
ROUNDS, CUT = 10, 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalability:
    """``gamma`` is the throughput of one, ``sigma`` contention, ``kappa`` coherency."""

    gamma: float
    sigma: float
    kappa: float

    def throughput(self, concurrency: float) -> float:
        """X(n)."""
        n = concurrency
        return self.gamma * n / (1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0))

    @property
    def most_concurrency(self) -> float:
        """Beyond this, more at once get less done; infinite without coherency costs."""
        return sqrt(max(1.0 - self.sigma, 0.0) / self.kappa) if self.kappa > 0.0 else float("inf")


def learn_scalability(concurrency: Array, throughput: Array) -> Scalability | None:
    """The law of these pairs (n,), robust against outliers; None where it does not fit better than a line does.

    n/X is linear in 1, n − 1 and n(n − 1); misses are weighed by X, so that each counts in throughput.
    """
    use = np.isfinite(concurrency) & np.isfinite(throughput) & (concurrency > 0) & (throughput > 0)
    n, x = concurrency[use], throughput[use]
    if len(n) < LEAST_ROWS or n.max() < LEAST_RANGE * n.min():
        return None
    causes = np.stack((np.ones_like(n), n - 1.0, n * (n - 1.0)), axis=1)
    found = _robust(causes, n / x, x * x / n)
    if found[0] <= 0.0:
        return None
    law = Scalability(gamma=1.0 / found[0], sigma=max(found[1] / found[0], 0.0), kappa=max(found[2] / found[0], 0.0))
    missed = np.abs(x - np.array([law.throughput(one) for one in n.tolist()]))
    line = np.abs(x - n * float(np.median(x / n)))
    return law if np.median(missed) <= LEAST_GAIN * np.median(line) else None


def _robust(causes: Array, effect: Array, weight: Array) -> Array:
    """Least squares of weighed misses, reweighed by Huber."""
    trust, found = np.ones(len(effect)), np.zeros(causes.shape[1])
    for _ in range(ROUNDS):
        scale = weight * np.sqrt(trust)
        found = np.asarray(np.linalg.lstsq(causes * scale[:, None], effect * scale, rcond=None)[0], dtype=np.float64)
        misses = np.abs((effect - causes @ found) * weight)
        reach = CUT * float(np.median(misses))
        if reach <= 0.0:
            break
        trust = np.minimum(1.0, reach / np.maximum(misses, 1e-300))
    return found

"""What is believed of a cluster before anything was seen of it: how experts miss, and whom to listen to.

Learned over the first halves of 97 recorded traces (every second of `benchmarks/fleet_prior.py`), by which the tables
can be made anew: means over the traces, apart for windows within the hour and for later ones.
"""

import numpy as np
from numpy.typing import NDArray

from models.experts import EXPERTS
from models.histogram import EDGES, Counts
from models.state import Array

# What is believed beforehand counts like so many windows: on other traces fewer cost more in the first day, and more
# gain next to nothing.
PRIOR_MISSES = 100.0
MISS_LEVELS = np.array((0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995))
# Quantiles of misses in scales, (within the hour or later, experts, levels).
MISSES = np.array(
    (
        (
            (-10.45, -6.01, -3.78, -2.19, -1.21, -0.24, 0.0, 0.23, 1.22, 2.32, 4.51, 7.78, 16.90),
            (-3.09, -2.61, -2.14, -1.54, -1.18, -0.70, -0.27, 0.43, 1.39, 2.44, 4.95, 11.92, 48.08),
            (-7.36, -4.91, -3.51, -2.26, -1.46, -0.57, 0.0, 0.49, 1.53, 2.66, 5.15, 12.18, 47.26),
            (-6.95, -3.77, -2.69, -1.88, -1.37, -0.73, -0.19, 0.36, 1.24, 2.26, 4.38, 8.33, 25.56),
            (-3.09, -2.61, -2.14, -1.54, -1.18, -0.70, -0.27, 0.43, 1.39, 2.44, 4.95, 11.92, 48.08),
            (-18.03, -7.62, -4.88, -2.73, -1.67, -0.54, 0.0, 0.45, 1.92, 3.56, 8.84, 26.82, 51.19),
        ),
        (
            (-28.23, -10.76, -6.80, -3.76, -2.18, -0.54, 0.0, 0.55, 2.62, 4.98, 9.92, 22.64, 48.95),
            (-3.71, -2.83, -2.36, -1.65, -1.23, -0.73, -0.31, 0.40, 1.54, 2.78, 6.32, 18.89, 49.55),
            (-6.85, -4.97, -3.62, -2.32, -1.46, -0.57, 0.0, 0.50, 1.59, 2.77, 5.99, 16.10, 48.54),
            (-13.05, -4.50, -2.79, -1.86, -1.32, -0.72, -0.22, 0.39, 1.33, 2.37, 4.95, 11.96, 45.98),
            (-3.71, -2.83, -2.36, -1.65, -1.23, -0.73, -0.31, 0.40, 1.54, 2.78, 6.32, 18.89, 49.55),
            (-31.94, -10.34, -5.52, -2.96, -1.77, -0.55, 0.0, 0.48, 1.99, 3.68, 9.29, 29.96, 50.95),
        ),
    )
)
# The weights, (within the hour or later, experts).
SAY = np.array(((0.23, 0.11, 0.09, 0.57, 0.0, 0.0), (0.08, 0.12, 0.05, 0.24, 0.45, 0.06)))


def counts_before(late: NDArray[np.bool_]) -> Counts:
    """Histograms of misses for leads that reach ``late`` (K,), beyond the hour, or not: (K, experts, bins)."""
    below = np.concatenate(((0.0,), MISS_LEVELS, (1.0,)))
    masses = np.empty((*MISSES.shape[:2], len(EDGES) - 1))
    for place in np.ndindex(MISSES.shape[:2]):
        reached = np.concatenate((EDGES[:1], MISSES[place], EDGES[-1:]))
        masses[place] = np.diff(np.interp(EDGES, reached, below))
    counts: Counts = (PRIOR_MISSES * masses).astype(np.float32)[late.astype(np.intp)]
    return counts


def weights_before(late: NDArray[np.bool_], experts: tuple[str, ...]) -> Array:
    """What each expert's word weighs at such leads, (K, experts); only these ones ever have a say."""
    asked = SAY * np.array([expert in experts for expert in EXPERTS])
    weights: Array = (asked / asked.sum(axis=1, keepdims=True))[late.astype(np.intp)]
    return weights

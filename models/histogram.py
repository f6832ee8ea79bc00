"""Decayed histograms of misses in parts of their scale, and the quantiles read off them."""

import numpy as np
from numpy.typing import NDArray

from models.state import Array

# Bins grow with the distance from zero: fine where most misses are, and 60 scales wide in all.
FURTHEST, FINENESS, HALF_BINS = 60.0, 0.25, 20
_POSITIVE = FINENESS * np.sinh(np.linspace(0.04, np.arcsinh(FURTHEST / FINENESS), HALF_BINS + 1))
EDGES = np.concatenate((-_POSITIVE[::-1], _POSITIVE))
BINS = len(EDGES) - 1
Counts = NDArray[np.float32]


def bins_of(misses: Array, scales: Array) -> NDArray[np.intp]:
    """The bin of each miss, whose scale is above 0."""
    inside = np.clip(misses / scales, EDGES[0], EDGES[-1])
    bins: NDArray[np.intp] = np.clip(np.searchsorted(EDGES, inside, side="right") - 1, 0, BINS - 1)
    return bins


def quantiles_in(counts: Counts, levels: Array) -> Array:
    """Quantiles (…, levels) of histograms (…, bins), straight within a bin, in scales."""
    sums = np.cumsum(counts, axis=-1, dtype=np.float64)
    wanted = levels * sums[..., -1:]
    index = np.minimum((sums[..., None, :] < wanted[..., None]).sum(axis=-1), BINS - 1)
    above = np.take_along_axis(sums, index, axis=-1)
    inside = np.take_along_axis(counts, index, axis=-1).astype(np.float64)
    share = np.where(inside > 0.0, 1.0 - (above - wanted) / np.where(inside > 0.0, inside, 1.0), 0.5)
    quantiles: Array = EDGES[index] + np.clip(share, 0.0, 1.0) * (EDGES[index + 1] - EDGES[index])
    return quantiles

"""Learns what the mixture believes of a cluster beforehand, from recorded ones: the tables of `models/prior.py`.

    python -m benchmarks.fleet_prior FOLDER [EVERY]

From the first halves of every second trace (or EVERY so many), so that it can be tried on the others.
"""

import sys
from pathlib import Path

import numpy as np

from autoscaler.core.history import History
from benchmarks.forecast_ablation import without
from benchmarks.forecast_cases import cases
from models import prior
from models.grid import CHUNK_SECONDS
from models.histogram import quantiles_in
from models.mixture import Mixture


def main(folder: Path, every: int) -> None:
    """Fit each, and print the means."""
    masses: tuple[list[np.ndarray], ...] = ([], [])
    weights: tuple[list[np.ndarray], ...] = ([], [])
    with without(module=prior, PRIOR_MISSES=1.0):
        for case in cases(folder, every):
            seen = case.history
            half = seen.demand_acu[: len(seen) // 2]
            fitted = Mixture().fit(History(start=seen.start, step_seconds=seen.step_seconds, demand_acu=half))
            counts = fitted.learned.counts[0].astype(np.float64)
            for place, lead in enumerate(fitted.grid.leads * seen.step_seconds):
                late = int(lead >= CHUNK_SECONDS)
                masses[late].append(counts[place] / counts[place].sum(axis=-1, keepdims=True))
                weights[late].append(fitted.learned.weights[0, place].mean(axis=-1))
    for late in (0, 1):
        print("later" if late else "within the hour")
        print(np.round(quantiles_in(np.mean(masses[late], axis=0), prior.MISS_LEVELS), 2).tolist())
        print(np.round(np.mean(weights[late], axis=0), 2).tolist())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2)

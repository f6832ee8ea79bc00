"""One time-out for all: whether an idle database is awake in each window."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.pause_quality.cases import Case

Awake = NDArray[np.bool_]


def time_out(case: Case, seconds: float) -> Awake:
    """Awake until it has been idle for so long."""
    return np.asarray(case.age * case.step_seconds < seconds, dtype=np.bool_)

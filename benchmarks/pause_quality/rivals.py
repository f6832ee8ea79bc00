"""The usual ways to pause. Each is causal and says for every window whether an idle database is awake in it."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.pause_quality.cases import Case
from models.gaps import Gaps
from models.logins import Logins

Awake = NDArray[np.bool_]


def time_out(case: Case, seconds: float) -> Awake:
    """Awake until it has been idle for so long."""
    return np.asarray(case.age * case.step_seconds < seconds, dtype=np.bool_)


def prorp(case: Case, *, confidence: float, logical_seconds: float) -> Awake:
    """Our re-implementation of ProRP (Poppe et al., SIGMOD 2024); see `models.logins`.

    An idle database is kept for a login that is due soon, and without any prediction for as long; one that sleeps is
    woken a window ahead.
    """
    logins, awake, age = Logins(case.step_seconds), ~case.idle, case.age
    logical, kept, before = logical_seconds / case.step_seconds, False, 0.0
    for t, use in enumerate(case.used.tolist()):
        if case.idle[t] or age[t] > 0:
            due = logins.due(confidence)
            if age[t] <= 1:
                kept = due is None or due <= logical
            awake[t] = (kept and age[t] < logical) or (due is not None and due < 1)
        logins.take(use == 1.0 and before != 1.0)
        before = use
    return awake


def hybrid_histogram(case: Case, *, head: float, tail: float) -> Awake:
    """Our re-implementation of the hybrid histogram (Shahrad et al., ATC 2020); see `models.gaps`."""
    gaps, awake, age = Gaps(case.step_seconds), ~case.idle, case.age
    for t in np.flatnonzero((age > 0) | case.idle).tolist():
        first, last = gaps.kept_between(head, tail)
        awake[t] = first <= age[t] < last
        if case.used[t] == 1.0 and age[t] > 0:
            gaps.take(int(age[t]))
    return awake

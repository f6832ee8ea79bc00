"""The usual ways to pause. Each is causal and says for every window whether an idle database is awake in it."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.pause_quality.cases import Case

Awake = NDArray[np.bool_]
HISTORY_DAYS = 28


def time_out(case: Case, seconds: float) -> Awake:
    """Awake until it has been idle for so long."""
    return np.asarray(case.age * case.step_seconds < seconds, dtype=np.bool_)


def prorp(case: Case, *, confidence: float, logical_seconds: float, window_seconds: float = 7 * 3600.0) -> Awake:
    """Our re-implementation of ProRP (Poppe et al., SIGMOD 2024).

    The next login is the earliest in the first window ahead in which a login was seen on enough of the last 28
    days. An idle database is kept for a login that soon, and without any prediction for as long; one that sleeps is
    woken a window ahead.
    """
    day, awake, age = round(86_400 / case.step_seconds), ~case.idle, case.age
    logins = np.zeros(len(case.used), dtype=bool)
    logins[1:] = (case.used[1:] == 1.0) & (case.used[:-1] != 1.0)
    logical, wide = logical_seconds / case.step_seconds, case.windows(window_seconds)
    kept = False
    for t in np.flatnonzero((age > 0) | case.idle).tolist():
        due = _next_login(logins[max(0, t - HISTORY_DAYS * day) : t], day, wide, confidence)
        if age[t] == 0:
            kept = False
        if age[t] <= 1:
            kept = due is None or due <= logical
        awake[t] = (kept and age[t] < logical) or (due is not None and due < 1)
    return awake


def _next_login(past: NDArray[np.bool_], day: int, wide: int, confidence: float) -> float | None:
    """Windows until the predicted login, None without a prediction; ``past`` are the logins so far."""
    days = len(past) // day
    if days == 0:
        return None
    table = past[len(past) - days * day :].reshape(days, day)
    counted = np.zeros((days, day + 1), dtype=np.int64)
    counted[:, 1:] = np.cumsum(table, axis=1)
    ends = np.minimum(np.arange(day) + wide, day)
    sure = ((counted[:, ends] - counted[:, :-1]) > 0).mean(axis=0) >= confidence
    if not sure.any():
        return None
    start = int(np.argmax(sure))
    return float(start + np.argmax(table[:, start : ends[start]].any(axis=0)))


def hybrid_histogram(case: Case, *, head: float, tail: float, range_seconds: float = 4 * 3600.0) -> Awake:
    """Our re-implementation of the hybrid histogram (Shahrad et al., ATC 2020), in windows instead of minutes.

    Released at once, woken at nine tenths of the head, kept until eleven tenths of the tail. While the histogram is
    not telling it is kept for its range; where half the gaps are longer than that, the usual gap more or less 15 %
    stands in for the forecast of the original.
    """
    bins = case.windows(range_seconds)
    counts, beyond, awake, age = np.zeros(bins + 1), 0, ~case.idle, case.age
    longer: list[int] = []
    first, last = 0.0, float(bins)
    for t in np.flatnonzero((age > 0) | case.idle).tolist():
        awake[t] = first <= age[t] < last
        if case.used[t] == 1.0 and age[t] > 0:
            if age[t] <= bins:
                counts[age[t]] += 1
            else:
                beyond += 1
                longer = [*longer[-19:], int(age[t])]
            first, last = _kept_between(counts, beyond, longer, head, tail)
    return awake


def _kept_between(
    counts: NDArray[np.float64], beyond: int, longer: list[int], head: float, tail: float
) -> tuple[float, float]:
    total = counts.sum()
    if beyond > total:
        usual = float(np.median(longer))
        return 0.85 * usual, 1.15 * usual
    if total < 5 or counts.std() < 2.0 * counts.mean():
        return 0.0, float(len(counts) - 1)
    share = np.cumsum(counts) / total
    low, high = int(np.searchsorted(share, head)), int(np.searchsorted(share, tail))
    return float(np.floor(0.9 * low)), float(np.ceil(1.1 * min(high, len(counts) - 1)))

"""How long a database usually idles: the hybrid histogram of keep-alive times (Shahrad et al., ATC 2020)."""

from collections import deque

import numpy as np

from models.state import Array

RANGE_SECONDS, LEAST_GAPS, LEAST_SPREAD, REMEMBERED = 4 * 3600.0, 5, 2.0, 20


class Gaps:
    """The lengths of idle gaps, in windows instead of minutes. Our re-implementation.

    Released at once, woken at nine tenths of the head, kept until eleven tenths of the tail. While the histogram is
    not telling it is kept for its range; where half the gaps are longer than that, the usual gap more or less 15 %
    stands in for the forecast of the original.
    """

    def __init__(self, step_seconds: float) -> None:
        self._bins = max(1, int(np.ceil(RANGE_SECONDS / step_seconds)))
        self.counts = np.zeros(self._bins + 1)
        self.longer: deque[float] = deque(maxlen=REMEMBERED)
        self.beyond = 0
        self._known: dict[tuple[float, float], tuple[float, float]] = {}

    def take(self, windows: int) -> None:
        """After a gap of so many idle windows."""
        if windows <= self._bins:
            self.counts[windows] += 1
        else:
            self.beyond += 1
            self.longer.append(float(windows))
        self._known = {}

    def kept_between(self, head: float, tail: float) -> tuple[float, float]:
        """From how many idle windows on, and until how many, it is awake."""
        known = self._known.get((head, tail))
        if known is None:
            known = self._known[head, tail] = self._between(head, tail)
        return known

    def state(self) -> Array:
        """One array: how many were beyond the range, the histogram, and the last ones beyond."""
        return np.concatenate(([float(self.beyond)], self.counts, np.array(self.longer)))

    def restore(self, state: Array) -> None:
        """Go on after what was stored."""
        self.beyond, self.counts = int(state[0]), state[1 : len(self.counts) + 1].copy()
        self.longer = deque(state[len(self.counts) + 1 :].tolist(), maxlen=REMEMBERED)
        self._known = {}

    def _between(self, head: float, tail: float) -> tuple[float, float]:
        total = self.counts.sum()
        if self.beyond > total:
            usual = float(np.median(self.longer))
            return 0.85 * usual, 1.15 * usual
        if total < LEAST_GAPS or self.counts.std() < LEAST_SPREAD * self.counts.mean():
            return 0.0, float(self._bins)
        share = np.cumsum(self.counts) / total
        low, high = int(np.searchsorted(share, head)), int(np.searchsorted(share, tail))
        return float(np.floor(0.9 * low)), float(np.ceil(1.1 * min(high, self._bins)))

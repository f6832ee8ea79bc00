"""How high demand was lately, and how high it usually is at this time, turn by turn: plain functions on arrays.

Nothing after ``newest`` (turns,), the newest sample that may be seen, is ever looked at. Compiled by who calls them.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


def highest_lately(demand: Numbers, newest: Places, samples: int, highest: Numbers) -> None:
    """The largest of the newest ``samples`` at each turn; 0 before the first one. ``newest`` must not go back."""
    peak, seen = -1, -1  # where the largest is, and up to where it was looked for
    for turn in range(len(newest)):
        first = max(0, newest[turn] - samples + 1)
        if peak < first:
            peak = seen = first
        for place in range(seen, newest[turn] + 1):
            if demand[place] >= demand[peak]:
                peak = place
        seen = max(seen, newest[turn])
        highest[turn] = demand[peak] if newest[turn] >= 0 else 0.0


def usual_peak(
    demand: Numbers, newest: Places, samples: int, day: int, every: int, days: int, quantile: float, usual: Numbers
) -> None:
    """A quantile, over past days, of the peak in the ``samples`` that followed on this time of the day.

    Every ``every``-th day counts, ``days`` of them at most; 0 while there is none.
    """
    peaks = np.zeros(days)
    for turn in range(len(newest)):
        count = 0
        for number in range(1, days + 1):
            first = newest[turn] + 1 - number * every * day
            if first < 0:
                break
            peak = 0.0
            for place in range(first, min(first + samples, newest[turn] + 1)):
                peak = max(peak, demand[place])
            peaks[count] = peak
            count += 1
        usual[turn] = np.sort(peaks[:count])[int(quantile * (count - 1) + 0.5)] if count else 0.0

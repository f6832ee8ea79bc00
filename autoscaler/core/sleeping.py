"""Whether to be awake or asleep while nobody comes: the exact optimum over the windows ahead. Plain, compiled later."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Choices = NDArray[np.bool_]


def best_sleep(chances: Numbers, cold_hit: float, wake_windows: int, awake_now: bool, awake: Choices) -> float:
    """Choose for each window ahead, as long as nobody has come, and return the expected cost in awake windows.

    The dynamic program behind two thresholds: stay awake until the first, sleep until the second. It goes on after
    the second (asleep again when nobody came), so it never costs more than the best pair of them.

    Args:
        chances: that use starts in each window if it has not before, (windows,).
        cold_hit: what it costs when use meets a sleeping database, in awake windows.
        wake_windows: how many windows a database stays awake at least after it was woken.
        awake_now: whether it is awake before the first window.
        awake: gets the choice for each window, (windows,).
    """
    count = len(chances)
    # Asleep, awake, and awake because just woken, from each window on; beyond the last one a cold hit is sure.
    asleep, up = np.full(count + 1, cold_hit), np.full(count + 1, cold_hit)
    held = np.full((wake_windows, count + 1), cold_hit)
    for i in range(count - 1, -1, -1):
        rest = 1.0 - chances[i]
        up[i] = rest * (1.0 + min(up[i + 1], asleep[i + 1]))
        for left in range(wake_windows):
            held[left, i] = rest * (1.0 + (held[left - 1, i + 1] if left else min(up[i + 1], asleep[i + 1])))
        asleep[i] = chances[i] * cold_hit + rest * min(asleep[i + 1], held[wake_windows - 1, i + 1])
    state, left = awake_now, 0
    for i in range(count):
        if not state:
            state = held[wake_windows - 1, i] < asleep[i]
            left = wake_windows if state else 0
        elif left <= 0:
            state = up[i] <= asleep[i]
        left -= 1
        awake[i] = state
    return float(min(up[0], asleep[0]) if awake_now else min(asleep[0], held[wake_windows - 1, 0]))

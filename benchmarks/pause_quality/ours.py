"""Our way to pause, window by window, for many prices of a cold hit at once."""

from itertools import count

import numpy as np
from numpy.typing import NDArray

from autoscaler.core import sleeping
from autoscaler.core.compiling import compile_functions
from benchmarks.pause_quality.cases import Case
from models.activity import begin

# Hours awake that one cold hit is worth.
PRICES = (0.125, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 48.0, 96.0)
HELD_AWAKE_SECONDS, PLANNED_ANEW_SECONDS, DAYS_AHEAD = 1200.0, 1800.0, {300.0: 2}


def planned(case: Case) -> NDArray[np.bool_]:
    """Whether an idle database is awake in each window, (prices, windows).

    The plan is made anew in the first windows of a gap and every half hour after that.
    """
    best = compile_functions(sleeping)["best_sleep"]
    model, hold = begin(step_seconds=case.step_seconds, window=case.first), case.windows(HELD_AWAKE_SECONDS)
    ahead = round(DAYS_AHEAD.get(case.step_seconds, 7) * 86_400 / case.step_seconds)
    awake = np.ones((len(PRICES), len(case.used)), dtype=np.bool_)
    plan, made_at, again = np.zeros((len(PRICES), ahead), dtype=np.bool_), 0, case.windows(PLANNED_ANEW_SECONDS)
    for t, use in zip(count(), case.used[:, None]):
        if model.idle > 0:
            if model.idle <= 3 or t - made_at >= again:
                chances, made_at = model.chances(ahead), t
                for row, price in enumerate(PRICES):
                    best(chances, price * 3600.0 / case.step_seconds, hold, bool(awake[row, t - 1]), plan[row])
            awake[:, t] = plan[:, t - made_at]
        model = model.update(use)
    return awake

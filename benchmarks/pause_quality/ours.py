"""Our way to pause, window by window, for many prices of a cold hit at once: the same code as in the service."""

from functools import cache
from itertools import count
from typing import NamedTuple

import numpy as np

from autoscaler.core import sleeping
from autoscaler.core.activity import Dial
from autoscaler.core.compiling import compile_functions
from benchmarks.pause_quality.cases import Case
from benchmarks.pause_quality.ways import Awake
from models.activity import begin
from models.habits import NAMES, Habits
from models.sleeper import Sleeper

# Hours awake that one cold hit is worth, at last so many that it never sleeps. The usual dial is an ACU-hour of a
# cluster that idles at half an ACU.
USUAL = 2.0
PRICES = (0.06, 0.25, 0.5, 1, USUAL, 3, 4, 6, 8, 12, 24, 48, 192, 768, 1e7)


class Slept(NamedTuple):
    """Whether an idle database is awake in each window: by the plan alone and by the policy, (prices, windows).

    And by each of the simple ways, which are the usual ones, too: (ways, windows) in the order of `models.habits`.
    """

    plan: Awake
    ours: Awake
    simple: Awake


def slept(case: Case) -> Slept:
    """What the policy would have done at each of the prices."""
    best = compile_functions(sleeping)["best_sleep"]
    model, habits = begin(step_seconds=case.step_seconds, window=case.first), Habits(case.step_seconds)
    sleepers = [
        Sleeper(Dial(cold_hit_acu_hours=price, idle_acu=1.0), step_seconds=case.step_seconds, best=best)
        for price in PRICES
    ]
    rows = (len(PRICES), len(PRICES), len(NAMES))
    done = Slept(*(np.ones((number, len(case.used)), dtype=np.bool_) for number in rows))
    for t, use in zip(count(), case.used.tolist()):
        idle = habits.idle
        said = habits.take(use)
        if said is not None:
            done.simple[:, t] = said
        chances = cache(model.chances)
        for row, sleeper in enumerate(sleepers):
            way = sleeper.way
            awake = sleeper.take(use, said, idle, chances)
            done.plan[row, t], done.ours[row, t] = awake[0], awake[way]
        model = model.update([use])
    return done

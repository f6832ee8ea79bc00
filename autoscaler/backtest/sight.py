"""What a policy would have seen of a load, and when, as arrays: the way of samples without the samples."""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.trace import Stretch
from autoscaler.simulator.profiles import Measuring

ROUNDING_SLACK_SECONDS = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """Samples of one length on an even grid from the start on, and the newest one seen at each turn.

    ``demand_acu`` (samples,) is NaN where nothing was measured. ``newest`` (turns,) is the place of the newest sample
    that may be seen, measured or not; below 0 before the first. Sample i covers ``[i, i + 1) * sample_seconds``, turn
    k is at ``k * turn_seconds``. Only samples up to ``newest`` may go into what a turn decides.
    """

    demand_acu: NDArray[np.float64]
    newest: NDArray[np.int64]
    sample_seconds: float
    turn_seconds: float
    delay_seconds: float

    def __len__(self) -> int:
        return len(self.newest)

    def blind(self, max_blind_seconds: float) -> NDArray[np.bool_]:
        """Whether the newest known sample is too old at each turn, beyond its own length; shape (turns,)."""
        known = np.isfinite(self.demand_acu)
        places = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))
        newest = np.where(self.newest >= 0, places[np.maximum(self.newest, 0)], -1)
        at = np.arange(len(self)) * self.turn_seconds
        age = at - (newest + 1) * self.sample_seconds - self.sample_seconds
        return (newest < 0) | (np.maximum(age, 0.0) > max_blind_seconds)

    def cut(self, samples: int) -> "Sight":
        """As it was when only so many samples had been measured, up to the last turn that could not see more."""
        turns = int(np.searchsorted(self.newest, samples))  # the newest never goes back
        return replace(self, demand_acu=self.demand_acu[:samples], newest=self.newest[:turns])


def see(stretch: Stretch, measuring: Measuring, *, step_seconds: float, turn_seconds: float) -> Sight:
    """What ``measuring`` would show of a load; jitter and lost points are left out, waiting work is seen."""
    steps = max(1, ceil((measuring.period_seconds - ROUNDING_SLACK_SECONDS) / step_seconds))
    count = len(stretch.demand_acu) // steps
    whole = count * steps
    demand = stretch.demand_acu[:whole].reshape(count, steps).mean(axis=1)
    measured = stretch.measured[:whole].reshape(count, steps).all(axis=1)
    turns = ceil(len(stretch.demand_acu) * step_seconds / turn_seconds - ROUNDING_SLACK_SECONDS)
    return sight_of(
        np.where(measured, demand, np.nan),
        turns=turns,
        sample_seconds=steps * step_seconds,
        turn_seconds=turn_seconds,
        delay_seconds=measuring.delay_seconds,
    )


def sight_of(
    demand_acu: NDArray[np.float64], *, turns: int, sample_seconds: float, turn_seconds: float, delay_seconds: float
) -> Sight:
    """Samples that become visible ``delay_seconds`` after their end."""
    at = np.arange(turns) * turn_seconds
    ended = np.floor((at - delay_seconds) / sample_seconds + ROUNDING_SLACK_SECONDS).astype(np.int64)
    return Sight(
        demand_acu=demand_acu,
        newest=np.clip(ended, 0, len(demand_acu)) - 1,
        sample_seconds=sample_seconds,
        turn_seconds=turn_seconds,
        delay_seconds=delay_seconds,
    )

"""What a policy would have seen of a load, and when, as arrays: the way of samples without the samples."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.trace import Stretch

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
        at = np.arange(len(self)) * self.turn_seconds
        known = np.isfinite(self.demand_acu)
        return blind_at(at, self.newest, known, sample_seconds=self.sample_seconds, max_blind_seconds=max_blind_seconds)

    def cut(self, samples: int) -> "Sight":
        """As it was when only so many samples had been measured, up to the last turn that could not see more."""
        turns = int(np.searchsorted(self.newest, samples))  # the newest never goes back
        return replace(self, demand_acu=self.demand_acu[:samples], newest=self.newest[:turns])


def see(
    stretch: Stretch, *, period_seconds: float, delay_seconds: float, step_seconds: float, turn_seconds: float
) -> Sight:
    """What metrics of such a period and delay show of a load; jitter and lost points are left out."""
    steps = max(1, ceil((period_seconds - ROUNDING_SLACK_SECONDS) / step_seconds))
    count = len(stretch.demand_acu) // steps
    whole = count * steps
    demand = stretch.demand_acu[:whole].reshape(count, steps).mean(axis=1)
    measured = stretch.measured[:whole].reshape(count, steps).all(axis=1)
    turns = ceil(len(stretch.demand_acu) * step_seconds / turn_seconds - ROUNDING_SLACK_SECONDS)
    sample_seconds = steps * step_seconds
    return Sight(
        demand_acu=np.where(measured, demand, np.nan),
        newest=newest_at(
            np.arange(turns) * turn_seconds, count, sample_seconds=sample_seconds, delay_seconds=delay_seconds
        ),
        sample_seconds=sample_seconds,
        turn_seconds=turn_seconds,
        delay_seconds=delay_seconds,
    )


def newest_at(
    at_seconds: NDArray[np.floating[Any]], samples: int, *, sample_seconds: float, delay_seconds: float
) -> NDArray[np.int64]:
    """The newest of ``samples`` that is visible at each moment, a delay after its end; below 0 before the first."""
    ended = np.floor((at_seconds - delay_seconds) / sample_seconds + ROUNDING_SLACK_SECONDS).astype(np.int64)
    return np.asarray(np.clip(ended, 0, samples) - 1)


def blind_at(
    at_seconds: NDArray[np.floating[Any]],
    newest: NDArray[np.int64],
    measured: NDArray[np.bool_],
    *,
    sample_seconds: float,
    max_blind_seconds: float,
) -> NDArray[np.bool_]:
    """Whether the newest measured sample up to ``newest`` is too old at each moment, beyond its own length."""
    places = np.maximum.accumulate(np.where(measured, np.arange(len(measured)), -1))
    known = np.where(newest >= 0, places[np.maximum(newest, 0)], -1)
    age = at_seconds - (known + 2) * sample_seconds
    return np.asarray((known < 0) | (np.maximum(age, 0.0) > max_blind_seconds))

"""A workload over time: what a cluster would need at every moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from autoscaler.errors import InvalidInput


class Interpolation(StrEnum):
    """What the demand is between two samples: the first one's, or on the line between both."""

    HOLD = "hold"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """Demand in ACU, sampled at ``offset_seconds`` after ``start``.

    ``offset_seconds`` (n,) ascends from 0 without repeats; ``demand_acu`` (n,) is finite and not negative.
    A sample stands for ``step_seconds``; where the next one comes later, the rest of the way is a gap.
    """

    name: str
    start: datetime
    step_seconds: float
    offset_seconds: NDArray[np.float64]
    demand_acu: NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.offset_seconds) == 0:
            raise InvalidInput(f"the trace {self.name} is empty")
        if len(self.offset_seconds) != len(self.demand_acu):
            raise InvalidInput(
                f"the trace {self.name} has {len(self.offset_seconds)} times for {len(self.demand_acu)} values"
            )
        if self.step_seconds <= 0:
            raise InvalidInput(f"the trace {self.name} has steps of {self.step_seconds} s; they must be above 0")
        if self.offset_seconds[0] != 0 or (np.diff(self.offset_seconds) <= 0).any():
            raise InvalidInput(f"the times of the trace {self.name} do not ascend from 0")
        if not (np.isfinite(self.demand_acu) & (self.demand_acu >= 0)).all():
            raise InvalidInput(f"the trace {self.name} has a demand that is negative or no number")

    @property
    def seconds(self) -> float:
        """From the start of the first sample to the end of the last."""
        return float(self.offset_seconds[-1]) + self.step_seconds

    @property
    def end(self) -> datetime:
        """When the last sample's interval was over."""
        return self.start + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """A trace on an even grid of steps: ``demand_acu`` (n,) and ``measured`` (n,), False in a gap."""

    demand_acu: NDArray[np.float64]
    measured: NDArray[np.bool_]


def sample_evenly(trace: Trace, *, step_seconds: float, interpolation: Interpolation) -> Stretch:
    """The demand in each step from the trace's start to its end; a gap holds the last value before it."""
    begins = np.arange(0.0, trace.seconds - 1e-6, step_seconds)
    index = np.searchsorted(trace.offset_seconds, begins + 1e-6, side="right") - 1
    demand = trace.demand_acu[index]
    into = begins - trace.offset_seconds[index]
    measured = into < trace.step_seconds - 1e-6
    if interpolation is Interpolation.LINEAR:
        demand = _between(trace, index, into + 0.5 * step_seconds, demand)
    return Stretch(demand_acu=demand, measured=measured)


def _between(
    trace: Trace, index: NDArray[np.intp], into: NDArray[np.float64], held: NDArray[np.float64]
) -> NDArray[np.float64]:
    following = np.minimum(index + 1, len(trace.offset_seconds) - 1)
    gap_seconds = trace.offset_seconds[following] - trace.offset_seconds[index]
    joined = (gap_seconds > 0) & (gap_seconds < 1.5 * trace.step_seconds)
    share = np.where(joined, into / np.where(joined, gap_seconds, 1.0), 0.0).clip(0.0, 1.0)
    return held + share * (trace.demand_acu[following] - held)

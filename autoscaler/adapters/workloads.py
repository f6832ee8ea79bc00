"""What a live simulated cluster has to serve: a scenario without end, or a recorded trace over and over."""

from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.trace import Interpolation, Trace, sample_evenly
from autoscaler.simulator.scenarios import Scenario, demand_per_minute

KEPT_DAYS = 2  # a change of day asks for no day twice, and a fleet's memory stays small


class Load(NamedTuple):
    """The demand of one step; ``measured`` is False in a gap of the recording."""

    demand_acu: float
    measured: bool


class Workload(Protocol):
    """Demand at any moment, in any order, always the same."""

    @property
    def period_seconds(self) -> float:
        """How finely it is known; nothing finer is published as a metric."""
        ...

    def load_at(self, at: datetime) -> Load:
        """The load of the step that starts ``at`` (aware, UTC)."""
        ...


class ScenarioWorkload:
    """A generated workload; unbounded in both directions of time."""

    period_seconds = 60.0

    def __init__(self, scenario: Scenario, *, seed: int = 0) -> None:
        self._scenario = scenario
        self._seed = seed
        self._days: dict[date, NDArray[np.float64]] = {}

    def load_at(self, at: datetime) -> Load:
        demand = self._day(at.date())
        return Load(float(demand[at.hour * 60 + at.minute]), measured=True)

    def _day(self, day: date) -> NDArray[np.float64]:
        known = self._days.get(day)
        if known is None:
            known = demand_per_minute(self._scenario, seed=self._seed, day=day)
            self._days[day] = known
            while len(self._days) > KEPT_DAYS:
                del self._days[next(iter(self._days))]
        return known


class TraceWorkload:
    """A recorded workload whose first sample stands for ``start``; after its last one it begins anew.

    A sample holds until the next, as in a backtest's default.
    """

    def __init__(self, trace: Trace, *, start: datetime, step_seconds: float) -> None:
        stretch = sample_evenly(trace, step_seconds=step_seconds, interpolation=Interpolation.HOLD)
        self.period_seconds = trace.step_seconds
        self._start = start
        self._step = timedelta(seconds=step_seconds)
        self._demand_acu = stretch.demand_acu
        self._measured = stretch.measured

    def load_at(self, at: datetime) -> Load:
        step = (at - self._start) // self._step % len(self._demand_acu)
        return Load(float(self._demand_acu[step]), measured=bool(self._measured[step]))

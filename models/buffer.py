"""The newest windows of demand a model has seen: a bounded value, copied on append and never written to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isclose

import numpy as np

from autoscaler.core.history import History
from autoscaler.errors import InvalidInput
from models.state import Array, State, array_of, frozen, moment_of, number_of

# A tail may start this share of a window off the grid: clocks round, but a shifted grid is another grid.
GRID_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """``demand_acu`` (n,), ACU, n ≥ 1: NaN where unknown, and the last one is known.

    ``unknown`` windows without a value follow it before ``end``: an outage costs no memory and never pushes
    the last thing we knew out of the buffer. At most ``capacity`` windows are kept.
    """

    end: datetime
    step_seconds: float
    demand_acu: Array
    unknown: int
    capacity: int

    def __len__(self) -> int:
        return len(self.demand_acu)

    @property
    def last_acu(self) -> float:
        """The newest known value."""
        return float(self.demand_acu[-1])

    def after(self, tail: History) -> "Windows":
        """With the windows of ``tail`` at the end; those between ``end`` and its start are unknown.

        Raises:
            InvalidInput: when the tail has another step, lies off the grid or starts before ``end``.
        """
        missing = self.missing_before(tail)
        if len(tail) == 0:
            return self
        fresh = plausible(tail.demand_acu)
        known = np.flatnonzero(np.isfinite(fresh))
        if len(known) == 0:
            return self._with(end=tail.end, demand=self.demand_acu, unknown=self.unknown + missing + len(fresh))
        last = int(known[-1]) + 1
        blind = np.full(min(self.unknown + missing, self.capacity), np.nan)
        demand = np.concatenate((self.demand_acu, blind, fresh[:last]))
        return self._with(end=tail.end, demand=demand[-self.capacity :], unknown=len(fresh) - last)

    def missing_before(self, tail: History) -> int:
        """How many windows lie between the last one and ``tail``.

        Raises:
            InvalidInput: when the tail has another step, lies off the grid or starts before ``end``.
        """
        if not isclose(tail.step_seconds, self.step_seconds, rel_tol=1e-9):
            raise InvalidInput(
                f"a model of windows of {self.step_seconds} s cannot go on with windows of {tail.step_seconds} s; "
                "fit a new one"
            )
        steps = (tail.start - self.end) / timedelta(seconds=self.step_seconds)
        missing = round(steps)
        if missing < 0 or abs(steps - missing) > GRID_TOLERANCE:
            raise InvalidInput(
                f"a tail from {tail.start.isoformat()} does not follow the windows seen so far, which end at "
                f"{self.end.isoformat()} and last {self.step_seconds} s; pass only whole, newer windows"
            )
        return missing

    def stored_since(self, before: "Windows") -> int:
        """How many of these windows were appended to ``before``, of which this is a later value."""
        passed = round((self.end - before.end) / timedelta(seconds=self.step_seconds))
        return min(passed + before.unknown - self.unknown, len(self))

    def state(self) -> State:
        """What ``windows_from`` needs."""
        return {
            "end": self.end.isoformat(),
            "step_seconds": self.step_seconds,
            "demand_acu": self.demand_acu,
            "unknown": self.unknown,
            "capacity": self.capacity,
        }

    def _with(self, *, end: datetime, demand: Array, unknown: int) -> "Windows":
        return Windows(
            end=end,
            step_seconds=self.step_seconds,
            demand_acu=frozen(demand),
            unknown=unknown,
            capacity=self.capacity,
        )


def remember(history: History, *, keep_seconds: float) -> Windows:
    """The newest ``keep_seconds`` of a history.

    Raises:
        InvalidInput: when it has no known window at all.
    """
    demand = plausible(history.demand_acu)
    known = np.flatnonzero(np.isfinite(demand))
    if len(known) == 0:
        raise InvalidInput(
            f"none of the {len(demand)} windows of the history is known, so there is nothing to learn from; "
            "wait for a first sample"
        )
    last = int(known[-1]) + 1
    capacity = max(2, round(keep_seconds / history.step_seconds))
    return Windows(
        end=history.end,
        step_seconds=history.step_seconds,
        demand_acu=frozen(demand[max(0, last - capacity) : last].copy()),  # a view would keep all of it alive
        unknown=len(demand) - last,
        capacity=capacity,
    )


def windows_from(state: State, *, prefix: str = "") -> Windows:
    """What ``Windows.state`` stored, under keys that begin with ``prefix``.

    Raises:
        InvalidInput: when something is missing or of another kind.
    """
    return Windows(
        end=moment_of(state, f"{prefix}end"),
        step_seconds=float(number_of(state, f"{prefix}step_seconds")),
        demand_acu=frozen(array_of(state, f"{prefix}demand_acu")),
        unknown=int(number_of(state, f"{prefix}unknown")),
        capacity=int(number_of(state, f"{prefix}capacity")),
    )


def plausible(demand_acu: Array) -> Array:
    """Infinite and negative demand cannot be true: it becomes unknown, never zero."""
    return np.where(np.isfinite(demand_acu) & (demand_acu >= 0), demand_acu, np.nan)

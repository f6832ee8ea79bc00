"""What there is to choose from: ways of choosing floors, as arrays over turns. Each sees only what a turn may see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoscaler.core import governor, planning
from autoscaler.core.compiling import compile_functions
from autoscaler.core.planning import Climb
from autoscaler.core.sight import newest_at
from autoscaler.simulator.profiles import Climbing, Profile
from models import analogs, corridors
from models.analogs import DAY_SECONDS, Likeness

Numbers = NDArray[np.float64]

PLAN_SECONDS = 300.0
PLAN_STEP_SECONDS = 30.0
# After a floor is given up the descent is paid for: so long it is looked at.
DESCENT_SECONDS = 600.0
CHOICES = 10
# A schedule looks so far ahead, on so many days at most.
AHEAD_SECONDS = 900.0
USUAL_DAYS = 28
# The owner's price of throttling is right on the average only: what a plan leaves out makes it dearer or cheaper.
PRICE_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way of choosing floors: a family of policies and its settings.

    ``utilization`` is how full a floor may be with the demand it follows; what else counts depends on the family.
    """

    family: str
    floor_acu: float = 0.0
    seconds: float = 0.0
    utilization: float = 1.0
    quantile: float = 0.0
    every_days: int = 1
    price_factor: float = 1.0

    def __str__(self) -> str:
        told = {
            "left alone": "left alone",
            "static": f"a static floor of {self.floor_acu:g} ACU",
            "reactive": f"reactive over {self.seconds / 60:g} min",
            "scheduled": f"scheduled by the time of the {'day' if self.every_days == 1 else 'week'}",
            "predictive": "predictive",
        }
        return told[self.family]


ALONE = Candidate(family="left alone")


def all_candidates() -> tuple[Candidate, ...]:
    """Everything that is tried; the first one is to leave the cluster alone."""
    static = [Candidate(family="static", floor_acu=round(2.0 * 2 ** (k / 2)) / 2) for k in range(15)]
    reactive = [
        Candidate(family="reactive", seconds=seconds, utilization=utilization)
        for seconds in (900.0, 3600.0, 7200.0, 21_600.0, 86_400.0)
        for utilization in (0.75, 1.2, 1.7, 2.5)
    ]
    scheduled = [
        Candidate(family="scheduled", every_days=every, quantile=quantile, utilization=utilization)
        for every in (1, 7)
        for quantile in (0.6, 1.0)
        for utilization in (0.9, 1.3, 2.0)
    ]
    predictive = [
        Candidate(family="predictive", price_factor=factor, seconds=guard, utilization=1.7)
        for factor in PRICE_FACTORS
        for guard in (300.0, 1800.0)
    ]
    return (ALONE, *static, *reactive, *scheduled, *predictive)


@cache
def compiled() -> Mapping[str, Callable[..., Any]]:
    """The plain functions of models and core that candidates are made of, compiled."""
    return compile_functions(governor, planning, analogs, corridors)


class Past:
    """The samples of a cluster so far, on an even grid, with what the planner looks at; it grows at its end.

    ``demand_acu`` (samples,) holds the last known value in the place of unknown ones, 0 before the first;
    ``measured`` (samples,) tells them apart.
    """

    def __init__(self, *, sample_seconds: float, turn_seconds: float, delay_seconds: float) -> None:
        self.sample_seconds, self.turn_seconds, self.delay_seconds = sample_seconds, turn_seconds, delay_seconds
        self._demand, self._like = np.zeros(0), np.zeros((0, 2))
        self._measured = np.zeros(0, dtype=bool)
        self._last_measured = np.zeros(0, dtype=np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def demand_acu(self) -> Numbers:
        return self._demand[: self._count]

    @property
    def measured(self) -> NDArray[np.bool_]:
        return self._measured[: self._count]

    @property
    def like(self) -> Numbers:
        """What the planner compares moments by; shape (samples, 2)."""
        return self._like[: self._count]

    def add(self, demand_acu: Numbers) -> None:
        """More samples, NaN where nothing was measured."""
        first, count = self._count, self._count + len(demand_acu)
        if count > len(self._demand):
            size = 2 * count
            self._demand = np.resize(self._demand, size)
            self._measured = np.resize(self._measured, size)
            self._last_measured = np.resize(self._last_measured, size)
            self._like = np.concatenate((self._like, np.zeros((size - len(self._like), 2))))
        last = float(self._demand[first - 1]) if first else 0.0
        self._measured[first:count] = np.isfinite(demand_acu)
        self._demand[first:count] = held(demand_acu, last)
        before = int(self._last_measured[first - 1]) if first else -1
        places = np.where(self._measured[first:count], np.arange(first, count), before)
        self._last_measured[first:count] = np.maximum.accumulate(places)
        self._count = count
        compiled()["describe"](self.demand_acu, first, self.sample_seconds, self._like)

    def newest(self, turns: slice) -> NDArray[np.int64]:
        """The newest measured sample that may be seen at each turn; below 0 before the first."""
        return self.newest_at(np.arange(turns.start, turns.stop) * self.turn_seconds)

    def newest_at(self, at_seconds: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """The same at moments, in seconds from the start."""
        shown = newest_at(at_seconds, len(self), sample_seconds=self.sample_seconds, delay_seconds=self.delay_seconds)
        return np.where(shown >= 0, self._last_measured[np.maximum(shown, 0)], -1)


class Wishes:
    """The corridors of all candidates for a growing past; what has been planned once is not planned again."""

    def __init__(
        self, past: Past, profile: Profile, *, min_acu: float, max_acu: float, prices: Sequence[float]
    ) -> None:
        self._past = past
        self._climb = climb_of(profile, min_acu=min_acu, max_acu=max_acu)
        self._prices = np.array(sorted({price * factor for price in prices for factor in PRICE_FACTORS}))
        self._planned = np.zeros((0, len(self._prices)))
        self._likeness = Likeness()

    def corridor(self, candidate: Candidate, price: float, turns: slice) -> tuple[Numbers, Numbers]:
        """The lowest and the highest floor it wants at these turns, (turns,) each, at a price of throttling."""
        low = np.full(turns.stop - turns.start, max(candidate.floor_acu, self._climb.min_acu))
        if candidate.family == "reactive":
            low = self._lately(candidate, turns)
        elif candidate.family == "scheduled":
            low = self._usually(candidate, turns)
        elif candidate.family == "predictive":
            low = self._plans(turns)[:, int(np.searchsorted(self._prices, price * candidate.price_factor))]
            return low, np.maximum(low, self._lately(candidate, turns))
        return low, low

    def _lately(self, candidate: Candidate, turns: slice) -> Numbers:
        past, highest = self._past, np.zeros(turns.stop - turns.start)
        samples = max(1, round(candidate.seconds / past.sample_seconds))
        compiled()["highest_lately"](past.demand_acu, past.newest(turns), samples, highest)
        return highest / candidate.utilization

    def _usually(self, candidate: Candidate, turns: slice) -> Numbers:
        past, usual = self._past, np.zeros(turns.stop - turns.start)
        samples = max(1, round(AHEAD_SECONDS / past.sample_seconds))
        day = round(DAY_SECONDS / past.sample_seconds)
        compiled()["usual_peak"](
            past.demand_acu,
            past.newest(turns),
            samples,
            day,
            candidate.every_days,
            USUAL_DAYS // candidate.every_days,
            candidate.quantile,
            usual,
        )
        return usual / candidate.utilization

    def _plans(self, turns: slice) -> Numbers:
        """The planned floors at these turns, (turns, prices): made every five minutes, kept until the next are made."""
        past = self._past
        every = max(1, round(PLAN_SECONDS / past.turn_seconds))
        first = int(-(-past.delay_seconds // past.turn_seconds)) % every
        moments = np.arange(first, turns.stop, every)
        if len(moments) > len(self._planned):
            self._planned = np.concatenate((self._planned, self._plan(moments[len(self._planned) :])))
        place = (np.arange(turns.start, turns.stop) - first) // every
        return np.where(place[:, None] >= 0, self._planned[np.maximum(place, 0)], self._climb.min_acu)

    def _plan(self, moments: NDArray[np.int64]) -> Numbers:
        past, floors = self._past, np.zeros((len(moments), len(self._prices)))
        at = moments * past.turn_seconds
        compiled()["plan"](
            past.demand_acu,
            past.like,
            past.newest_at(at),
            at,
            past.sample_seconds,
            self._prices,
            CHOICES,
            self._climb.held_steps + round(DESCENT_SECONDS / PLAN_STEP_SECONDS),
            self._likeness,
            self._climb,
            floors,
        )
        return floors


def held(demand_acu: Numbers, last: float) -> Numbers:
    """Samples with the last known value in the place of unknown ones; ``last`` before the first."""
    known = np.isfinite(demand_acu)
    places = np.maximum.accumulate(np.where(known, np.arange(len(demand_acu)), -1))
    return np.where(places >= 0, demand_acu[np.maximum(places, 0)], last)


def climb_of(profile: Profile, *, min_acu: float, max_acu: float) -> Climb:
    """A profile's dynamics as the planner takes them; a sized cluster is one that jumps to any size at once."""
    c = profile.dynamics if isinstance(profile.dynamics, Climbing) else Climbing(bucket_acu=0.0)
    return Climb(
        target_utilization=profile.dynamics.target_utilization,
        step_acu=profile.step_acu,
        bucket_acu=c.bucket_acu,
        refill_acu_per_second=c.refill_acu_per_second,
        refill_per_acu=c.refill_per_acu,
        descent_delay_per_acu_seconds=c.descent_delay_per_acu_seconds,
        shortest_descent_delay_seconds=c.shortest_descent_delay_seconds,
        longest_descent_delay_seconds=c.longest_descent_delay_seconds,
        halving_spacing_seconds=c.halving_spacing_seconds,
        floor_jumps=profile.changing.floor_jumps,
        min_acu=max(min_acu, profile.step_acu),
        max_acu=max_acu,
        seconds=PLAN_STEP_SECONDS,
        held_steps=round(PLAN_SECONDS / PLAN_STEP_SECONDS),
    )

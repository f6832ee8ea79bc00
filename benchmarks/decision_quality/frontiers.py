"""From single traces to frontiers: what policies cost pooled over traces, and what they throttle, by the dial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.decision_quality.measure import PRICES

Numbers = NDArray[np.float64]

Found = Mapping[str, Any]
FINE_PRICES = tuple(2.0 ** (power / 4) for power in range(-4, 45))
ALONE = "left alone"
BEST_OF_THREE = "static + reactive + scheduled"
# What each column may choose from, once for each trace, by its first half.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "AWS's rule": ("aws",),
    "Autopilot-like": ("fading",),
    "P-Store-like": ("planned",),
    "quantile-robust": ("robust",),
    "static": ("static",),
    "static + reactive": ("static", "reactive"),
    BEST_OF_THREE: ("static", "reactive", "scheduled"),
    "all, chosen once": ("static", "reactive", "scheduled", "predictive"),
    "foresight of 10 min": ("foresight",),
}
AUTO = "auto"
# What typical users set once, whatever throttling is worth to them: points, no frontiers.
TYPICAL: Mapping[str, str] = {"2 ACU": "typical small", "half the peak": "typical large"}
COLUMNS = (*TYPICAL, *GROUPS, AUTO)


def columns_in(found: Sequence[Found]) -> tuple[str, ...]:
    """The columns that were measured on each of these traces; what was kept of an older run may have fewer."""
    return tuple(column for column in COLUMNS if all(_is_in(one, column) for one in found))


def _is_in(one: Found, column: str) -> bool:
    families = (TYPICAL[column],) if column in TYPICAL else GROUPS.get(column, ())
    return all(family == "foresight" or family in one["families"] for family in families)


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """Traces that are pooled, and how much of their work may be throttled."""

    name: str
    budget: float
    shapes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def of(self, found: Sequence[Found]) -> list[Found]:
        """Those of its shapes."""
        return [
            one
            for one in found
            if (not self.shapes or one["shape"] in self.shapes) and one["shape"] not in self.left_out
        ]


SETS = (
    Set(name="all", budget=0.005),
    Set(name="no idle ones", budget=0.005, left_out=("intermittent", "mostly_idle")),
    Set(name="weekly + diurnal", budget=0.001, shapes=("weekly", "diurnal")),
    Set(name="bursty + spiky", budget=0.01, shapes=("bursty", "spiky")),
)


@dataclass(frozen=True, slots=True)
class Point:
    """Cost ratio and throttled share of the second half, at a price of throttling."""

    price: float
    cost: float
    throttled: float


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """What a column does on single traces: ACU-seconds and throttled ones of the second half, (traces, prices)."""

    prices: tuple[float, ...]
    acu: Numbers
    throttled: Numbers
    reference: Numbers
    work: Numbers

    def points(self, weights: Numbers | None = None) -> list[Point]:
        """The frontier, from a price of nothing on; each trace counts as often as its weight (traces,) says."""
        counts = np.ones(len(self.work)) if weights is None else weights
        reference, work = float(counts @ self.reference), float(counts @ self.work)
        cost = counts @ self.acu / reference if reference else np.zeros(len(self.prices))
        share = counts @ self.throttled / work if work else np.zeros(len(self.prices))
        return [Point(*one) for one in zip(self.prices, cost.tolist(), share.tolist(), strict=True)]


def paths_of(found: Sequence[Found], column: str) -> Paths:
    """A column on all traces, from a price of nothing on; what has no dial is one point."""
    if column in TYPICAL:
        return _paths(found, (0.0,), [[one["families"][TYPICAL[column]][0]] for one in found])
    prices = PRICES if column == AUTO else FINE_PRICES
    halves = [[alone_of(one), *(chosen_of(one, column, price) for price in prices)] for one in found]
    return _paths(found, (0.0, *prices), halves)


def _paths(found: Sequence[Found], prices: tuple[float, ...], told: list[list[list[float]]]) -> Paths:
    halves = np.array(told)
    return Paths(
        prices=prices,
        acu=halves[..., 1],
        throttled=halves[..., 3],
        reference=np.array([one["reference"][1] for one in found]),
        work=np.array([one["work"][1] for one in found]),
    )


def frontier(found: Sequence[Found], column: str) -> list[Point]:
    """A column's points, from a price of nothing on."""
    return paths_of(found, column).points()


def cost_at(points: Sequence[Point], budget: float) -> float | None:
    """The cost where a frontier meets a budget, between its points on a logarithmic scale; None where it never does."""
    if points[0].throttled <= budget:
        return points[0].cost
    for worse, better in pairwise(points):
        if worse.throttled > budget >= better.throttled:
            if better.throttled <= 0.0:
                return better.cost
            share = log(worse.throttled / budget) / log(worse.throttled / better.throttled)
            return worse.cost + share * (better.cost - worse.cost)
    return None


def price_at(points: Sequence[Point], budget: float) -> float | None:
    """The least price at which a frontier keeps to a budget; None where it never does."""
    kept = [point.price for point in points if point.throttled <= budget and point.price > 0.0]
    return min(kept, default=None)


def throttled_at(points: Sequence[Point], cost: float) -> float:
    """The throttled share where a frontier meets a cost, between its points; at most what its first one throttles."""
    for cheaper, dearer in pairwise(points):
        if cheaper.cost <= cost < dearer.cost:
            share = (cost - cheaper.cost) / (dearer.cost - cheaper.cost)
            return cheaper.throttled + share * (dearer.throttled - cheaper.throttled)
    return points[-1].throttled if points[-1].cost <= cost else points[0].throttled


def optimum(found: Sequence[Found]) -> float | None:
    """The cost of the optimum, where every trace has one."""
    if any(one["optimum"] is None for one in found):
        return None
    return float(sum(one["optimum"] for one in found)) / float(sum(one["reference"][1] for one in found))


def alone_of(one: Found) -> list[float]:
    """The half-sums of a cluster left alone."""
    alone: list[float] = one["families"][ALONE][0]
    return alone


def chosen_of(one: Found, column: str, price: float) -> list[float]:
    """The half-sums of what is best on the first half; leaving the cluster alone is always a choice."""
    if column == AUTO:
        nearest = min(PRICES, key=lambda tried: abs(log(tried / price)))
        auto: list[float] = one["auto"][str(nearest)]["half"]
        return auto
    pool = [alone_of(one)]
    for family in GROUPS[column]:
        pool += one["foresight"] if family == "foresight" else one["families"][family]
    return min(pool, key=lambda half: half[0] + price * half[2])

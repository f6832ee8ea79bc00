"""What the goals ask for: shares of the gap, intervals, the worst clusters, harm where nothing is to be won."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.decision_quality.frontiers import (
    AUTO,
    BEST_OF_THREE,
    SETS,
    Found,
    Point,
    Set,
    alone_of,
    chosen_of,
    cost_at,
    frontier,
    paths_of,
    price_at,
    throttled_at,
)
from benchmarks.decision_quality.measure import PRICES

RIVALS = ("static", "static + reactive", BEST_OF_THREE)
FORESIGHT = "foresight of 10 min"
ALMOST_NATIVE = 1.05
# A price in the middle of the dial, where single traces are compared.
PRICE = 64.0
REPLICATES = 400
WORST_SHARE = 0.05
A_HARM = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """How much less ``auto`` costs than a rival at a budget; ``low`` and ``high`` hold 95 % of the bootstrap."""

    rival: str
    share: float | None
    low: float | None
    high: float | None


def gap_closed(members: Sequence[Found], budget: float, column: str = AUTO) -> float | None:
    """The share of the cost between static + reactive and foresight that a column saves at a budget."""
    without, ours, foreseen = (
        cost_at(frontier(members, one), budget) for one in ("static + reactive", column, FORESIGHT)
    )
    if without is None or ours is None or foreseen is None or without == foreseen:
        return None
    return (without - ours) / (without - foreseen)


def gain_over(members: Sequence[Found], budget: float, rival: str) -> Gain:
    """The gain over a rival, with an interval by drawing families of traces again and again, for both alike."""
    ours, theirs = paths_of(members, AUTO), paths_of(members, rival)
    families = [one["family"] for one in members]
    names = sorted(set(families))
    family = np.array([names.index(name) for name in families])
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(REPLICATES):
        times = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names)).astype(float)
        share = _saved(ours.points(times[family]), theirs.points(times[family]), budget)
        if share is not None:
            drawn.append(share)
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist() if len(drawn) > REPLICATES // 2 else (None, None)
    return Gain(rival=rival, share=_saved(ours.points(), theirs.points(), budget), low=low, high=high)


def less_throttled_at_native_cost(found: Sequence[Found]) -> float | None:
    """How much less work ``auto`` throttles than clusters left alone, for 5 % more cost; without idle ones."""
    members = SETS[1].of(found)
    if not members:
        return None
    points = frontier(members, AUTO)
    ours = throttled_at(points, points[0].cost * ALMOST_NATIVE)
    return None if points[0].throttled == 0.0 else 1.0 - ours / points[0].throttled


def one_setting_saves(found: Sequence[Found], one: Set) -> float | None:
    """How much less one setting of plans for all costs than a reactive one, each the cheapest at the budget."""
    members = one.of(found)
    reactive, plans = (_one_setting(members, family, one.budget) for family in ("reactive", "predictive"))
    return None if reactive is None or plans is None else 1.0 - plans / reactive


def extra_cost_where_left_alone_is_enough(found: Sequence[Found], one: Set) -> float | None:
    """How much more ``auto`` costs than left alone, in traces that meet the budget alone, at the price of the set."""
    members = one.of(found)
    price = price_at(frontier(members, AUTO), one.budget)
    calm = [trace for trace in members if alone_of(trace)[3] <= one.budget * trace["work"][1]]
    if price is None or not calm:
        return None
    ours = sum(chosen_of(trace, AUTO, price)[1] for trace in calm)
    return ours / sum(alone_of(trace)[1] for trace in calm) - 1.0


def harmed(found: Sequence[Found], price: float = PRICE) -> list[str]:
    """The traces on which ``auto`` is dearer than left alone by a thousandth, priced throttling included."""

    def cost(half: Sequence[float]) -> float:
        return half[1] + price * half[3]

    return [one["name"] for one in found if cost(chosen_of(one, AUTO, price)) > (1 + A_HARM) * cost(alone_of(one))]


def throttled_by_the_worst(found: Sequence[Found], one: Set) -> float | None:
    """The throttled share of the work of the worst twentieth of the clusters, at the price of the set."""
    members = [trace for trace in one.of(found) if trace["work"][1] > 0]
    price = price_at(frontier(members, AUTO), one.budget) if members else None
    if price is None:
        return None
    shares = sorted(chosen_of(trace, AUTO, price)[3] / trace["work"][1] for trace in members)
    return float(np.mean(shares[-max(1, round(WORST_SHARE * len(shares))) :]))


def by_shape(found: Sequence[Found], price: float = PRICE) -> Mapping[str, tuple[int, float, float]]:
    """For each shape: traces, and cost with priced throttling of the best of three and of ``auto``; left alone = 1."""
    rows = {}
    for shape in sorted({one["shape"] for one in found}):
        members = [one for one in found if one["shape"] == shape]
        costs: NDArray[np.float64] = np.array(
            [[half[1] + price * half[3] for half in _halves(one, price)] for one in members]
        ).sum(axis=0)
        rows[shape] = (len(members), float(costs[1] / costs[0]), float(costs[2] / costs[0]))
    return rows


def document(found: Sequence[Found]) -> dict[str, object]:
    """Everything, for programs."""
    sets = {}
    for one in SETS:
        members = one.of(found)
        if members:
            gains = [gain_over(members, one.budget, rival) for rival in RIVALS]
            sets[one.name] = {
                "gap_closed": gap_closed(members, one.budget),
                "below": {gain.rival: [gain.share, gain.low, gain.high] for gain in gains},
                "extra_cost_where_left_alone_is_enough": extra_cost_where_left_alone_is_enough(found, one),
                "throttled_by_the_worst": throttled_by_the_worst(found, one),
            }
    return {
        "sets": sets,
        "less_throttled_at_native_cost": less_throttled_at_native_cost(found),
        "harmed": harmed(found),
        "by_shape": by_shape(found),
        "prices": list(PRICES),
    }


def _one_setting(members: Sequence[Found], family: str, budget: float) -> float | None:
    """ACU-seconds of the second half under the cheapest setting that keeps to a budget; None where none does."""
    if not members:
        return None
    halves = np.array([one["families"][family] for one in members]).sum(axis=0)
    kept = halves[halves[:, 3] <= budget * sum(one["work"][1] for one in members), 1]
    return float(kept.min()) if len(kept) else None


def _halves(one: Found, price: float) -> list[list[float]]:
    return [alone_of(one), chosen_of(one, BEST_OF_THREE, price), chosen_of(one, AUTO, price)]


def _saved(ours: Sequence[Point], theirs: Sequence[Point], budget: float) -> float | None:
    mine, rival = cost_at(ours, budget), cost_at(theirs, budget)
    return None if mine is None or rival is None else 1.0 - mine / rival

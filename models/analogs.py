"""Ways the next minutes may go: what followed on moments of the past that were like this one.

Joint paths, not quantiles of single moments: a floor is held for minutes, and what it is worth depends on how long a
rise lasts. Moments count that are near in the time of day, recent, and alike in the newest demand and that of the last
hour; equal days of the week count twice. Plain functions on arrays, compiled by who calls them.
"""

from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.governor import goal_acu
from autoscaler.core.planning import Climb, best_floors

Numbers = NDArray[np.float64]

HOUR_SECONDS = 3600.0
DAY_SECONDS = 86_400.0
# So much demand is as good as none: the logarithm of a nearly idle database must not tell idle moments apart.
NEARLY_IDLE_ACU = 0.25


class Likeness(NamedTuple):
    """When a moment of the past counts as like this one. Found on recorded traces, see docs/results.md."""

    ways: int = 40
    demand_scale: float = 0.7  # in logarithms: at so much difference it counts 1/e
    hour_scale: float = 1.0
    half_life_days: float = 28.0
    reach_seconds: float = 2400.0  # to either side of the time of day
    days: int = 28
    recent_seconds: float = 6 * 3600.0
    recent_weight: float = 0.7


def describe(demand: Numbers, first: int, sample_seconds: float, found: Numbers) -> None:
    """Into ``found`` (samples, 2), from ``first`` on: the logarithm of each sample and of the mean of the last hour."""
    hour = max(1, round(HOUR_SECONDS / sample_seconds))
    for place in range(first, len(demand)):
        since = max(0, place - hour + 1)
        found[place, 0] = log(demand[place] + NEARLY_IDLE_ACU)
        found[place, 1] = log(demand[since : place + 1].sum() / (place + 1 - since) + NEARLY_IDLE_ACU)


def weight_of(like: Numbers, place: int, now: int, likeness: Likeness) -> float:
    """How much a moment counts for its demand alone."""
    return exp(
        -abs(like[place, 0] - like[now, 0]) / likeness.demand_scale
        - abs(like[place, 1] - like[now, 1]) / likeness.hour_scale
    )


def moments_like(like: Numbers, now: int, sample_seconds: float, likeness: Likeness, chosen: NDArray[np.int64]) -> int:
    """Moments of the past, as often as they count, into ``chosen``; how many: all that fit, or none.

    Only moments before ``now`` are looked at.
    """
    day = round(DAY_SECONDS / sample_seconds)
    hour = max(1, round(HOUR_SECONDS / sample_seconds))
    reach = max(1, round(likeness.reach_seconds / sample_seconds))
    recent = max(1, round(likeness.recent_seconds / sample_seconds))
    most = likeness.days * (2 * reach + 1) + recent
    places, weights = np.zeros(most, np.int64), np.zeros(most)
    count = 0
    for days in range(1, likeness.days + 1):
        centre = now - days * day
        if centre + reach < hour:
            break
        worth = 0.5 ** (days / likeness.half_life_days) * (2.0 if days % 7 == 0 else 1.0)
        for place in range(max(centre - reach, hour), min(centre + reach, now - 2) + 1):
            nearness = exp(-abs(place - centre) / (0.5 * reach))
            places[count], weights[count] = place, worth * nearness * weight_of(like, place, now, likeness)
            count += 1
    for place in range(max(hour, now - recent), now - 1):
        places[count], weights[count] = place, likeness.recent_weight * weight_of(like, place, now, likeness)
        count += 1
    return draw_evenly(places[:count], weights[:count], chosen)


def draw_evenly(places: NDArray[np.int64], weights: Numbers, chosen: NDArray[np.int64]) -> int:
    """As many places as ``chosen`` holds, each as often as its weight says, without chance."""
    total = weights.sum()
    if total <= 0.0:
        return 0
    share, taken = 0.0, 0
    for number in range(len(places)):
        share += weights[number] / total * len(chosen)
        while taken < len(chosen) and share >= taken + 0.5:
            chosen[taken] = places[number]
            taken += 1
    while taken < len(chosen):
        chosen[taken] = places[-1]
        taken += 1
    return taken


def ways_from(
    demand: Numbers,
    now: int,
    into_seconds: float,
    sample_seconds: float,
    chosen: NDArray[np.int64],
    climb: Climb,
    ways: Numbers,
) -> None:
    """What followed on each chosen moment, in the steps of ``climb``; what lies after ``now`` is as now."""
    for way in range(len(chosen)):
        for step in range(ways.shape[1]):
            place = chosen[way] + 1 + int((into_seconds + step * climb.seconds) // sample_seconds)
            ways[way, step] = demand[min(place, now)]


def plan(
    demand: Numbers,
    like: Numbers,
    newest: NDArray[np.int64],
    at_seconds: Numbers,
    sample_seconds: float,
    prices: Numbers,
    choices: int,
    steps: int,
    likeness: Likeness,
    climb: Climb,
    floors: Numbers,
) -> None:
    """The floors of the least expected cost at several moments, one for each price; ``floors`` (moments, prices).

    ``newest`` (moments,) is the newest sample that may be seen at ``at_seconds`` (moments,): nothing after it is
    looked at. Before the first day is over the floor is the least one.
    """
    day = round(DAY_SECONDS / sample_seconds)
    chosen = np.zeros(likeness.ways, np.int64)
    ways = np.zeros((likeness.ways, steps))
    for moment in range(len(newest)):
        now = newest[moment]
        floors[moment] = climb.min_acu
        if now < day or moments_like(like, now, sample_seconds, likeness, chosen) == 0:
            continue
        into = at_seconds[moment] - (now + 1) * sample_seconds
        ways_from(demand, now, into, sample_seconds, chosen, climb, ways)
        start = goal_acu(demand[now], climb.target_utilization, climb.step_acu, climb.min_acu, climb.max_acu)
        best_floors(ways, start, prices, choices, climb, floors[moment])

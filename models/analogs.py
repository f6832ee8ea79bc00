"""Moments of the past that were like this one: what followed on them may follow now.

A moment counts for where it lies and for how alike it is in the newest demand and that of the last hour. Four kinds of
places are looked at: the same time of other days, the same minute of other hours, the same age after an earlier burst
(a job that begins again an hour after it ended has no time of the day), and the last hours. Plain functions on arrays,
compiled by who calls them.
"""

from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

HOUR_SECONDS = 3600.0
DAY_SECONDS = 86_400.0
# So much demand is as good as none: the logarithm of a nearly idle database must not tell idle moments apart.
NEARLY_IDLE_ACU = 0.25
# Of many moments side by side so many to each side are looked at.
LOOKS = 12
# What counts as a burst at least; the highest demand is forgotten by half in two weeks; below half of where it began a
# burst is over.
LEAST_BURST_ACU = 1.5
PEAK_HALF_LIFE_DAYS = 14.0
BURST_IS_OVER = 0.5
MOST_BURSTS = 1000
# Where a watch of bursts keeps the highest demand, whether one goes on, and where the last one began.
PEAK, GOES_ON, BEGAN, WATCH = range(4)


class Likeness(NamedTuple):
    """When a moment of the past counts as like this one. Found on recorded traces, see docs/results.md."""

    ways: int = 400
    demand_scale: float = 0.7  # in logarithms: at so much difference it counts 1/e
    hour_scale: float = 1.0
    half_life_days: float = 28.0
    days: int = 28
    day_weight: float = 0.2
    day_reach_seconds: float = 2400.0  # to either side of the time of day
    week_factor: float = 2.0
    hour_weight: float = 0.2
    burst_weight: float = 1.0
    sharp_seconds: float = 150.0  # so far from the minute of the hour, and from the age of a burst, it counts 1/e
    recent_seconds: float = 6 * 3600.0
    recent_weight: float = 0.1


def describe(demand: Numbers, first: int, sample_seconds: float, found: Numbers) -> None:
    """Into ``found`` (samples, 2), from ``first`` on: the logarithm of each sample and of the mean of the last hour."""
    hour = max(1, round(HOUR_SECONDS / sample_seconds))
    for place in range(first, len(demand)):
        since = max(0, place - hour + 1)
        found[place, 0] = log(demand[place] + NEARLY_IDLE_ACU)
        found[place, 1] = log(demand[since : place + 1].sum() / (place + 1 - since) + NEARLY_IDLE_ACU)


def find_bursts(
    demand: Numbers, first: int, sample_seconds: float, shares: Numbers, watch: Numbers, began: Places
) -> None:
    """Into ``began`` (samples, shares), from ``first`` on: where the last burst began at each sample, below 0 for none.

    A burst reaches above one of the ``shares`` (shares,) of the highest demand. ``watch`` (shares, 3) is kept from call
    to call, and begins as zeros.
    """
    keeps = 0.5 ** (sample_seconds / (PEAK_HALF_LIFE_DAYS * DAY_SECONDS))
    for place in range(first, len(demand)):
        for number in range(len(shares)):
            now = watch[number]
            now[PEAK] = max(now[PEAK] * keeps, demand[place])
            threshold = max(shares[number] * now[PEAK], LEAST_BURST_ACU)
            if now[GOES_ON] == 0.0 and demand[place] >= threshold:
                now[GOES_ON], now[BEGAN] = 1.0, place + 1.0
            elif demand[place] < BURST_IS_OVER * threshold:
                now[GOES_ON] = 0.0
            began[place, number] = int(now[BEGAN]) - 1


def unlikeness(like: Numbers, place: int, now: int, likeness: Likeness) -> float:
    """How unlike the demand of a moment is: at 1 it counts 1/e."""
    return float(
        abs(like[place, 0] - like[now, 0]) / likeness.demand_scale
        + abs(like[place, 1] - like[now, 1]) / likeness.hour_scale
    )


def look_around(
    like: Numbers,
    centre: int,
    now: int,
    last: int,
    reach: int,
    stride: int,
    near: float,
    worth: float,
    likeness: Likeness,
    places: Places,
    weights: Numbers,
    count: int,
) -> int:
    """Adds every ``stride``-th moment around ``centre``, none after ``last``; how many there are then."""
    first = max(centre - reach, (centre - reach) % stride)
    for place in range(first, min(centre + reach, last) + 1, stride):
        places[count] = place
        weights[count] = worth * exp(-abs(place - centre) / near - unlikeness(like, place, now, likeness))
        count += 1
    return count


def look_at_days(
    like: Numbers,
    now: int,
    last: int,
    sample_seconds: float,
    likeness: Likeness,
    places: Places,
    weights: Numbers,
    count: int,
) -> int:
    """Adds the same time of other days."""
    day, reach = round(DAY_SECONDS / sample_seconds), max(1, round(likeness.day_reach_seconds / sample_seconds))
    stride = max(1, reach // LOOKS)
    for days in range(1, likeness.days + 1):
        if now - days * day + reach < 0:
            break
        worth = stride * likeness.day_weight * 0.5 ** (days / likeness.half_life_days)
        worth *= likeness.week_factor if days % 7 == 0 else 1.0
        count = look_around(
            like, now - days * day, now, last, reach, stride, 0.5 * reach, worth, likeness, places, weights, count
        )
    return count


def look_at_hours(
    like: Numbers,
    now: int,
    last: int,
    sample_seconds: float,
    likeness: Likeness,
    places: Places,
    weights: Numbers,
    count: int,
) -> int:
    """Adds the same minute of other hours."""
    hour, near = max(1, round(HOUR_SECONDS / sample_seconds)), likeness.sharp_seconds / sample_seconds
    for hours in range(1, min(24 * likeness.days, now // hour) + 1):
        worth = likeness.hour_weight * 0.5 ** (hours / 24 / likeness.half_life_days)
        count = look_around(
            like, now - hours * hour, now, last, int(1.5 * near), 1, near, worth, likeness, places, weights, count
        )
    return count


def look_at_bursts(
    like: Numbers,
    began: Places,
    now: int,
    last: int,
    sample_seconds: float,
    likeness: Likeness,
    places: Places,
    weights: Numbers,
    count: int,
) -> int:
    """Adds the same age after earlier bursts, as far as no other one had begun by then; ``began`` (samples,)."""
    day, near = DAY_SECONDS / sample_seconds, likeness.sharp_seconds / sample_seconds
    reach, burst = int(1.5 * near), began[now]
    age = now - burst
    for _ in range(MOST_BURSTS):
        if burst <= 0 or began[burst - 1] < 0 or now - began[burst - 1] - age > likeness.days * day:
            break
        burst = began[burst - 1]
        centre = burst + age
        worth = likeness.burst_weight * 0.5 ** ((now - centre) / day / likeness.half_life_days)
        for place in range(max(centre - reach, burst), min(centre + reach, last) + 1):
            if began[place] == burst:
                places[count] = place
                weights[count] = worth * exp(-abs(place - centre) / near - unlikeness(like, place, now, likeness))
                count += 1
    return count


def moments_like(
    like: Numbers,
    began: Places,
    now: int,
    last: int,
    sample_seconds: float,
    likeness: Likeness,
    places: Places,
    weights: Numbers,
) -> int:
    """Moments up to ``last`` and how much they count, into ``places`` and ``weights``; how many there are."""
    count = 0
    if likeness.day_weight > 0.0:
        count = look_at_days(like, now, last, sample_seconds, likeness, places, weights, count)
    if likeness.hour_weight > 0.0:
        count = look_at_hours(like, now, last, sample_seconds, likeness, places, weights, count)
    if likeness.burst_weight > 0.0:
        count = look_at_bursts(like, began, now, last, sample_seconds, likeness, places, weights, count)
    if likeness.recent_weight > 0.0:
        recent = max(1, round(likeness.recent_seconds / sample_seconds))
        stride = max(1, recent // (8 * LOOKS))
        worth = stride * likeness.recent_weight
        count = look_around(like, now, now, last, recent, stride, 1e9, worth, likeness, places, weights, count)
    return count


def most_moments(sample_seconds: float, likeness: Likeness) -> int:
    """How many moments may be found at most."""
    sharp = 2 * int(1.5 * likeness.sharp_seconds / sample_seconds) + 1
    return likeness.days * 4 * LOOKS + (24 * likeness.days + MOST_BURSTS) * sharp + 20 * LOOKS


def draw_evenly(places: Places, weights: Numbers, chosen: Places) -> int:
    """As many places as ``chosen`` holds, each as often as its weight says, without chance; 0 if none counts."""
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

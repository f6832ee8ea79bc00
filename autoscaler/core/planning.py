"""Which floor is worth its price, when the next minutes may go one of several ways. Plain functions, compiled later.

The expected cost of a floor is what the cluster's own dynamics make of it: it is held until the next change may come,
then given up, and the lazy descent after it is paid for, too. Throttling counts until that change only: what comes
later another decision can still meet.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.governor import goal_acu, govern

Numbers = NDArray[np.float64]


class Climb(NamedTuple):
    """How an instance moves its capacity (see ``govern``), and how far and finely to look ahead."""

    target_utilization: float
    step_acu: float
    bucket_acu: float
    refill_acu_per_second: float
    refill_per_acu: float
    descent_delay_per_acu_seconds: float
    shortest_descent_delay_seconds: float
    longest_descent_delay_seconds: float
    halving_spacing_seconds: float
    floor_jumps: bool
    min_acu: float
    max_acu: float
    seconds: float  # of one step of a way
    held_steps: int  # until the next change may come


def weigh_floors(ways: Numbers, floors: Numbers, start: float, climb: Climb, acu: Numbers, throttled: Numbers) -> None:
    """What each floor would cost and throttle, summed over all ways.

    Args:
        ways: demand in each step of each way the next minutes may go, (ways, steps).
        floors: the floors to weigh, (floors,).
        start: capacity at the start, in ACU.
        acu: gets the sum of capacities over steps, (floors,).
        throttled: gets the sum of unmet demand over the held steps, (floors,).
    """
    for place in range(len(floors)):
        acu[place] = throttled[place] = 0.0
        for way in range(len(ways)):
            capacity, tokens, low, since = start, climb.bucket_acu, 0.0, 1e9
            for step in range(ways.shape[1]):
                held = step < climb.held_steps
                floor = floors[place] if held else climb.min_acu
                if capacity < floor and climb.floor_jumps:
                    capacity = floor
                demand = ways[way, step]
                capacity, mean, tokens, low, since = govern(
                    capacity,
                    tokens,
                    low,
                    since,
                    goal_acu(demand, climb.target_utilization, climb.step_acu, floor, climb.max_acu),
                    climb.seconds,
                    climb.step_acu,
                    climb.bucket_acu,
                    climb.refill_acu_per_second,
                    climb.refill_per_acu,
                    climb.descent_delay_per_acu_seconds,
                    climb.shortest_descent_delay_seconds,
                    climb.longest_descent_delay_seconds,
                    climb.halving_spacing_seconds,
                )
                acu[place] += mean
                if held and demand > mean:
                    throttled[place] += demand - mean


def floors_to_weigh(ways: Numbers, climb: Climb, floors: Numbers) -> int:
    """Floors worth weighing: the least, and the peaks of the ways while a floor is held; how many, at most (floors,).

    Peaks are taken at even ranks, so that the choices lie where the ways do.
    """
    peaks = np.zeros(len(ways))
    for way in range(len(ways)):
        peaks[way] = ways[way, : climb.held_steps].max()
    peaks.sort()
    floors[0] = climb.min_acu
    count, choices = 1, len(floors) - 1
    for choice in range(1, choices + 1):
        rank = min(len(ways) * choice // choices, len(ways) - 1)
        floor = np.ceil(peaks[rank] / climb.step_acu - 1e-9) * climb.step_acu
        floor = min(max(floor, climb.min_acu), climb.max_acu)
        if floor > floors[count - 1]:
            floors[count] = floor
            count += 1
    return count


def best_floors(ways: Numbers, start: float, prices: Numbers, choices: int, climb: Climb, chosen: Numbers) -> None:
    """For each price of throttling (prices,) the floor of the least expected cost goes into ``chosen`` (prices,)."""
    floors = np.zeros(choices + 1)
    count = floors_to_weigh(ways, climb, floors)
    acu, throttled = np.zeros(count), np.zeros(count)
    weigh_floors(ways, floors[:count], start, climb, acu, throttled)
    for number in range(len(prices)):
        cost = acu + prices[number] * throttled
        chosen[number] = floors[np.argmin(cost)]

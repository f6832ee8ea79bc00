"""What floors would cost and throttle from a moment on, by the cluster's own dynamics. Plain functions, compiled later.

A floor is held until the next change may come, then given up, and the lazy descent after it is paid for, too.
Throttling counts until that change only: what comes later another decision can still meet.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.governor import goal_acu, govern, wanted_acu

Numbers = NDArray[np.float64]
Singles = NDArray[np.float32]

# Places in the state of an instance.
CAPACITY, TOKENS, LOW, SINCE, STATE = range(5)
LONG_AGO_SECONDS = 1e9


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
    seconds: float  # of one step
    held_steps: int  # until the next change may come
    descent_steps: int  # how long the descent after it is looked at


def settle(state: Numbers, capacity: float, held: bool, climb: Climb) -> None:
    """An instance that its floor has held at this capacity for long, or that comes down as soon as demand lets it."""
    state[CAPACITY], state[TOKENS], state[SINCE] = capacity, climb.bucket_acu, LONG_AGO_SECONDS
    state[LOW] = 0.0 if held else LONG_AGO_SECONDS


def move(
    capacity: float, tokens: float, low: float, since: float, goal: float, floor: float, seconds: float, climb: Climb
) -> tuple[float, float, float, float, float]:
    """One step of an instance towards ``goal``, see ``govern``."""
    if capacity < floor and climb.floor_jumps:
        capacity = floor
    return govern(
        capacity,
        tokens,
        low,
        since,
        goal,
        seconds,
        climb.step_acu,
        climb.bucket_acu,
        climb.refill_acu_per_second,
        climb.refill_per_acu,
        climb.descent_delay_per_acu_seconds,
        climb.shortest_descent_delay_seconds,
        climb.longest_descent_delay_seconds,
        climb.halving_spacing_seconds,
    )


def live(state: Numbers, demand: float, floor: float, seconds: float, climb: Climb) -> float:
    """One step of an instance; its mean capacity in it."""
    goal = goal_acu(demand, climb.target_utilization, climb.step_acu, floor, climb.max_acu)
    state[CAPACITY], mean, state[TOKENS], state[LOW], state[SINCE] = move(
        state[CAPACITY], state[TOKENS], state[LOW], state[SINCE], goal, floor, seconds, climb
    )
    return mean


def weigh_floors(
    coming: Numbers,
    sample_seconds: float,
    late_seconds: float,
    start: float,
    held_before: bool,
    floors: Numbers,
    climb: Climb,
    acu: Singles,
    throttled: Singles,
) -> None:
    """What each floor costs and throttles if it takes effect ``late_seconds`` after samples ``coming`` (n,) begin.

    Args:
        start: capacity when they begin, in ACU.
        held_before: whether a floor holds it there until the new one takes effect.
        acu: gets ACU-seconds while the floor is held and in the descent after it, (floors,).
        throttled: gets the unmet demand while it is held, in ACU-seconds, (floors,).
    """
    begin, steps = np.zeros(STATE), climb.held_steps + climb.descent_steps
    settle(begin, start, held_before, climb)
    floor_before = start if held_before else climb.min_acu
    for step in range(round(late_seconds / climb.seconds)):
        live(begin, coming[int(step * climb.seconds / sample_seconds)], floor_before, climb.seconds, climb)
    demand, wanted = np.zeros(steps), np.zeros(steps)
    for step in range(steps):
        demand[step] = coming[int((late_seconds + step * climb.seconds) / sample_seconds)]
        wanted[step] = wanted_acu(demand[step], climb.target_utilization, climb.step_acu)
    for place in range(len(floors)):
        capacity, tokens, low, since = begin[CAPACITY], begin[TOKENS], begin[LOW], begin[SINCE]
        acu[place] = throttled[place] = 0.0
        for step in range(steps):
            held = step < climb.held_steps
            floor = floors[place] if held else climb.min_acu
            goal = min(max(wanted[step], floor), climb.max_acu)
            capacity, mean, tokens, low, since = move(capacity, tokens, low, since, goal, floor, climb.seconds, climb)
            acu[place] += mean * climb.seconds
            if held and demand[step] > mean:
                throttled[place] += (demand[step] - mean) * climb.seconds


def not_above(floors: Numbers, acu: float) -> int:
    """The place of the highest floor that is not above a capacity; the first where all are."""
    place = 0
    while place < len(floors) - 1 and floors[place + 1] <= acu:
        place += 1
    return place


def cheapest(acu: Numbers, throttled: Numbers, price: float) -> int:
    """The place of the floor of the least cost at a price of throttling; of equals, the lowest."""
    best = 0
    for place in range(1, len(acu)):
        if acu[place] + price * throttled[place] < (acu[best] + price * throttled[best]) * (1.0 - 1e-9):
            best = place
    return best

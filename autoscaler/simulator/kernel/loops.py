"""The loops around a step: a path of ranges as it is, or wishes put through the rules. Run plain, and compiled."""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from autoscaler.core.floors import FloorRules, next_floor
from autoscaler.simulator.kernel.physics import Numbers, Physics, Sleep
from autoscaler.simulator.kernel.step import (
    BACKLOG,
    CEILING,
    CHANGED_AT,
    COLD_HITS,
    COLD_WAIT,
    FLOOR,
    MEAN,
    NEVER,
    NOW,
    PAGES_READ,
    PAUSE,
    PAUSED,
    PAUSING,
    PHASE,
    RESUMING,
    SERVED,
    THROTTLED,
    WAKES,
    change_range,
    live,
)

# Columns of a recording, and of the totals of each segment of time.
RECORDED = (FLOOR, CEILING, PHASE, BACKLOG, SERVED, THROTTLED, MEAN, WAKES, COLD_HITS, COLD_WAIT, PAGES_READ)
STEPS_AT_ONCE = 4096
ACU_STEPS, THROTTLED_WORK, ARRIVED_WORK, COLD, AWAKE_IDLE_STEPS, CHANGES, READ, TOTALS = range(8)


def follow(
    s: Numbers,
    queue: Numbers,
    cache: Numbers,
    demand: Numbers,
    path: Numbers,
    steps_per_turn: int,
    seconds: float,
    physics: Physics,
    sleep: Sleep,
    rng: Generator,
    recording: Numbers,
) -> None:
    """Live through ``demand`` (steps,) while every turn asks for its row of ``path`` (turns, 4).

    A row is floor, ceiling, pause and the connections an instance takes that starts under it. ``recording``
    (steps, 11) gets a row for each step; the range in it is the one after the turn's change.
    """
    for step in range(len(demand)):
        if step % steps_per_turn == 0:
            wanted = path[step // steps_per_turn]
            change_range(s, wanted[0], wanted[1], wanted[2], wanted[3], physics, sleep, rng)
        recording[step, 0], recording[step, 1] = s[FLOOR], s[CEILING]
        live(s, queue, cache, demand[step], seconds, physics, sleep, rng)
        for place in range(2, len(RECORDED)):
            recording[step, place] = s[RECORDED[place]]


class Load(NamedTuple):
    """What a run of floors goes through.

    Every turn wishes a floor of ``max(low, min(floor in force, high))``: ``low_acu``, ``high_acu`` and ``blind``
    (turns,). ``segment`` (steps,) says which row of the totals a step counts in, below 0 in none.
    """

    demand_acu: Numbers
    segment: NDArray[np.int64]
    low_acu: Numbers
    high_acu: Numbers
    blind: NDArray[np.bool_]
    steps_per_turn: int
    seconds: float


def count(total: Numbers, mean: float, throttled: float, arriving: float, done: bool) -> None:
    """Add a step to the totals of its segment, (7,); ``done`` where it is awake and no work waits."""
    total[ACU_STEPS] += mean
    total[THROTTLED_WORK] += throttled
    total[ARRIVED_WORK] += arriving
    if arriving == 0.0 and done:
        total[AWAKE_IDLE_STEPS] += 1.0


def steer(
    s: Numbers,
    queue: Numbers,
    cache: Numbers,
    load: Load,
    most: Numbers,
    rules: FloorRules,
    physics: Physics,
    sleep: Sleep,
    rng: Generator,
    totals: Numbers,
    floors: Numbers,
) -> None:
    """Live through a load while every turn's wish goes through the rules.

    ``most`` (2,) are the connections at a low and at a higher floor; ``totals`` (segments, 7) are added to; ``floors``
    (turns,) gets the floor in force after each turn, where it has room.
    """
    memory, demand, low, high = np.full(4, NEVER), load.demand_acu, load.low_acu, load.high_acu
    for step in range(len(demand)):
        here = load.segment[step]
        if step % load.steps_per_turn == 0:
            turn = step // load.steps_per_turn
            asleep = s[PHASE] == PAUSED
            in_flight = s[PHASE] == PAUSING or s[PHASE] == RESUMING
            floor = next_floor(
                memory, s[NOW], max(low[turn], min(s[FLOOR], high[turn])), s[FLOOR], s[CEILING],
                load.blind[turn] and not asleep, asleep, in_flight, s[CHANGED_AT], rules,
            )  # fmt: skip
            if floor != s[FLOOR]:
                taken = change_range(
                    s, floor, s[CEILING], s[PAUSE], most[0] if floor <= rules.low_floor_acu else most[1],
                    physics, sleep, rng,
                )  # fmt: skip
                if taken and here >= 0:
                    totals[here, CHANGES] += 1.0
            if turn < len(floors):
                floors[turn] = s[FLOOR]
        cold = s[COLD_HITS]
        live(s, queue, cache, demand[step], load.seconds, physics, sleep, rng)
        if here >= 0:
            done = s[BACKLOG] == 0.0 and s[PHASE] != PAUSED
            count(totals[here], s[MEAN], s[THROTTLED], demand[step] * load.seconds, done)
            totals[here, COLD] += s[COLD_HITS] - cold
            totals[here, READ] += s[PAGES_READ]

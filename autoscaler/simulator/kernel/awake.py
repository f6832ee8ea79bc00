"""Floors put through the rules where nothing but capacity moves: the same as ``steer``, many times as fast.

So it is while an instance moves by itself, never sleeps, takes every connection and has no cache that could be cold,
which is what most tuning runs against. Run plain, and compiled; tests hold it against ``steer``, number by number.
"""

from math import ceil

import numpy as np

from autoscaler.core.floors import FloorRules, next_floor
from autoscaler.core.governor import govern, wanted_acu
from autoscaler.simulator.kernel.loops import CHANGES, Load, count
from autoscaler.simulator.kernel.physics import Numbers, Physics, Sleep
from autoscaler.simulator.kernel.step import (
    AVAILABLE,
    BACKLOG,
    BUSY_UNTIL,
    CAPACITY,
    CEILING,
    CHANGED_AT,
    FLOOR,
    LOW,
    MEAN,
    MOST,
    NEVER,
    NOW,
    PAUSE,
    PHASE,
    QUEUED,
    SINCE,
    THROTTLED,
    TOKENS,
    serve_queue,
)


def only_capacity_moves(s: Numbers, highest_acu: float, physics: Physics, sleep: Sleep) -> bool:
    """Whether that is so from this state on, with no demand above the highest."""
    connections = physics.idle_connections + ceil(highest_acu * physics.connections_per_acu)
    wakeful = s[PHASE] == AVAILABLE and (not sleep.may_pause or np.isinf(s[PAUSE]))
    return bool(wakeful and physics.climbs and physics.working_set_gib <= 0.0 and connections <= s[MOST])


def steer_awake(
    s: Numbers, queue: Numbers, load: Load, rules: FloorRules, physics: Physics, totals: Numbers, floors: Numbers
) -> None:
    """See ``steer``; only where ``only_capacity_moves``."""
    memory, demand, seconds = np.full(4, NEVER), load.demand_acu, load.seconds
    now, floor, ceiling, changed_at, busy_until = s[NOW], s[FLOOR], s[CEILING], s[CHANGED_AT], s[BUSY_UNTIL]
    last, wanted = -1.0, 0.0
    capacity, tokens, low, since = s[CAPACITY], s[TOKENS], s[LOW], s[SINCE]
    for turn in range(-(-len(demand) // load.steps_per_turn)):
        first = turn * load.steps_per_turn
        wish = max(load.low_acu[turn], min(floor, load.high_acu[turn]))
        taken = next_floor(memory, now, wish, floor, ceiling, load.blind[turn], False, False, changed_at, rules)
        if taken != floor and now >= busy_until:
            floor, changed_at, busy_until = taken, now, now + physics.busy_seconds
            if load.segment[first] >= 0:
                totals[load.segment[first], CHANGES] += 1.0
        if turn < len(floors):
            floors[turn] = floor
        least = max(floor, physics.step_acu)
        for step in range(first, min(first + load.steps_per_turn, len(demand))):
            if capacity < least and physics.floor_jumps:
                capacity = least
            if demand[step] != last:
                last = demand[step]
                wanted = wanted_acu(last, physics.target_utilization, physics.step_acu)
            goal = min(max(wanted, least), ceiling)
            capacity, mean, tokens, low, since = govern(
                capacity,
                tokens,
                low,
                since,
                goal,
                seconds,
                physics.step_acu,
                physics.bucket_acu,
                physics.refill_acu_per_second,
                physics.refill_per_acu,
                physics.descent_delay_per_acu_seconds,
                physics.shortest_descent_delay_seconds,
                physics.longest_descent_delay_seconds,
                physics.halving_spacing_seconds,
            )
            arriving, throttled = demand[step] * seconds, 0.0
            if s[QUEUED] > 0.0 or arriving > mean * seconds:
                s[MEAN], s[NOW] = mean, now
                serve_queue(s, queue, arriving, seconds, physics.client_timeout_seconds)
                throttled = s[THROTTLED]
            if load.segment[step] >= 0:
                count(totals[load.segment[step]], mean, throttled, arriving, s[BACKLOG] == 0.0)
            now += seconds

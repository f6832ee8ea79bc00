"""One step of a cluster with a single writer, in plain scalar functions over one array of numbers.

The same as ``SimulatedCluster.step``, ``Members``, ``Instance``, ``WorkQueue`` and ``Nap`` do between them; tests hold
both against each other step by step. Runs as it is, and compiled.
"""

from math import ceil, exp, isnan

from numpy.random import Generator

from autoscaler.core.governor import doubled_goal, goal_acu, govern, resize, serve
from autoscaler.simulator.kernel.physics import Numbers, Physics, Sleep

# Places in a cluster's array.
(
    NOW, FLOOR, CEILING, PAUSE, MOST_AT_START, BUSY_UNTIL, CHANGED_AT,
    LOWERING_UNTIL, OLD_FLOOR, OLD_CEILING, OLD_PAUSE, OLD_MOST,
    CAPACITY, MEAN, TOKENS, LOW, SINCE, PENDING, LEFT, SIZE_BEFORE, ASLEEP, MOST, WARM,
    PHASE, IDLE, NAP_LEFT, SLEPT, HELD, CLIENT_WAITS, WAKES, COLD_HITS, COLD_WAIT,
    BACKLOG, SERVED, THROTTLED, QUEUED, PAGES_READ, PLACES,
) = range(38)  # fmt: skip
# Phases as numbers, in the order of ``Phase``.
AVAILABLE, PAUSING, PAUSED, RESUMING = 0.0, 2.0, 3.0, 4.0
NOTHING = 1e-12
LONG_AGO_SECONDS = 1e9
NEVER = -1.0


def finish_lowering(s: Numbers) -> None:
    """A lowered ceiling that the load does not let through is taken back by the provider."""
    if s[CAPACITY] <= s[CEILING]:
        s[LOWERING_UNTIL] = NEVER
    elif s[NOW] >= s[LOWERING_UNTIL]:
        s[LOWERING_UNTIL] = NEVER
        s[FLOOR], s[CEILING], s[PAUSE], s[MOST_AT_START] = s[OLD_FLOOR], s[OLD_CEILING], s[OLD_PAUSE], s[OLD_MOST]
        s[CHANGED_AT] = s[NOW]


def grow_or_descend(s: Numbers, demand: float, floor: float, ceiling: float, seconds: float, c: Physics) -> None:
    """An instance that moves its own capacity."""
    capacity = s[CAPACITY]
    if capacity < floor and c.floor_jumps:
        capacity = floor
    s[CAPACITY], s[MEAN], s[TOKENS], s[LOW], s[SINCE] = govern(
        capacity,
        s[TOKENS],
        s[LOW],
        s[SINCE],
        goal_acu(demand, c.target_utilization, c.step_acu, floor, ceiling),
        seconds,
        c.step_acu,
        c.bucket_acu,
        c.refill_acu_per_second,
        c.refill_per_acu,
        c.descent_delay_per_acu_seconds,
        c.shortest_descent_delay_seconds,
        c.longest_descent_delay_seconds,
        c.halving_spacing_seconds,
    )


def resize_instance(
    s: Numbers, demand: float, floor: float, ceiling: float, seconds: float, r: Physics, rng: Generator
) -> None:
    """An instance whose size is set from outside."""
    before = s[CAPACITY]
    goal = goal_acu(demand, r.target_utilization, r.step_acu, floor, ceiling)
    if r.doubling:
        goal = min(max(doubled_goal(before, goal), floor), ceiling)
    if goal < before <= ceiling and demand > r.shrink_below_utilization * before:
        goal = before
    was_idle = s[LEFT] <= 0.0
    s[CAPACITY], s[MEAN], s[PENDING], s[LEFT], s[LOW], s[SINCE] = resize(
        before,
        s[PENDING],
        s[LEFT],
        s[LOW],
        s[SINCE],
        goal,
        seconds,
        r.resize_seconds,
        r.shrink_after_seconds,
        r.shrink_spacing_seconds,
    )
    started = was_idle and (s[LEFT] > 0.0 or s[CAPACITY] != before)
    missed = r.missed_scaling_points_fraction
    if started and missed > 0.0 and missed > rng.random():
        s[CAPACITY] = s[MEAN] = s[PENDING] = before
        s[LEFT] = max(0.0, r.scaling_point_timeout_seconds - seconds)


def cached_gib(cache: Numbers, capacity: float) -> float:
    """How much an instance of this capacity caches: on the line between two corners."""
    row = 1
    while row < len(cache) - 1 and cache[row, 0] <= capacity:
        row += 1
    slope = (cache[row, 1] - cache[row - 1, 1]) / (cache[row, 0] - cache[row - 1, 0])
    return float(cache[row - 1, 1] + slope * (capacity - cache[row - 1, 0]))


def inflation(s: Numbers, cache: Numbers, demand: float, seconds: float, physics: Physics) -> float:
    """How much more work a partly cold cache makes; pages that are read for it are counted."""
    room = min(cached_gib(cache, s[CAPACITY]), physics.working_set_gib)
    s[WARM] = min(s[WARM], room)
    missing = 1.0 - s[WARM] / physics.working_set_gib
    if demand > 0.0:
        before, refill = s[WARM], physics.refill_gib_per_second * seconds
        s[WARM] = min(room, before + refill)
        missed = min(physics.pages_per_acu_second * demand * seconds * missing, refill * physics.pages_per_gib)
        s[PAGES_READ] = max(missed, (s[WARM] - before) * physics.pages_per_gib)
    return float(1.0 + physics.cold_penalty * missing)


def serve_queue(s: Numbers, queue: Numbers, arriving: float, seconds: float, timeout: float) -> None:
    """The backlog is served first, then what arrives; the rest waits, at most as long as a client does.

    ``queue`` (places, 2) holds when each piece of waiting work arrived and how much it is, oldest first.
    """
    old, new = serve(s[BACKLOG], arriving, s[MEAN], seconds)
    throttled = arriving - new
    if s[QUEUED] == 0.0 and throttled <= NOTHING:
        s[SERVED], s[THROTTLED] = new, 0.0
        return
    s[SERVED], s[THROTTLED] = old + new, throttled
    count = int(s[QUEUED])
    if throttled > NOTHING:
        queue[count, 0], queue[count, 1] = s[NOW], throttled
        count += 1
    gave_up_before = s[NOW] + seconds - timeout
    kept, backlog = 0, 0.0
    for place in range(count):
        taken = min(queue[place, 1], old)
        if old > NOTHING and queue[place, 0] != s[NOW]:
            queue[place, 1] -= taken
            old -= taken
        if queue[place, 1] > NOTHING and queue[place, 0] >= gave_up_before:
            queue[kept, 0], queue[kept, 1] = queue[place, 0], queue[place, 1]
            backlog += queue[kept, 1]
            kept += 1
    s[QUEUED], s[BACKLOG] = float(kept), backlog


def work(
    s: Numbers,
    queue: Numbers,
    cache: Numbers,
    demand: float,
    seconds: float,
    up: float,
    physics: Physics,
    rng: Generator,
) -> None:
    """The instance: move, serve, queue; ``up`` of the step it is up."""
    up_seconds = seconds * up
    s[MEAN] = s[PAGES_READ] = 0.0
    if up_seconds > 0.0:
        if physics.working_set_gib > 0.0:
            demand *= inflation(s, cache, demand, up_seconds, physics)
        # A floor of 0 only says that the cluster may pause; awake it has at least a grain.
        floor = max(s[FLOOR], physics.step_acu)
        ceiling = s[CEILING]
        if s[LOWERING_UNTIL] != NEVER:
            ceiling = max(ceiling, s[CAPACITY])
        if physics.climbs:
            grow_or_descend(s, demand, floor, ceiling, up_seconds, physics)
        else:
            resize_instance(s, demand, floor, ceiling, up_seconds, physics, rng)
        s[MEAN] *= up
    serve_queue(s, queue, demand * seconds, seconds, physics.client_timeout_seconds)


def wake(s: Numbers, sleep: Sleep, rng: Generator) -> None:
    """Start to resume, if asleep; keeps an awake cluster from dozing off at once."""
    s[IDLE] = 0.0
    if s[PHASE] == PAUSING:
        s[PHASE] = AVAILABLE
    if s[PHASE] == PAUSED:
        s[PHASE] = RESUMING
        luck = exp(sleep.resume_sigma * rng.standard_normal())
        s[NAP_LEFT] = sleep.resume_median_seconds * luck
        if s[SLEPT] > sleep.deep_after_seconds:
            s[NAP_LEFT] = max(sleep.deep_resume_least_seconds, sleep.deep_resume_median_seconds * luck)
        s[CLIENT_WAITS] = 0.0
        s[WAKES] += 1.0


def fall_asleep(s: Numbers, seconds: float, active: bool, sleep: Sleep, rng: Generator) -> float:
    """A step of somebody who is about to pause."""
    if active:
        wake(s, sleep, rng)
        return 1.0
    up = min(1.0, s[NAP_LEFT] / seconds)
    s[NAP_LEFT] -= seconds
    if s[NAP_LEFT] <= 0.0:
        s[PHASE] = PAUSED
        s[SLEPT] = -s[NAP_LEFT]
    return float(up)


def come_back(s: Numbers, seconds: float, active: bool) -> float:
    """A step of somebody who resumes."""
    down = min(1.0, s[NAP_LEFT] / seconds)
    s[NAP_LEFT] -= seconds
    if active:
        s[COLD_WAIT] += down * seconds
        if s[CLIENT_WAITS] == 0.0:
            s[COLD_HITS] += 1.0
        s[CLIENT_WAITS] = 1.0
    if s[NAP_LEFT] <= 0.0:
        s[PHASE] = AVAILABLE
    return float(1.0 - down)


def doze(s: Numbers, seconds: float, active: bool, sleep: Sleep, rng: Generator) -> float:
    """The fraction of a step in which the instance was up."""
    if s[PHASE] == AVAILABLE:
        s[IDLE] = 0.0 if active else s[IDLE] + seconds
        s[HELD] = max(0.0, s[HELD] - seconds)
        if sleep.may_pause and s[IDLE] >= s[PAUSE] and s[HELD] <= 0.0:
            s[PHASE] = PAUSING
            s[NAP_LEFT] = sleep.pausing_seconds
        return 1.0
    if s[PHASE] == PAUSING:
        return fall_asleep(s, seconds, active, sleep, rng)
    if s[PHASE] == PAUSED:
        if not active:
            s[SLEPT] += seconds
            return 0.0
        wake(s, sleep, rng)
    return come_back(s, seconds, active)


def wake_up(s: Numbers, physics: Physics, sleep: Sleep) -> None:
    """Start again with a full bucket and a cold cache, at the size the provider starts with."""
    resume_acu = s[SIZE_BEFORE] if isnan(sleep.resume_acu) else sleep.resume_acu
    s[CAPACITY] = s[PENDING] = min(resume_acu, s[CEILING])
    s[LEFT] = s[LOW] = 0.0
    s[SINCE] = LONG_AGO_SECONDS
    if physics.climbs:
        s[TOKENS] = physics.bucket_acu
    s[ASLEEP] = 0.0
    s[MOST] = s[MOST_AT_START]


def change_range(
    s: Numbers, floor: float, ceiling: float, pause: float, most: float, physics: Physics, sleep: Sleep, rng: Generator
) -> bool:
    """Ask for a range, as ``SimulatedCluster.apply`` does; False while the control plane is busy."""
    if s[NOW] < s[BUSY_UNTIL]:
        return False
    if floor == s[FLOOR] and ceiling == s[CEILING] and pause == s[PAUSE]:
        return True
    if ceiling < s[CEILING]:
        if s[LOWERING_UNTIL] == NEVER:
            s[OLD_FLOOR], s[OLD_CEILING], s[OLD_PAUSE], s[OLD_MOST] = s[FLOOR], s[CEILING], s[PAUSE], s[MOST_AT_START]
        s[LOWERING_UNTIL] = s[NOW] + physics.lowering_gives_up_seconds
    s[FLOOR], s[CEILING], s[PAUSE], s[MOST_AT_START] = floor, ceiling, pause, most
    s[CHANGED_AT] = s[NOW]
    s[BUSY_UNTIL] = s[NOW] + physics.busy_seconds
    if s[PHASE] in (PAUSED, PAUSING):
        s[HELD] = sleep.awake_after_admin_seconds
    wake(s, sleep, rng)
    return True


def live(
    s: Numbers,
    queue: Numbers,
    cache: Numbers,
    demand: float,
    seconds: float,
    physics: Physics,
    sleep: Sleep,
    rng: Generator,
) -> None:
    """Live through ``seconds`` of a constant demand."""
    if s[LOWERING_UNTIL] != NEVER:
        finish_lowering(s)
    connections = physics.idle_connections + ceil(demand * physics.connections_per_acu)
    up = doze(s, seconds, connections > 0.0, sleep, rng)
    refused = 0.0
    if connections > s[MOST]:
        refused = demand * (1.0 - s[MOST] / connections)
    if s[ASLEEP] > 0.0 and up > 0.0:
        wake_up(s, physics, sleep)
    work(s, queue, cache, demand - refused, seconds, up, physics, rng)
    if refused > 0.0:
        s[THROTTLED] += refused * seconds
    if s[PHASE] == PAUSED and s[ASLEEP] == 0.0:
        s[SIZE_BEFORE] = s[CAPACITY]
        s[CAPACITY] = s[WARM] = 0.0
        s[ASLEEP] = 1.0
    s[NOW] += seconds

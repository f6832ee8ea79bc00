"""The clairvoyant optimum: the least capacity with which nothing would have been throttled.

A cluster that climbs by itself is steered by floors that change at multiples of the spacing; one that is
sized from outside may have any size for as long as a resize takes, ordered early enough. Work beyond the
owner's maximum is throttled by the optimum too.
"""

from autoscaler.backtest.run import Result
from autoscaler.backtest.ways import Course, least_acu_steps
from autoscaler.core.capacity import SECONDS_PER_HOUR, round_up
from autoscaler.simulator.profiles import Climbing
from autoscaler.simulator.spec import LAST_FOLLOWING_TIER, ClusterSpec

# Sizes that are held for longer than so many steps are looked at on a coarser grid.
MOST_STEPS_A_SIZE = 20


def optimum_acu_hours(result: Result) -> float | None:
    """The least ACU-hours of the scored steps without throttling, under the cluster's own dynamics.

    Readers that follow the writer, and are no busier, are as large as it is. None for other readers: they share its
    floor and not its size, so that the least of each alone is less than any floor can reach.
    """
    plan = result.plan
    if not _all_follow(plan.cluster):
        return None
    profile, limits = plan.cluster.profile, plan.limits
    asleep = _sleeping_steps(result)
    counted = zip(result.scored.tolist(), asleep, strict=True)
    course = Course(
        demand_acu=[min(acu, limits.max_acu) for acu in (result.demand_acu * plan.cluster.busiest_share).tolist()],
        weight=[float(scored and not sleeps) for scored, sleeps in counted],
        lowest_acu=max(limits.min_acu, profile.step_acu),
        highest_acu=limits.max_acu,
        step_seconds=plan.step_seconds,
        spacing_seconds=plan.rules.change_spacing_seconds,
    )
    if isinstance(profile.dynamics, Climbing):
        least = least_acu_steps(profile, profile.dynamics, course)
    else:
        least = least_sized_acu_steps(course, held_seconds=profile.dynamics.resize_seconds, step_acu=profile.step_acu)
    return least * plan.cluster.instances * plan.step_seconds / SECONDS_PER_HOUR


def _all_follow(cluster: ClusterSpec) -> bool:
    """Whether every reader, if there is any, has just the writer's size."""
    follow = all(tier <= LAST_FOLLOWING_TIER for tier in cluster.readers)
    return follow and cluster.busiest_share == 1.0 - (cluster.reader_share if cluster.readers else 0.0)


def least_sized_acu_steps(course: Course, *, held_seconds: float, step_acu: float) -> float:
    """The least weighted sum of sizes, each at least the demand and held for at least ``held_seconds``.

    Shortest path over cuts: a piece is at least one hold long, and less than two, since a longer one could
    be cut without loss. O(steps x hold).
    """
    hold = max(1, round(held_seconds / course.step_seconds))
    pooled = -(-hold // MOST_STEPS_A_SIZE)
    hold = -(-hold // pooled)
    begins = range(0, len(course.demand_acu), pooled)
    needs = [
        min(max(round_up(max(course.demand_acu[b : b + pooled]), step_acu), course.lowest_acu), course.highest_acu)
        for b in begins
    ]
    weights = [sum(course.weight[b : b + pooled]) for b in begins]
    if len(needs) <= hold:
        return max(needs) * sum(weights)
    best = [0.0] + [float("inf")] * len(needs)
    for end in range(hold, len(needs) + 1):
        size = weight = 0.0
        for begin in range(end - 1, max(end - 2 * hold, -1), -1):
            size, weight = max(size, needs[begin]), weight + weights[begin]
            if end - begin >= hold:
                best[end] = min(best[end], best[begin] + size * weight)
    return best[-1]


def _sleeping_steps(result: Result) -> list[bool]:
    """Where a clairvoyant would have the cluster paused: idle long enough, and awake again just in time."""
    plan = result.plan
    sleeping = plan.cluster.profile.sleeping
    steps = len(result.demand_acu)
    if not (plan.limits.may_pause and sleeping.may_pause) or plan.cluster.profile.connecting.idle > 0:
        return [False] * steps
    doze = -(-(plan.limits.shortest_pause_seconds + sleeping.pausing_seconds) // plan.step_seconds)
    wake = -(-sleeping.resume_median_seconds // plan.step_seconds)
    asleep = [False] * steps
    begin = 0
    for step, demand in enumerate([*result.demand_acu.tolist(), 1.0]):
        if demand > 0:
            for sleeping_step in range(int(begin + doze), int(step - wake if step < steps else step)):
                asleep[sleeping_step] = True
            begin = step + 1
    return asleep

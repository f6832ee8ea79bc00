"""How capacity moves inside its range from second to second.

Plain scalar functions on floats, so that they can be compiled. The numbers behind them are a cluster
profile's; the shapes are what was measured on Aurora Serverless v2: a token bucket on the way up (a burst
of a few ACU, then a slow climb that is faster at larger sizes), a lazy descent by halving.
"""

from math import ceil

SLACK = 1e-9


def wanted_acu(demand_acu: float, target_utilization: float, step_acu: float) -> float:
    """The capacity at which ``demand_acu`` runs at the target utilisation, on the grain, whatever the range."""
    return ceil(demand_acu / target_utilization / step_acu - SLACK) * step_acu


def goal_acu(
    demand_acu: float, target_utilization: float, step_acu: float, floor_acu: float, ceiling_acu: float
) -> float:
    """The capacity at which ``demand_acu`` runs at the target utilisation, on the grain, inside the range."""
    return min(max(wanted_acu(demand_acu, target_utilization, step_acu), floor_acu), ceiling_acu)


def climb(
    capacity_acu: float, tokens_acu: float, goal: float, seconds: float, bucket_acu: float, refill_acu_per_second: float
) -> tuple[float, float, float]:
    """Grow towards ``goal``: at once by the tokens at hand, then as fast as they are refilled.

    Returns:
        capacity at the end, mean capacity, tokens left; all in ACU.
    """
    gap = goal - capacity_acu
    if gap <= tokens_acu:
        tokens = min(bucket_acu, tokens_acu - gap + refill_acu_per_second * seconds)
        return goal, goal, tokens
    slow_acu = gap - tokens_acu
    slow_seconds = slow_acu / refill_acu_per_second
    if slow_seconds <= seconds:
        mean = goal - 0.5 * slow_acu * slow_seconds / seconds
        return goal, mean, min(bucket_acu, refill_acu_per_second * (seconds - slow_seconds))
    start = capacity_acu + tokens_acu
    gained = refill_acu_per_second * seconds
    return start + gained, start + 0.5 * gained, 0.0


def descend(
    capacity_acu: float,
    goal: float,
    low_seconds: float,
    since_halving_seconds: float,
    step_acu: float,
    delay_per_acu_seconds: float,
    shortest_delay_seconds: float,
    longest_delay_seconds: float,
    halving_spacing_seconds: float,
) -> float:
    """The capacity after one look at a goal that has been lower for ``low_seconds``: the same, or about half."""
    delay = min(max(delay_per_acu_seconds * capacity_acu, shortest_delay_seconds), longest_delay_seconds)
    if low_seconds < delay or since_halving_seconds < halving_spacing_seconds:
        return capacity_acu
    half = ceil(0.5 * capacity_acu / step_acu - SLACK) * step_acu
    return min(capacity_acu, max(goal, half))  # a capacity below a grain is no reason to grow


def govern(
    capacity_acu: float,
    tokens_acu: float,
    low_seconds: float,
    since_halving_seconds: float,
    goal: float,
    seconds: float,
    step_acu: float,
    bucket_acu: float,
    refill_acu_per_second: float,
    refill_per_acu: float,
    delay_per_acu_seconds: float,
    shortest_delay_seconds: float,
    longest_delay_seconds: float,
    halving_spacing_seconds: float,
) -> tuple[float, float, float, float, float]:
    """One step of an autoscaling instance towards ``goal``.

    The refill is ``refill_acu_per_second * max(1, refill_per_acu * capacity)``.

    Returns:
        capacity at the end, mean capacity, tokens, seconds the goal has been lower, seconds since the last
        halving.
    """
    refill = refill_acu_per_second * max(1.0, refill_per_acu * capacity_acu)
    since_halving_seconds += seconds
    if goal >= capacity_acu:
        end, mean, tokens = climb(capacity_acu, tokens_acu, goal, seconds, bucket_acu, refill)
        return end, mean, tokens, 0.0, since_halving_seconds
    low_seconds += seconds
    end = descend(
        capacity_acu,
        goal,
        low_seconds,
        since_halving_seconds,
        step_acu,
        delay_per_acu_seconds,
        shortest_delay_seconds,
        longest_delay_seconds,
        halving_spacing_seconds,
    )
    tokens = min(bucket_acu, tokens_acu + refill * seconds)
    if end < capacity_acu:
        since_halving_seconds = 0.0
    return end, capacity_acu, tokens, low_seconds, since_halving_seconds


def serve(
    backlog_acu_seconds: float, arriving_acu_seconds: float, capacity_acu: float, seconds: float
) -> tuple[float, float]:
    """A fluid queue for one step: the backlog goes first.

    Returns:
        work done of the backlog, work done of what arrived; in ACU-seconds.
    """
    room = capacity_acu * seconds
    old = min(backlog_acu_seconds, room)
    return old, min(arriving_acu_seconds, room - old)


def doubled_goal(capacity_acu: float, goal: float) -> float:
    """One step of a ladder of doublings towards ``goal``: twice the capacity, half of it, or the same."""
    if goal > capacity_acu:
        return 2.0 * capacity_acu
    return 0.5 * capacity_acu if goal <= 0.5 * capacity_acu else capacity_acu


def resize(
    capacity_acu: float,
    pending_acu: float,
    left_seconds: float,
    low_seconds: float,
    since_resize_seconds: float,
    goal: float,
    seconds: float,
    resize_seconds: float,
    shrink_after_seconds: float,
    shrink_spacing_seconds: float,
) -> tuple[float, float, float, float, float, float]:
    """One step of a sized instance: a new size is asked for at once when growing, after a while when shrinking.

    While ``left_seconds`` is above 0 a resize to ``pending_acu`` is under way; ``low_seconds`` is how long the
    goal has been lower.

    Returns:
        capacity at the end, mean capacity, pending, seconds left, seconds low, seconds since the last resize.
    """
    low_seconds = low_seconds + seconds if goal < capacity_acu else 0.0
    since_resize_seconds += seconds
    if left_seconds <= 0.0:
        may_shrink = low_seconds >= shrink_after_seconds and since_resize_seconds >= shrink_spacing_seconds
        if goal > capacity_acu or (goal < capacity_acu and may_shrink):
            pending_acu, left_seconds = goal, resize_seconds
    if left_seconds <= 0.0:
        return capacity_acu, capacity_acu, pending_acu, 0.0, low_seconds, since_resize_seconds
    if left_seconds > seconds:
        return capacity_acu, capacity_acu, pending_acu, left_seconds - seconds, low_seconds, since_resize_seconds
    mean = (capacity_acu * left_seconds + pending_acu * (seconds - left_seconds)) / seconds
    return pending_acu, mean, pending_acu, 0.0, 0.0, 0.0

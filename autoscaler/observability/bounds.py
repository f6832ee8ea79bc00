"""What a cluster's range must keep to at the moment: the owner's limits, the calendar, and people's orders."""

from autoscaler.core.control import Direction
from autoscaler.observability.ticks import Tick
from policies.preview import bounds_at


def effective_bounds(report: Tick) -> tuple[float, float] | None:
    """The least floor and the highest ceiling, ACU; None where nobody knows the limits yet."""
    limits, control, policy = report.limits, report.control, report.policy
    if limits is None or control is None or policy is None:
        return None
    held = None if report.status is None else report.status.range
    if control.halted and held is not None:
        return held.floor_acu, held.ceiling_acu
    bounds = bounds_at(policy, limits, report.at)
    floor, ceiling = bounds.floor_acu, bounds.ceiling_acu
    if control.override is not None:
        ordered = limits.clip(control.override.range)
        floor, ceiling = ordered.floor_acu, ordered.ceiling_acu
    halts = {control.freeze.direction if control.freeze else None, bounds.freeze}
    if held is not None and halts & {Direction.SHRINK, Direction.BOTH}:
        floor = max(floor, held.floor_acu)
    if held is not None and halts & {Direction.GROW, Direction.BOTH}:
        ceiling = min(ceiling, held.ceiling_acu)
    return floor, max(floor, ceiling)

"""What was measured, with its unknowns, and the demand behind it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

# From here on the measured value is only a lower bound: work waits that nobody counted.
SATURATED_UTILIZATION = 0.95
# An ACU has the processor time of about a quarter of a core, as PostgreSQL reports it.
CORES_PER_ACU = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One metric interval of one cluster: ``[at, at + seconds)``; None is unknown, never zero.

    ``demand_acu`` is what the workload of the busiest instance needs at 100 % utilisation (the range
    applies to every instance, so the busiest one sets it). ``censored`` marks a saturated interval:
    the true demand is this much or more. ``active_sessions`` is how many sessions of the busiest instance worked or
    waited on average: the load of the database. Of its page reads memory served ``cache_hit_fraction``, 0 to 1, and
    storage ``reads_per_second``; ``freeable_gib`` was free of the memory that its capacity has.
    """

    at: datetime
    seconds: float
    demand_acu: float | None
    censored: bool = False
    capacity_acu: float | None = None
    connections: int | None = None
    queries_per_second: float | None = None
    active_sessions: float | None = None
    cache_hit_fraction: float | None = None
    reads_per_second: float | None = None
    freeable_gib: float | None = None

    @property
    def end(self) -> datetime:
        """When the interval was over."""
        return self.at + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand in ACU and whether it is only a lower bound."""

    acu: float
    censored: bool


def infer_demand(
    *, utilization: float, capacity_acu: float, seconds: float, backlog_growth_acu_seconds: float = 0.0
) -> Demand | None:
    """The demand behind a measured utilisation of the current capacity.

    Work done plus the work that piled up meanwhile, per second. None when a number cannot be true
    (negative, NaN, infinite): an unknown must never look like an idle database.

    Args:
        utilization: fraction of the current capacity in use, 0 to about 1.
        capacity_acu: mean capacity over the interval, ACU.
        seconds: length of the interval.
        backlog_growth_acu_seconds: work waiting at the end less work waiting at the start, where known.
    """
    numbers = (utilization, capacity_acu, seconds, backlog_growth_acu_seconds)
    if not all(isfinite(number) for number in numbers):
        return None
    if utilization < 0 or capacity_acu < 0 or seconds <= 0:
        return None
    served_acu = utilization * capacity_acu
    acu = max(0.0, served_acu + backlog_growth_acu_seconds / seconds)
    return Demand(acu, censored=utilization >= SATURATED_UTILIZATION)


def acu_of_maximum(percent_of_maximum: float, max_acu: float) -> float | None:
    """Absolute ACU from a metric given as percent of the maximum in force when it was measured.

    Aurora's CPUUtilization and ACUUtilization are of this kind, and are re-based when the maximum changes.
    None for a value that cannot be true.
    """
    if not isfinite(percent_of_maximum) or percent_of_maximum < 0 or not isfinite(max_acu) or max_acu <= 0:
        return None
    return percent_of_maximum / 100.0 * max_acu

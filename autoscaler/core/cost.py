"""What capacity costs, and what a moment of throttling is worth to the owner."""

from dataclasses import dataclass

from autoscaler.core.budget import Budget
from autoscaler.core.capacity import SECONDS_PER_HOUR, round_up

# A cluster that always has just enough runs at this utilisation (the reference of every cost ratio).
REFERENCE_UTILIZATION = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """``usd_per_acu_hour`` defaults to Aurora standard in us-east-1.

    ``throttling_price`` is the owner's dial: ACU-hours worth paying to avoid one ACU-hour of throttled work.
    ``max_throttled_fraction`` is how much of the work may be throttled, whatever its price would rather let go.
    ``budget`` is what he wants to spend at most. ``usd_per_million_reads`` of pages from storage is Aurora standard in
    us-east-1, too; with I/O-Optimized storage they cost nothing.
    """

    usd_per_acu_hour: float = 0.12
    throttling_price: float = 50.0
    max_throttled_fraction: float | None = None
    budget: Budget | None = None
    usd_per_million_reads: float = 0.2


def acu_hours(acu: float, seconds: float) -> float:
    """Capacity held for a time, in ACU-hours."""
    return acu * seconds / SECONDS_PER_HOUR


def needed_acu(demand_acu: float, min_acu: float, step_acu: float) -> float:
    """The least capacity that serves ``demand_acu`` at the reference utilisation, on the grain."""
    return max(min_acu, round_up(demand_acu / REFERENCE_UTILIZATION, step_acu))

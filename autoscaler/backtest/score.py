"""How good a run was: what it cost, what it throttled, and how steady it was.

Definitions follow one protocol, so that numbers can be compared: only scored steps count (measured ones
after ``score_from``); fractions lie between 0 and 1; what is undefined is None.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.run import PHASE_CODES, Result
from autoscaler.core.capacity import SECONDS_PER_HOUR, Phase
from autoscaler.core.cost import REFERENCE_UTILIZATION

NEGLIGIBLE_ACU_SECONDS = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The measures of one run.

    ``reference_acu_hours`` is what a cluster that always had just enough would use (demand at 90 %
    utilisation, on the grain, at least the owner's minimum). Accuracies and timeshares are those of the
    SPEC RG elasticity metrics, with the same need as the demanded supply, taken as at least one grain.
    ``usd`` is for capacity and for the pages that were read from storage, of which ``reads_usd`` is the latter's.
    """

    acu_hours: float
    usd: float
    reads_usd: float
    million_reads: float
    reference_acu_hours: float
    cost_ratio: float | None
    throttled_work_fraction: float | None
    throttled_time_fraction: float | None
    utilization_p50: float | None
    utilization_p95: float | None
    utilization_p99: float | None
    wakes: int
    cold_hits: int
    cold_wait_seconds: float
    awake_idle_hours: float
    paused_hours: float
    range_changes: int
    under_accuracy: float | None
    over_accuracy: float | None
    under_timeshare: float | None
    over_timeshare: float | None
    instability: float | None


def score(result: Result) -> Score:
    """Measure a run."""
    plan, scored = result.plan, result.scored
    hours_per_step = plan.step_seconds / SECONDS_PER_HOUR
    capacity = result.capacity_acu[scored]
    need = needed(result)[scored]
    acu_hours = float(capacity.sum()) * hours_per_step
    reference = float(need.sum()) * hours_per_step
    throttled = result.throttled_acu_seconds[scored]
    arriving = float(result.demand_acu[scored].sum()) * plan.step_seconds
    utilization = _utilization(result)
    paused = result.phase[scored] == PHASE_CODES[Phase.PAUSED]
    idle = (result.demand_acu[scored] == 0) & (result.backlog_acu_seconds[scored] == 0)
    million_reads = float(result.pages_read[scored].sum()) / 1e6
    reads_usd = million_reads * plan.prices.usd_per_million_reads
    under, over, instability = _elasticity(need, capacity, plan.limits.step_acu)
    first = plan.score_from or plan.trace.start
    return Score(
        acu_hours=acu_hours,
        usd=acu_hours * plan.prices.usd_per_acu_hour + reads_usd,
        reads_usd=reads_usd,
        million_reads=million_reads,
        reference_acu_hours=reference,
        cost_ratio=_ratio(acu_hours, reference),
        throttled_work_fraction=_ratio(float(throttled.sum()), arriving),
        throttled_time_fraction=_mean(throttled > NEGLIGIBLE_ACU_SECONDS),
        utilization_p50=_quantile(utilization, 0.5),
        utilization_p95=_quantile(utilization, 0.95),
        utilization_p99=_quantile(utilization, 0.99),
        wakes=int(_gained(result.wakes)[scored].sum()),
        cold_hits=int(_gained(result.cold_hits)[scored].sum()),
        cold_wait_seconds=float(_gained(result.cold_wait_seconds)[scored].sum()),
        awake_idle_hours=float((idle & ~paused).sum()) * hours_per_step,
        paused_hours=float(paused.sum()) * hours_per_step,
        range_changes=sum(at >= first for at in result.changed_at),
        under_accuracy=_mean(under),
        over_accuracy=_mean(over),
        under_timeshare=_mean(need > capacity),
        over_timeshare=_mean(need < capacity),
        instability=instability,
    )


def needed(result: Result) -> NDArray[np.float64]:
    """The need in each step, ACU, summed over the instances that share the demand; shape (steps,)."""
    limits, cluster = result.plan.limits, result.plan.cluster
    grain = limits.step_acu

    def of_one(demand_acu: NDArray[np.float64]) -> NDArray[np.float64]:
        rounded = np.ceil(demand_acu / REFERENCE_UTILIZATION / grain - 1e-9) * grain
        return np.maximum(limits.min_acu, rounded)

    if not cluster.readers:
        return of_one(result.demand_acu)
    readers = len(cluster.readers)
    share = cluster.reader_share
    return of_one(result.demand_acu * (1 - share)) + readers * of_one(result.demand_acu * share / readers)


def _utilization(result: Result) -> NDArray[np.float64]:
    awake = result.scored & (result.capacity_acu > 0)
    room = result.capacity_acu[awake] * result.plan.step_seconds
    return np.minimum(result.served_acu_seconds[awake] / room, 1.0)


def _elasticity(
    need: NDArray[np.float64], supply: NDArray[np.float64], grain_acu: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float | None]:
    scale = np.maximum(need, grain_acu)
    under = np.maximum(need - supply, 0) / scale
    over = np.maximum(supply - need, 0) / scale
    return under, over, _mean(np.sign(np.diff(supply)) != np.sign(np.diff(need)))


def _gained(cumulated: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    return np.diff(cumulated.astype(np.float64), prepend=0.0)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if len(values) else None


def _quantile(values: NDArray[np.float64], level: float) -> float | None:
    return float(np.quantile(values, level)) if len(values) else None

"""What is told of a run in numbers: the keys of ``summary.json``, which others rely on."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from autoscaler import __version__
from autoscaler.backtest.run import Result
from autoscaler.backtest.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The fields are the keys, in their order; what is undefined is None.

    ``start`` is that of the first step, ``end`` that of the last step's end; ``steps`` counts all steps,
    the other measures only those that are scored.
    """

    policy: str
    cluster: str
    trace: str
    start: str
    end: str
    steps: int
    acu_hours: float
    usd: float
    reads_usd: float
    million_reads: float
    reference_acu_hours: float
    cost_ratio: float | None
    optimum_acu_hours: float | None
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
    wall_seconds: float
    version: str

    @property
    def reads_acu_hours(self) -> float:
        """What reads cost, as the ACU-hours that cost as much."""
        capacity_usd = self.usd - self.reads_usd
        return self.reads_usd * self.acu_hours / capacity_usd if capacity_usd > 0 else 0.0

    def document(self) -> dict[str, object]:
        """As it is written to JSON."""
        return asdict(self)


def summarize(
    result: Result,
    measured: Score,
    *,
    policy: str,
    trace: str,
    optimum_acu_hours: float | None,
    wall_seconds: float,
) -> Summary:
    """Put a run's score under its names and times."""
    plan = result.plan
    steps = len(result.demand_acu)
    return Summary(
        policy=policy,
        cluster=plan.cluster.cluster_id,
        trace=trace,
        start=iso(plan.trace.start),
        end=iso(plan.trace.start + timedelta(seconds=steps * plan.step_seconds)),
        steps=steps,
        optimum_acu_hours=optimum_acu_hours,
        wall_seconds=round(wall_seconds, 3),
        version=__version__,
        **asdict(measured),
    )


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with a ``Z``."""
    return at.isoformat().replace("+00:00", "Z")

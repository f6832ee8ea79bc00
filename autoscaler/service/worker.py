"""One cluster's place in the service: when its next tick is due, how the last one went, what is shown of it."""

import asyncio
from datetime import UTC, datetime

import structlog

from autoscaler.errors import AutoscalerError, ClusterError
from autoscaler.observability.traces import span
from autoscaler.service.breaker import Breaker
from autoscaler.service.clock import Stopwatch
from autoscaler.service.job import Job, Means, Mind
from autoscaler.service.recovery import complete, recover
from autoscaler.service.tick import tick
from autoscaler.service.views import ClusterView, TickReport

NEVER = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


class Worker:
    """Runs the ticks of one cluster, one at a time; whatever goes wrong in one stays in it."""

    def __init__(self, job: Job, means: Means, *, decide_seconds: float) -> None:
        self.job = job
        self.task: asyncio.Task[None] | None = None
        self.looked = False
        self._means = means
        self._breaker = Breaker(job.cluster_id, interval_seconds=decide_seconds)
        self._mind: Mind | None = None
        self._shown = TickReport(cluster_id=job.cluster_id, at=NEVER, seconds=0.0)
        self._last_tick_at: datetime | None = None
        self._error: str | None = None
        self._following: Job | None = None
        self._view: ClusterView | None = None

    @property
    def running(self) -> bool:
        """Whether a tick is under way."""
        return self.task is not None and not self.task.done()

    def is_due(self, at: datetime) -> bool:
        """Whether a tick may start."""
        return not self.running and self._breaker.is_due(at)

    def adopt(self, job: Job) -> None:
        """Another job for the same cluster, from the next tick on: one that runs ends as it began."""
        self._following = job

    def remember_anew(self) -> None:
        """From the next tick on with all that the store has by then, as after a restart."""
        self._following = self._following or self.job

    async def work(self, at: datetime) -> TickReport | None:
        """A tick, good or failed; None when this moment has been decided about before a restart."""
        stopwatch = Stopwatch()
        self._take_over()
        try:
            report = await self._tick(at)
        except ClusterError as problem:
            report = self._failed(at, str(problem), stopwatch)
        except AutoscalerError as problem:
            self._mind = None
            report = self._failed(at, str(problem), stopwatch)
        except Exception as problem:  # the one place where a mistake of ours may end: other clusters go on
            self._mind = None
            if self._breaker.failures == 0:
                log.exception("tick_crashed", cluster=self.job.cluster_id, at=at.isoformat())
            report = self._failed(at, f"{type(problem).__name__}: {problem}", stopwatch)
        self.looked, self._view = True, None
        return report

    def view(self) -> ClusterView:
        """What is known of the cluster; the same value until the next tick has ended."""
        self._view = self._view or self._seen()
        return self._view

    def _seen(self) -> ClusterView:
        job, shown = self.job, self._shown
        return ClusterView(
            cluster_id=job.cluster_id,
            title=job.title,
            profile=job.profile,
            policy=job.policy_name,
            policy_version=job.policy_version,
            limits=job.limits,
            status=shown.status,
            demand_acu=shown.demand_acu,
            demand_at=shown.demand_at,
            blind_seconds=shown.blind_seconds,
            forecast=shown.forecast,
            last_decision=shown.decision,
            last_outcome=shown.told_outcome,
            last_tick_at=self._last_tick_at,
            failures=self._breaker.failures,
            breaker=self._breaker.state(self._means.clock.now()).value,
            error=self._error,
            acu_hours=None if self._mind is None else self._mind.acu_hours,
            shadows=() if self._means.ledgers is None else self._means.ledgers.shadows(job.cluster_id),
            usd_per_acu_hour=job.prices.usd_per_acu_hour,
            kind=job.kind,
            tags=job.tags,
            mode=self._means.steering.mode(job.cluster_id, job.mode),
            drift=shown.drift,
            resumes=self._mind.outlook.sleep.cold_start.expected() if self._mind and job.limits.may_pause else None,
        )

    def _take_over(self) -> None:
        """What is known is recovered from the journal, as after a restart: so a replay sees the same."""
        if self._following is not None:
            self.job, self._following, self._mind = self._following, None, None

    async def _tick(self, at: datetime) -> TickReport | None:
        if self._mind is None:
            self._mind = await recover(self.job, self._means)
        complete(self._mind)
        decided_at = self._mind.decided_at
        if decided_at is not None and decided_at >= at:
            self._breaker.wait_from(decided_at)
            return None
        with span("tick", cluster=self.job.cluster_id):
            report = await tick(self.job, self._means, self._mind, at)
        self._shown, self._last_tick_at = report, at
        self._breaker.decided(at)
        self._error = None
        return report

    def _failed(self, at: datetime, reason: str, stopwatch: Stopwatch) -> TickReport:
        self._breaker.failed(at)
        self._error, self._last_tick_at = reason, at
        return TickReport(cluster_id=self.job.cluster_id, at=at, seconds=stopwatch.seconds, failed=reason)

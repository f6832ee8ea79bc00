"""Sessions that work or wait, beside the metrics: what Performance Insights does not tell is unknown, and told once."""

from collections.abc import Sequence

import structlog

from autoscaler.adapters.aurora_account import AuroraAccount
from autoscaler.adapters.aurora_insights import Insights
from autoscaler.adapters.aurora_ranges import Described
from autoscaler.core.ports import Clock
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError

log = structlog.get_logger(__name__)


class Sessions:
    """Adds them to samples; a failure costs no sample."""

    def __init__(self, account: AuroraAccount, clock: Clock) -> None:
        self._insights = Insights(account)
        self._clock = clock
        self._unread: set[str] = set()

    async def added(self, samples: Sequence[Sample], cluster: Described) -> Sequence[Sample]:
        """The samples with their sessions, or as they are."""
        name = cluster.name
        try:
            told = await self._insights.added(samples, name, cluster.instances, now=self._clock.now())
        except ClusterError as problem:
            if name not in self._unread:
                log.warning("sessions_unread", cluster=cluster.resource_id, reason=str(problem))
            self._unread.add(name)
            return samples
        self._unread.discard(name)
        return told

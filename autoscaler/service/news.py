"""Reads what providers say has happened, now and then, and tells the feed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from autoscaler.core.happenings import Happening, What
from autoscaler.core.ports import Clock
from autoscaler.errors import ClusterError
from autoscaler.observability.events import Detail, Kind
from autoscaler.service.feed import Feed
from autoscaler.service.roster import Roster
from autoscaler.service.sources.opened import Sources

# Events may come some minutes late; what was told already is not told again.
LATE = timedelta(minutes=10)
TOLD: Mapping[What, tuple[Kind, str]] = {
    What.PAUSED: (Kind.CLUSTER_PAUSED, "it sleeps"),
    What.RESUMED: (Kind.CLUSTER_RESUMED, "it is awake again"),
    What.PAUSE_CANCELLED: (Kind.PAUSE_CANCELLED, "it was about to pause when somebody came"),
    What.FAILED_OVER: (Kind.FAILED_OVER, "another instance is the writer"),
    What.UNSCALABLE: (Kind.CLUSTER_UNSCALABLE, "an instance cannot go on with its parameters at this capacity"),
    What.DELETED: (Kind.CLUSTER_DELETED, "the cluster was deleted"),
}

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class ReadTheNews:
    """A chore. What happened before the service began is history."""

    sources: Sources
    roster: Roster
    feed: Feed
    clock: Clock
    since: datetime
    known: dict[tuple[str, Happening], datetime] = field(default_factory=dict)
    resuming: dict[str, datetime] = field(default_factory=dict)
    cut_off: bool = False

    async def __call__(self) -> None:
        """A provider that does not answer is asked again at the next turn, which reaches back as far as is needed."""
        now = self.clock.now()
        try:
            news = await self.sources.news(self.roster.settings(), since=self.since, until=now)
        except ClusterError as problem:
            if not self.cut_off:
                log.warning("news_unread", reason=str(problem))
            self.cut_off = True
            return
        self.cut_off, since = False, max(self.since, now - LATE)
        for cluster_id, happening in news:
            if (cluster_id, happening) not in self.known:
                self.known[cluster_id, happening] = happening.at
                self._tell(cluster_id, happening)
        self.since = since
        self.known = {one: at for one, at in self.known.items() if at >= since}

    def _tell(self, cluster_id: str, happening: Happening) -> None:
        if happening.what is What.RESUMING:
            self.resuming[cluster_id] = happening.at
        if happening.what not in TOLD:
            return
        kind, text = TOLD[happening.what]
        details: dict[str, Detail] = {"source": happening.source, "said": happening.text}
        if happening.what is What.RESUMED and cluster_id in self.resuming:
            seconds = (happening.at - self.resuming.pop(cluster_id)).total_seconds()
            text, details = f"{text} after {seconds:.0f} s", {**details, "resume_seconds": seconds}
        self.feed.emit(kind, f"{text}: {happening.text}", cluster_id=cluster_id, **details)

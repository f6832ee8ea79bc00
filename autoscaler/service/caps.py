"""What the fleet did within the last hour, counted as it goes: what the caps leave is known at once."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from autoscaler.config import Document
from autoscaler.core.decision import Decision, RuleSettings
from autoscaler.core.fleet import FleetAllowance, FleetCaps, FleetUse, allow
from autoscaler.storage.entries import JournalEntry

ONE_HOUR = timedelta(hours=1)
NO_CAPS = FleetCaps()


class FleetCapsDocument(Document):
    """How much of the fleet may change within an hour.

    Args:
        shrinking_clusters: so many clusters may shrink, or
        shrinking_share: this part of the fleet, when that is more.
        blind_growth_acu: by so much the floors of clusters without fresh data may grow, together.
    """

    shrinking_clusters: Annotated[int, Field(ge=0)] = FleetCaps().shrinking_clusters
    shrinking_share: Annotated[float, Field(ge=0, le=1)] = FleetCaps().shrinking_share
    blind_growth_acu: Annotated[float, Field(ge=0)] = FleetCaps().blind_growth_acu

    def build(self) -> FleetCaps:
        """As the core wants them."""
        return FleetCaps(**self.model_dump())


class RecentActions:
    """Counts what is tried, whether it is taken or not: between two answers many others are decided about.

    All of it costs the same however large the fleet is; what is older than an hour is forgotten on the way.
    """

    def __init__(self, caps: FleetCaps = NO_CAPS) -> None:
        self._caps = caps
        self._asked: dict[str, datetime] = {}
        self._shrunk: dict[str, datetime] = {}
        self._grown: deque[tuple[datetime, float]] = deque()
        self._grown_acu = 0.0

    def allowance(self, cluster_id: str, at: datetime) -> FleetAllowance:
        """What is left to a cluster; whoever asked within the hour is of the fleet."""
        _put_last(self._asked, cluster_id, at)
        self._forget(at - ONE_HOUR)
        use = FleetUse(
            clusters=len(self._asked),
            shrunk=len(self._shrunk),
            shrunk_itself=cluster_id in self._shrunk,
            blind_growth_acu=self._grown_acu,
        )
        return allow(self._caps, use)

    def count(self, decision: Decision, *, blind: bool) -> None:
        """A change that is about to be asked for."""
        if decision.after.shrinks(decision.before):
            _put_last(self._shrunk, decision.cluster_id, decision.at)
        grown_acu = decision.after.floor_acu - decision.before.floor_acu
        if blind and grown_acu > 0:
            self._grown.append((decision.at, grown_acu))
            self._grown_acu += grown_acu

    def restore(self, entries: Iterable[JournalEntry], rules: RuleSettings) -> None:
        """Count again what was done before a restart, oldest first."""
        for entry in entries:
            self.count(entry.decision, blind=entry.inputs.blind_seconds > rules.max_blind_seconds)

    def _forget(self, since: datetime) -> None:
        for known in (self._asked, self._shrunk):
            while known and next(iter(known.values())) <= since:
                del known[next(iter(known))]
        while self._grown and self._grown[0][0] <= since:
            self._grown_acu -= self._grown.popleft()[1]
        if not self._grown:
            self._grown_acu = 0.0  # what rounding left


def _put_last(known: dict[str, datetime], cluster_id: str, at: datetime) -> None:
    known.pop(cluster_id, None)
    known[cluster_id] = at

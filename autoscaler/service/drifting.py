"""What ticks remember to notice that somebody else changed a range."""

from dataclasses import dataclass, replace
from datetime import datetime

from autoscaler.core.capacity import Range, Status
from autoscaler.core.control import Drift, Mode
from autoscaler.core.drift import notice_drift
from autoscaler.storage.controls import Orders
from autoscaler.storage.entries import JournalEntry, Record, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where a cluster was at the last look, what was asked for last, and the drift that matters."""

    held: Range | None = None
    asked: Range | None = None
    drift: Drift | None = None

    def look(self, status: Status, *, mode: Mode, orders: Orders, at: datetime) -> "Sighting":
        """After a look at the cluster. Where nothing is enforced its range is other people's: nothing drifts."""
        aimed = status.requested or status.range
        if mode is not Mode.ENFORCE:
            return Sighting(held=aimed)
        before = self._seen_to(orders)
        found = notice_drift(aimed, held=self.held, asked=self.asked, before=before, at=at)
        return replace(self, held=aimed, drift=found)

    def asking(self, record: Record) -> "Sighting":
        """Before a decision is carried out; what was refused may still have been taken."""
        return self if record.state is not State.PLANNED else replace(self, asked=record.decision.after)

    def _seen_to(self, orders: Orders) -> Drift | None:
        if self.drift is None or orders.acknowledged is None:
            return self.drift
        return replace(self.drift, acknowledged=self.drift.at <= orders.acknowledged)


def last_sighting(newest: JournalEntry) -> Sighting:
    """What the last process knew."""
    status, decision = newest.inputs.status, newest.decision
    asked = decision.after if decision.changes and newest.state is not State.NOT_ENFORCED else None
    return Sighting(held=status.requested or status.range, asked=asked, drift=newest.inputs.drift)

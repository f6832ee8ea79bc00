"""What happens to clusters and to the service, as values: a closed list of kinds, each with its severity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Detail = str | int | float | bool | None


class Severity(StrEnum):
    """How much somebody should care; in this order."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    def includes(self, other: "Severity") -> bool:
        """Whether ``other`` is at least as severe."""
        order = list(Severity)
        return order.index(other) >= order.index(self)


class Kind(StrEnum):
    """What can happen. Those of ENDS are conditions: they begin, last, and end with the kind named there."""

    CHANGE_APPLIED = "change-applied"
    CHANGE_REFUSED = "change-refused"
    CHANGE_FAILED = "change-failed"
    CHANGE_NOT_ENFORCED = "change-not-enforced"
    BLIND = "blind"
    SEEING = "seeing"
    FAILING = "failing"
    RECOVERED = "recovered"
    AT_CEILING = "at-ceiling"
    BELOW_CEILING = "below-ceiling"
    FLAPPING = "flapping"
    CALM = "calm"
    FORECAST_STOOD_DOWN = "forecast-stood-down"
    FORECAST_BACK = "forecast-back"
    DRIFT = "drift"
    DRIFT_OVER = "drift-over"
    BUDGET_ALERT = "budget-alert"
    BUDGET_FINE = "budget-fine"
    CLUSTER_ADOPTED = "cluster-adopted"
    HISTORY_UNREAD = "history-unread"
    HISTORY_READ = "history-read"
    CLUSTER_RELEASED = "cluster-released"
    CLUSTER_PAUSED = "cluster-paused"
    CLUSTER_RESUMED = "cluster-resumed"
    PAUSE_CANCELLED = "pause-cancelled"
    FAILED_OVER = "failed-over"
    CLUSTER_UNSCALABLE = "cluster-unscalable"
    CLUSTER_DELETED = "cluster-deleted"
    ORDER_GIVEN = "order-given"
    ORDER_ENDED = "order-ended"
    POLICY_CHANGED = "policy-changed"
    ROLLOUT_STEP = "rollout-step"
    ROLLOUT_STOPPED = "rollout-stopped"
    FROZEN = "frozen"
    THAWED = "thawed"
    LEADING = "leading"
    STOOD_DOWN = "stood-down"
    TASK_DIED = "task-died"
    TEST = "test"


ENDS: Mapping[Kind, Kind] = {
    Kind.BLIND: Kind.SEEING,
    Kind.FAILING: Kind.RECOVERED,
    Kind.AT_CEILING: Kind.BELOW_CEILING,
    Kind.FLAPPING: Kind.CALM,
    Kind.FORECAST_STOOD_DOWN: Kind.FORECAST_BACK,
    Kind.DRIFT: Kind.DRIFT_OVER,
    Kind.BUDGET_ALERT: Kind.BUDGET_FINE,
    Kind.HISTORY_UNREAD: Kind.HISTORY_READ,
    Kind.FROZEN: Kind.THAWED,
}
_SEVERITIES: Mapping[Severity, frozenset[Kind]] = {
    Severity.ERROR: frozenset(
        {
            Kind.CHANGE_FAILED,
            Kind.CLUSTER_DELETED,
            Kind.CLUSTER_UNSCALABLE,
            Kind.FAILING,
            Kind.ROLLOUT_STOPPED,
            Kind.TASK_DIED,
        }
    ),
    Severity.WARNING: frozenset(
        {Kind.CHANGE_REFUSED, Kind.FAILED_OVER, Kind.STOOD_DOWN, *(kind for kind in ENDS if kind is not Kind.FAILING)}
    ),
}


def severity(kind: Kind) -> Severity:
    """How severe a kind is; the end of a condition is news, and no trouble."""
    return next((one for one, kinds in _SEVERITIES.items() if kind in kinds), Severity.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at ``at`` (cluster time), in one sentence; ``cluster_id`` empty: to the service."""

    kind: Kind
    at: datetime
    text: str
    cluster_id: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """How much somebody should care."""
        return severity(self.kind)

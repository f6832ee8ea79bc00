"""A fleet for the API to show, small and made of real values."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any

from autoscaler.core.capacity import Phase, Range, Status
from autoscaler.core.decision import Decision, Step
from autoscaler.core.forecast import Forecast
from autoscaler.errors import UnknownName
from autoscaler.service.views import ClusterView, TickReport
from tests.fakes import MONDAY, WIDE_LIMITS, later, make_range

LOW, HIGH = make_range(2.0, 64.0), make_range(8.0, 64.0)
AWAKE = Status(phase=Phase.AVAILABLE, ready_acu=5.5, range=LOW, changed_at=MONDAY)


class FakeFleet:
    """What the API reads, from a plain collection."""

    def __init__(self, views: Iterable[ClusterView] = ()) -> None:
        self.ready = True
        self.clusters = {view.cluster_id: view for view in views}
        self.broken: Exception | None = None

    def views(self) -> tuple[ClusterView, ...]:
        return tuple(self.clusters.values())

    def view(self, cluster_id: str) -> ClusterView:
        if self.broken is not None:
            raise self.broken
        if cluster_id not in self.clusters:
            raise UnknownName("cluster", cluster_id, self.clusters)
        return self.clusters[cluster_id]


def make_decision(*, before: Range = LOW, after: Range = LOW, cluster_id: str = "orders") -> Decision:
    """A decision whose wish was held back by a rule, whether or not something is left of it."""
    return Decision(
        at=MONDAY,
        cluster_id=cluster_id,
        before=before,
        wish=HIGH,
        after=after,
        reason=f"{before} stays: the demand is 6 ACU, but the last change is less than 300 s ago",
        steps=(Step(rule="space_the_changes", before=HIGH, after=after, why="the last change is 60 s ago"),),
    )


def make_view(cluster_id: str = "orders") -> ClusterView:
    """A cluster that is awake and well."""
    return ClusterView(
        cluster_id=cluster_id,
        title="Orders of the web shop",
        profile="aurora-v2",
        policy="predictive",
        limits=WIDE_LIMITS,
        status=AWAKE,
        demand_acu=4.25,
        demand_at=MONDAY,
        blind_seconds=30.0,
        forecast=make_forecast(),
        last_decision=make_decision(cluster_id=cluster_id),
        last_outcome="none",
        last_tick_at=later(60.0),
        failures=0,
        breaker="closed",
        error=None,
        acu_hours=12.5,
        usd_per_acu_hour=0.12,
    )


def make_unread_view(cluster_id: str = "bills") -> ClusterView:
    """A cluster that nobody has seen yet."""
    return replace(
        make_view(cluster_id),
        status=None,
        demand_acu=None,
        demand_at=None,
        blind_seconds=inf,
        forecast=None,
        last_decision=None,
        last_outcome=None,
        last_tick_at=None,
        failures=2,
        breaker="closed",
        error="no answer within 5 s",
        acu_hours=None,
    )


def make_forecast() -> Forecast:
    """An hour and a quarter of five-minute windows."""
    return Forecast(
        made_at=MONDAY,
        start=MONDAY,
        step_seconds=300.0,
        levels=(0.5, 0.95),
        demand_acu=((4.0,) * 14 + (5.0,), (6.0,) * 14 + (9.0,)),
        model="seasonal-naive",
    )


def make_report(**changes: Any) -> TickReport:
    """A tick that went well and decided to change nothing."""
    view = make_view(changes.get("cluster_id", "orders"))
    report = TickReport(
        cluster_id=view.cluster_id,
        at=MONDAY,
        seconds=0.02,
        decision=view.last_decision,
        outcome="none",
        status=view.status,
        demand_acu=view.demand_acu,
        blind_seconds=30.0,
        forecast=view.forecast,
    )
    return replace(report, **changes)


def make_failed_report(reason: str = "no answer", *, cluster_id: str = "orders", at: datetime = MONDAY) -> TickReport:
    """A tick of a cluster that did not answer."""
    return TickReport(cluster_id=cluster_id, at=at, seconds=5.0, failed=reason)

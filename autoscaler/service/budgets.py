"""Tells when another part of a budget is used up, once for each part, and when a new day or month begins."""

from autoscaler.core.budget import Spent
from autoscaler.observability.events import Kind
from autoscaler.service.feed import Feed
from autoscaler.service.views import TickReport

Told = dict[str, float]


class BudgetTeller:
    """An observer of ticks that tells the feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._told: dict[str, Told] = {}

    def ticked(self, report: TickReport) -> None:
        """Tell what is new; what was told before a restart is not told again."""
        if not report.spent:
            return
        reached = {one.period: one.reached for one in report.spent}
        before = self._told.get(report.cluster_id)
        if before is None:
            before = reached if self._feed.lasts(Kind.BUDGET_ALERT, report.cluster_id) else {}
        for one in report.spent:
            if one.reached > before.get(one.period, 0.0):
                self._tell(report.cluster_id, one)
        self._told[report.cluster_id] = reached
        if not any(reached.values()):
            self._feed.follow(Kind.BUDGET_ALERT, False, "the budget is fresh again", cluster_id=report.cluster_id)

    def _tell(self, cluster_id: str, spent: Spent) -> None:
        text = (
            f"{spent.part:.0%} of the {spent.period}'s budget of {spent.allowed_acu_hours:.4g} ACU-hours are used; "
            f"it will come to {spent.projected_acu_hours:.4g}"
        )
        say = self._feed.emit if self._feed.lasts(Kind.BUDGET_ALERT, cluster_id) else self._begin
        say(Kind.BUDGET_ALERT, text, cluster_id=cluster_id)

    def _begin(self, kind: Kind, text: str, *, cluster_id: str) -> None:
        self._feed.follow(kind, True, text, cluster_id=cluster_id)

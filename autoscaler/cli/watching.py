"""What somebody who watches the demo sees: a line for each decision, and a table in the end."""

from collections import Counter
from collections.abc import Sequence

from rich.text import Text

from autoscaler.backtest.reports.words import told_moment, told_number, told_usd
from autoscaler.cli.show import new_table, stdout
from autoscaler.core.capacity import Phase
from autoscaler.core.cost import Prices
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.views import ClusterView, TickReport

HEAD = f"{'cluster time, UTC':<17} {'cluster':<19} {'demand':>6} {'ready':>6}  decision"
WENT_WELL = ("none", "applied")


class Watching:
    """Prints as things happen, and counts them."""

    def __init__(self) -> None:
        self._console = stdout()
        self._decisions: Counter[str] = Counter()
        self._changes: Counter[str] = Counter()

    def begin(self, url: str, settings: ServiceSettings) -> None:
        """Where it can be looked at, before the first decision."""
        self._console.print(
            f"{len(settings.clusters)} simulated clusters, {settings.speed:g} times faster than real time.\n"
            f"Look at them at [bold]{url}[/bold]; Ctrl-C ends the demo.\n"
        )
        self._console.print(Text(HEAD, style="dim"), soft_wrap=True)

    def decided(self, report: TickReport) -> None:
        """The canonical line of a decision; those that change something stand out."""
        decision, status = report.decision, report.status
        if decision is None:
            return
        self._decisions[report.cluster_id] += 1
        self._changes[report.cluster_id] += decision.changes and report.outcome == "applied"
        trouble = "" if report.outcome in WENT_WELL else f" ({report.told_outcome})"
        ready = None if status is None else status.ready_acu
        line = Text(
            f"{told_moment(decision.at):<17} {report.cluster_id:<19} {told_number(report.demand_acu):>6} "
            f"{told_number(ready):>6}  {decision.reason}{trouble}",
            style="bold" if decision.changes else "dim",
        )
        if self._console.is_terminal:  # one line each, whatever its width
            line.truncate(self._console.width, overflow="ellipsis")
        self._console.print(line, soft_wrap=True)

    def end(self, views: Sequence[ClusterView]) -> None:
        """What came of it."""
        numbers = ("decisions", "changes", "ready", "floor", "ACU-hours", "cost")
        table = new_table("cluster", *numbers, numbers=numbers)
        price = Prices().usd_per_acu_hour
        for view in views:
            status, acu_hours = view.status, view.acu_hours or 0.0
            floor = None if status is None else status.range.floor_acu
            ready = None if status is None else status.ready_acu
            table.add_row(
                view.cluster_id,
                f"{self._decisions[view.cluster_id]:,}",
                f"{self._changes[view.cluster_id]:,}",
                "paused" if status and status.phase is Phase.PAUSED else told_number(ready),
                told_number(floor),
                told_number(acu_hours),
                told_usd(acu_hours * price),
            )
        self._console.print("")
        self._console.print(table)
        decisions, changes = self._decisions.total(), self._changes.total()
        self._console.print(
            f"\n{decisions:,} decisions about {len(views)} clusters, {changes:,} changes. Ready and floor in ACU."
        )

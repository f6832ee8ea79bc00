"""What happens in the demo of a local cluster, as it is shown while it runs and told afterwards."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from autoscaler.adapters.postgres.pgbench import Answers, Second
from autoscaler.core.capacity import Phase
from autoscaler.core.samples import Sample
from autoscaler.service.views import TickReport

if TYPE_CHECKING:
    from rich.table import Table

BAR_WIDTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A stretch of the demo with one load."""

    title: str
    per_second: float
    begin: datetime
    answers: Answers | None = None

    def quantile_seconds(self, level: float) -> float | None:
        """How long that share of the transactions took at most, from when they were due."""
        ordered = sorted(self.answers.latency_seconds) if self.answers else []
        return ordered[min(int(level * len(ordered)), len(ordered) - 1)] if ordered else None


@dataclass(kw_only=True)
class Story:
    """Everything so far; an observer of the service's ticks."""

    ceiling_acu: float
    began: datetime
    samples: list[Sample] = field(default_factory=list)
    chapters: list[Chapter] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)
    phase: Phase = Phase.AVAILABLE
    ready_acu: float = 0.0
    second: Second | None = None
    wake_seconds: float | None = None

    def ticked(self, report: TickReport) -> None:
        """Take what a tick has seen."""
        self.samples += report.fresh
        if report.status is not None:
            self.phase, self.ready_acu = report.status.phase, report.status.ready_acu

    def saw(self, second: Second) -> None:
        """Take what pgbench tells."""
        self.second = second

    def __rich__(self) -> "Table":
        """How things are now."""
        from rich.table import Table

        newest = next((one for one in reversed(self.samples) if one.demand_acu is not None), None)
        demand = 0.0 if newest is None else newest.demand_acu or 0.0
        table = Table.grid(padding=(0, 2))
        title = self.chapters[-1].title if self.chapters else "making the cluster and its tables"
        table.add_row("now", f"[bold]{title}[/bold]")
        table.add_row("cluster", self.phase.value)
        table.add_row("capacity", self._bar(self.ready_acu))
        table.add_row("demand", self._bar(demand))
        if self.second is not None:
            rate, milliseconds = self.second.per_second, 1000 * self.second.latency_seconds
            table.add_row("clients", f"{rate:.0f} transactions/s, {milliseconds:.0f} ms each")
        return table

    def document(self, *, load_average: float) -> dict[str, Any]:
        """For programs."""
        capacities = [one.capacity_acu for one in self.samples if one.capacity_acu]
        told = [one.answers for one in self.chapters if one.answers is not None]
        return {
            "load_average": load_average,
            "transactions": sum(one.count for one in told),
            "failed": sum(one.failed for one in told),
            "connections_lost": sum(one.lost for one in told),
            "least_acu": min(capacities, default=None),
            "most_acu": max(capacities, default=None),
            "wake_seconds": self.wake_seconds,
            "chapters": [
                {
                    "title": one.title,
                    "begin_seconds": (one.begin - self.began).total_seconds(),
                    "per_second": one.per_second,
                    "median_seconds": one.quantile_seconds(0.5),
                    "p99_seconds": one.quantile_seconds(0.99),
                }
                for one in self.chapters
            ],
            "samples": [
                {
                    "at_seconds": (one.at - self.began).total_seconds(),
                    "seconds": one.seconds,
                    "demand_acu": one.demand_acu,
                    "capacity_acu": one.capacity_acu,
                    "queries_per_second": one.queries_per_second,
                }
                for one in self.samples
            ],
        }

    def _bar(self, acu: float) -> str:
        full = round(BAR_WIDTH * min(1.0, acu / self.ceiling_acu))
        return f"{'█' * full}{'░' * (BAR_WIDTH - full)} {acu:.1f} ACU"

"""Many measurements, each in a process, resumable: what was measured before is read again, and progress is told."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.decision_quality.cases import Case, Setting
from benchmarks.decision_quality.frontiers import Found

Measure = Callable[[Case, Setting], dict[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A trace to be measured under a setting; what was found is kept below ``folder``."""

    case: Case
    setting: Setting
    folder: Path

    @property
    def kept(self) -> Path:
        """The file it is kept in; its name has to do with nothing, so that a run that was stopped is a fair sample."""
        return self.folder / self.setting.name / f"{sha256(self.case.name.encode()).hexdigest()[:16]}.trace.json"


def run_all(
    orders: Sequence[Order], measure: Measure, console: Console, *, workers: int, again: bool = False
) -> list[Found]:
    """What was found for each order, kept as soon as it is known; kept ones are measured only where ``again``."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    left = [one for one in sorted(orders, key=lambda order: order.kept.name) if again or not one.kept.is_file()]
    with ProcessPoolExecutor(workers) as pool, Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task("traces", total=len(orders), completed=len(orders) - len(left))
        waiting = {pool.submit(measure, order.case, order.setting): order for order in left}
        for done in as_completed(waiting):
            kept = waiting[done].kept
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(done.result()), encoding="utf-8")
            progress.advance(bar)
    return [json.loads(one.kept.read_text(encoding="utf-8")) for one in orders]

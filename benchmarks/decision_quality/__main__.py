"""The protocol of decision quality: what each policy costs, and what it throttles, on a folder of traces.

    python -m benchmarks.decision_quality FOLDER [--every N] [--out OUT] [--workers N] [settings]
    python -m benchmarks.decision_quality --quick [--update]

Settings of policies are chosen on the first half of each trace, the second half is scored. A run that was stopped goes
on where it was. ``--quick`` runs the product's own scenarios and fails when a cost is worse than the kept one.
"""

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autoscaler.errors import AutoscalerError
from benchmarks.decision_quality.cases import Case, Setting, generated, recorded
from benchmarks.decision_quality.frontiers import Found, Set, cost_at, frontier
from benchmarks.decision_quality.measure import measure
from benchmarks.decision_quality.outputs import table, write

GOLDEN = Path(__file__).parent / "golden.json"
# A cost may be so much worse than the kept one: rounding, and other processors.
TOLERANCE = 0.01
QUICK_SETTING = Setting(peak_acu=32.0)
QUICK_BUDGETS = (0.002, 0.001)


def main() -> int:
    """Run what the command line asks for; 1 when quality has got worse, 2 when the order cannot be carried out."""
    asked = _arguments()
    console = Console(width=160)
    setting = QUICK_SETTING if asked.quick else _setting(asked)
    try:
        cases = generated() if asked.quick else recorded(Path(asked.folder), every=asked.every)
    except AutoscalerError as problem:
        console.print(f"error: {problem}")
        return 2
    folder = Path(asked.out) / setting.name
    folder.mkdir(parents=True, exist_ok=True)
    found = _measure_all(cases, setting, folder, console, workers=asked.workers, again=asked.quick)
    write(folder, found, setting)
    console.print(table(found, setting))
    console.print(f"written to {folder}")
    return _compared(found, console, update=asked.update) if asked.quick else 0


def quick_costs(found: list[Found]) -> dict[str, float | None]:
    """What the guard looks at: the cost of ``auto`` at two budgets, pooled over the scenarios."""
    whole = Set(name="all", budget=0.0)
    return {f"{budget:g}": cost_at(frontier(whole.of(found), "auto"), budget) for budget in QUICK_BUDGETS}


def worse(costs: dict[str, float | None], kept: dict[str, float | None]) -> list[str]:
    """The budgets at which a cost is worse than the kept one, or is not met any more."""
    return [
        budget
        for budget, before in kept.items()
        if before is not None and ((now := costs.get(budget)) is None or now > before * (1 + TOLERANCE))
    ]


def _measure_all(
    cases: list[Case], setting: Setting, folder: Path, console: Console, *, workers: int, again: bool
) -> list[Found]:
    found: dict[str, Found] = {}
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with ProcessPoolExecutor(workers) as pool, Progress(*columns, console=console) as progress:
        bar = progress.add_task("traces", total=len(cases))
        waiting = {}
        # In an order that has to do with nothing, so that a run that was stopped is a fair sample.
        for case in sorted(cases, key=lambda case: _kept(folder, case)):
            kept = _kept(folder, case)
            if kept.is_file() and not again:
                found[case.name] = json.loads(kept.read_text(encoding="utf-8"))
                progress.advance(bar)
            else:
                waiting[pool.submit(measure, case, setting)] = case
        for done in as_completed(waiting):
            case = waiting[done]
            found[case.name] = done.result()
            _kept(folder, case).write_text(json.dumps(found[case.name]), encoding="utf-8")
            progress.advance(bar)
    return [found[case.name] for case in cases]


def _kept(folder: Path, case: Case) -> Path:
    return folder / f"{sha256(case.name.encode()).hexdigest()[:16]}.trace.json"


def _compared(found: list[Found], console: Console, *, update: bool) -> int:
    costs = quick_costs(found)
    if update:
        GOLDEN.write_text(json.dumps(costs, indent=1) + "\n", encoding="utf-8")
        return 0
    kept = json.loads(GOLDEN.read_text(encoding="utf-8"))
    bad = worse(costs, kept)
    for budget in bad:
        console.print(f"worse: auto costs {costs[budget]} at {budget} throttled, {kept[budget]} is kept")
    return 1 if bad else 0


def _setting(asked: argparse.Namespace) -> Setting:
    return Setting(
        peak_acu=asked.peak_acu,
        profile=asked.profile,
        interpolation=asked.interpolation,
        floor_jumps=asked.floor_effect == "immediate",
        delay_seconds=asked.delay_seconds,
        rules=asked.rules,
    )


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.decision_quality", description=__doc__.split("\n")[0])
    asked.add_argument("folder", nargs="?", help="recorded traces with a manifest.csv")
    asked.add_argument("--quick", action="store_true", help="the product's own scenarios, against the kept costs")
    asked.add_argument("--update", action="store_true", help="with --quick: keep these costs")
    asked.add_argument("--every", type=int, default=1, help="only every so manieth trace")
    asked.add_argument("--out", default="decision_quality", help="where results go and are found again")
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--peak-acu", type=float, default=64.0)
    asked.add_argument("--profile", default="aurora-v2")
    asked.add_argument("--interpolation", choices=("hold", "linear"), default="hold")
    asked.add_argument("--floor-effect", choices=("immediate", "bucket"), default="immediate")
    asked.add_argument("--delay-seconds", type=float, default=60.0)
    asked.add_argument("--rules", choices=("bare", "product"), default="bare")
    found = asked.parse_args()
    if not found.quick and found.folder is None:
        asked.error("give the folder of recorded traces, or --quick")
    return found


if __name__ == "__main__":
    sys.exit(main())

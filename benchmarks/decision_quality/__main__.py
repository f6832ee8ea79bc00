"""The protocol of decision quality: what each policy costs, and what it throttles, on a folder of traces.

    python -m benchmarks.decision_quality FOLDER [--every N | --of-each-shape N] [--out OUT] [--workers N] [settings]
    python -m benchmarks.decision_quality FOLDER --grid [--every N | --of-each-shape N] [--out OUT] [--workers N]
    python -m benchmarks.decision_quality [--out OUT] --pictures DIR --markdown PAGE [--commit HASH] [settings]
    python -m benchmarks.decision_quality --quick [--update]

Settings of policies are chosen on the first half of each trace, the second half is scored. A run that was stopped goes
on where it was. ``--grid`` sets ``auto`` against its rivals in every cell of the protocol. ``--pictures`` draws what is
kept, ``--markdown`` renews the tables of a page from it. ``--quick`` runs the product's own scenarios and fails when a
cost is worse than the kept one.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from autoscaler.errors import AutoscalerError
from benchmarks.decision_quality.cases import Setting, generated, of_each_shape, recorded
from benchmarks.decision_quality.frontiers import Found, Set, cost_at, frontier
from benchmarks.decision_quality.grid import run_grid
from benchmarks.decision_quality.markdown import commit_and_date, kept, write_tables
from benchmarks.decision_quality.measure import measure
from benchmarks.decision_quality.outputs import table, write
from benchmarks.decision_quality.pictures import draw_frontiers
from benchmarks.decision_quality.running import Order, run_all

GOLDEN = Path(__file__).parent / "golden.json"
# A cost may be so much worse than the kept one: rounding, and other processors.
TOLERANCE = 0.01
QUICK_SETTING = Setting(peak_acu=32.0)
QUICK_BUDGETS = (0.002, 0.001)


def main() -> int:
    """Run what the command line asks for; 1 when quality has got worse, 2 when the order cannot be carried out."""
    asked = _arguments()
    console = Console(width=160)
    try:
        if asked.quick:
            return _compared(_run(asked, QUICK_SETTING, console), console, update=asked.update)
        if asked.folder is not None:
            _run(asked, _setting(asked), console)
        _publish(asked, console)
    except AutoscalerError as problem:
        console.print(f"error: {problem}")
        return 2
    return 0


def _run(asked: argparse.Namespace, setting: Setting, console: Console) -> list[Found]:
    out = Path(asked.out)
    cases = generated() if asked.quick else recorded(Path(asked.folder), every=asked.every)
    cases = of_each_shape(cases, asked.of_each_shape) if asked.of_each_shape else cases
    if asked.grid:
        run_grid(cases, out, console, workers=asked.workers)
        return []
    orders = [Order(case=case, setting=setting, folder=out) for case in cases]
    found = run_all(orders, measure, console, workers=asked.workers, again=asked.quick)
    write(out / setting.name, found, setting)
    console.print(table(found, setting))
    console.print(f"written to {out / setting.name}")
    return found


def _publish(asked: argparse.Namespace, console: Console) -> None:
    out, setting = Path(asked.out), _setting(asked)
    if not (asked.pictures or asked.markdown):
        return
    at = commit_and_date(asked.commit)
    if asked.pictures:
        for path in draw_frontiers(Path(asked.pictures), kept(out / setting.name), f"{setting.told}; {at}"):
            console.print(f"drawn: {path}")
    if asked.markdown:
        console.print(
            f"renewed in {asked.markdown}: {', '.join(write_tables(Path(asked.markdown), out, setting, at=at))}"
        )


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
    asked.add_argument("--of-each-shape", type=int, default=0, help="only so many of each shape, of different families")
    asked.add_argument("--grid", action="store_true", help="every cell of the protocol instead of one setting")
    asked.add_argument("--pictures", help="draw the frontiers of what is kept into this folder")
    asked.add_argument("--markdown", help="renew the tables of this page from what is kept")
    asked.add_argument("--commit", default="HEAD", help="what the pictures and tables are of")
    asked.add_argument("--out", default="decision_quality", help="where results go and are found again")
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--peak-acu", type=float, default=64.0)
    asked.add_argument("--profile", default="aurora-v2")
    asked.add_argument("--interpolation", choices=("hold", "linear"), default="hold")
    asked.add_argument("--floor-effect", choices=("immediate", "bucket"), default="immediate")
    asked.add_argument("--delay-seconds", type=float, default=60.0)
    asked.add_argument("--rules", choices=("bare", "product"), default="bare")
    found = asked.parse_args()
    if not (found.quick or found.folder or found.pictures or found.markdown):
        asked.error("give the folder of recorded traces, --pictures, --markdown or --quick")
    return found


if __name__ == "__main__":
    sys.exit(main())

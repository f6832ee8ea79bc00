"""The protocol of pausing: cold hits against idle hours awake, on a folder of traces that are idle 30 % of the time.

    python -m benchmarks.pause_quality FOLDER [OUT]

Every way to pause knows only what was before; per-trace time-outs are chosen on the first half of each trace, and the
second half is scored. The price of a cold hit is one for all traces, and swept. OUT gets a frontier of each group, five
weeks, and all figures as JSON.
"""

import json
import sys
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.pause_quality.cases import cases
from benchmarks.pause_quality.frontiers import cold_at
from benchmarks.pause_quality.goals import ALL, Goal, goals, pooled
from benchmarks.pause_quality.measure import RESUMES, RIVALS, Frontiers, Measured, Noticed, measure
from benchmarks.pause_quality.pictures import draw_frontier, draw_week

SHARES, WEEKS = (5.0, 10.0, 20.0, 30.0), 5


def frontier_table(groups: dict[str, list[Frontiers]]) -> Table:
    """Cold hits in percent at some awake-idle shares, and at the rivals' own."""
    shown = Table("group, traces, gaps", "way", *[f"{share:g} %" for share in SHARES], *RIVALS)
    for name, found in groups.items():
        whole = pooled(found)
        own = [whole[rival][0] for rival in RIVALS]
        for way, points in whole.items():
            cells = [told(cold_at(points, share)) for share in (*SHARES, *[one.awake_share for one in own])]
            shown.add_row(f"{name}, {len(found)}, {own[0].gaps:g}" if way == "one time-out" else "", way, *cells)
        shown.add_row(
            "", "(awake, cold)", *[""] * len(SHARES), *[f"{o.awake_share:.1f}, {o.cold_share:.1f}" for o in own]
        )
    return shown


def noticed_table(whole: dict[str, Noticed]) -> Table:
    """What clients notice at the usual dial, a cluster and month."""
    columns = tuple(next(iter(whole.values())).told(RESUMES[0]))
    shown = Table("resume", "way", *[name.replace("_", " ") for name in columns])
    for seconds in RESUMES:
        for way, noticed in whole.items():
            shown.add_row(f"{seconds:g} s", way, *[f"{value:.2f}" for value in noticed.told(seconds).values()])
    return shown


def goals_table(reached: list[Goal]) -> Table:
    """What was to be reached."""
    shown = Table("what", "goal", "reached", "")
    for goal in reached:
        shown.add_row(goal.what, goal.goal, goal.reached, "met" if goal.met else "missed")
    return shown


def told(cold: float | None) -> str:
    """A percentage, or a dash where no two settings lie to both sides."""
    return "-" if cold is None else f"{cold:.1f}"


def document(groups: dict[str, list[Frontiers]], noticed: dict[str, Noticed]) -> dict[str, object]:
    """All figures."""
    return {
        "groups": {
            name: {way: [asdict(one) for one in points] for way, points in pooled(found).items()}
            for name, found in groups.items()
        },
        "a_cluster_and_month": {
            f"{seconds:g} s": {way: one.told(seconds) for way, one in noticed.items()} for seconds in RESUMES
        },
        "goals": [asdict(goal) for goal in goals(groups)],
    }


def write(folder: Path, found: list[Measured], groups: dict[str, list[Frontiers]], whole: dict[str, Noticed]) -> None:
    """Figures and pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").write_text(json.dumps(document(groups, whole), indent=1))
    for name, results in groups.items():
        draw_frontier(folder, name, pooled(results))
    shown: dict[str, Measured] = {}
    for one in sorted(found, key=lambda one: -len(one.case.starts)):
        if one.usual[one.case.half :].mean() < 0.9:  # one that is hardly ever idle shows nothing
            shown.setdefault(one.case.group, one)
    for number, one in enumerate(list(shown.values())[:WEEKS], start=1):
        draw_week(folder, one, number)


def main() -> None:
    """Measure all, print, draw."""
    groups: dict[str, list[Frontiers]] = defaultdict(list)
    noticed: dict[str, Noticed] = defaultdict(Noticed)
    found = []
    for case in cases(Path(sys.argv[1])):
        one = measure(case)
        found.append(one)
        for group in (case.group, ALL):
            groups[group].append(one.frontiers)
        for way, seen in one.noticed.items():
            noticed[way] += seen
    console = Console(width=170)
    console.print(frontier_table(groups), noticed_table(noticed), goals_table(goals(groups)))
    if len(sys.argv) > 2:
        write(Path(sys.argv[2]), found, groups, noticed)


if __name__ == "__main__":
    main()

"""The protocol of pausing: cold hits against idle hours awake, on a folder of traces that are idle 30 % of the time.

    python -m benchmarks.pause_quality FOLDER [OUT]

Every way to pause knows only what was before; per-trace time-outs are chosen on the first half of each trace, and the
second half is scored. The price of a cold hit is one for all traces, and swept. OUT gets a plot of each group.
"""

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.pause_quality.cases import Case, cases
from benchmarks.pause_quality.frontiers import NOTHING, Count, cold_at, count, lower_hull, switched
from benchmarks.pause_quality.ours import PRICES, planned
from benchmarks.pause_quality.rivals import Awake, hybrid_histogram, prorp, time_out

SHARES = (5.0, 10.0, 20.0, 30.0)
HOURS = (0, 1 / 12, 1 / 6, 0.25, 1 / 3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 24, 48)
TUNING_PRICES = tuple(np.geomspace(0.05, 200.0, 25).tolist())
PRORP = ((0.1, 7.0), (0.1, 1.0), (0.5, 3.0), (0.5, 0.01))
HISTOGRAM = ((0.05, 0.99), (0.1, 0.9), (0.25, 0.75), (0.0, 0.5))
PLAN, MIX, OWN = "plan", "plan or what did better so far", {"ProRP": "ProRP 0.1, 7 h", "histogram": "histogram 5-99 %"}
Frontiers = dict[str, list[Count]]


def measure(case: Case) -> Frontiers:
    """What each way did on the second half, setting by setting."""

    def scored(awake: Awake) -> Count:
        return count(case, awake, begin=case.half, end=len(case.used))

    outs, ours = [time_out(case, hours * 3600.0) for hours in HOURS], planned(case)
    calendar = [prorp(case, confidence=sure, logical_seconds=hours * 3600.0) for sure, hours in PRORP]
    past = [count(case, awake, begin=0, end=case.half) for awake in outs]
    best = [int(np.argmin([one.awake_hours + price * one.cold_hits for one in past])) for price in TUNING_PRICES]
    mixes = [
        switched(case, [awake, *outs, *calendar], price, margin=0.9) for awake, price in zip(ours, PRICES, strict=True)
    ]
    return {
        "one time-out": [scored(awake) for awake in outs],
        "time-out per trace": [scored(outs[number]) for number in best],
        "ProRP": [scored(awake) for awake in calendar],
        "histogram": [scored(hybrid_histogram(case, head=head, tail=tail)) for head, tail in HISTOGRAM],
        PLAN: [scored(awake) for awake in ours],
        MIX: [scored(awake) for awake in mixes],
    }


def pooled(found: list[Frontiers]) -> Frontiers:
    """The sums over traces, setting by setting."""
    return {way: [sum(same, NOTHING) for same in zip(*(one[way] for one in found), strict=True)] for way in found[0]}


def table(groups: dict[str, list[Frontiers]]) -> Table:
    """Cold hits in percent at some awake-idle shares, and at the rivals' own."""
    shown = Table("group, traces, gaps", "way", *[f"{share:g} %" for share in SHARES], *OWN.values())
    for name, found in groups.items():
        whole = pooled(found)
        own = [whole[rival][0] for rival in OWN]
        for way, points in whole.items():
            cells = [told(cold_at(points, share)) for share in (*SHARES, *[one.awake_share for one in own])]
            shown.add_row(f"{name}, {len(found)}, {own[0].gaps:g}" if way == "one time-out" else "", way, *cells)
        shown.add_row(
            "", "(awake, cold)", *[""] * len(SHARES), *[f"{o.awake_share:.1f}, {o.cold_share:.1f}" for o in own]
        )
    return shown


def told(cold: float | None) -> str:
    """A percentage, or a dash where no two settings lie to both sides."""
    return "-" if cold is None else f"{cold:.1f}"


def draw(folder: Path, name: str, whole: Frontiers) -> None:
    """The frontier of each way as a picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 5))
    for way, points in whole.items():
        hull = lower_hull(points)
        axes.plot([one.awake_share for one in hull], [one.cold_share for one in hull], marker=".", label=way)
    axes.set(xlim=(0, 60), ylim=(0, 100), xlabel="idle hours awake, %", ylabel="cold hits, % of gaps", title=name)
    axes.legend()
    figure.savefig(folder / f"{name}.png", dpi=110)
    plt.close(figure)


def main() -> None:
    """Measure all, print one table, draw."""
    groups: dict[str, list[Frontiers]] = defaultdict(list)
    for case in cases(Path(sys.argv[1])):
        found = measure(case)
        for group in (case.group, "all"):
            groups[group].append(found)
    Console(width=150).print(table(groups))
    if len(sys.argv) > 2:
        Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
        for name, results in groups.items():
            draw(Path(sys.argv[2]), name, pooled(results))


if __name__ == "__main__":
    main()

"""The frontier of each group, and a week of some clusters, as pictures."""

from pathlib import Path

import numpy as np

from benchmarks.pause_quality.frontiers import lower_hull
from benchmarks.pause_quality.measure import RIVALS, Frontiers, Measured, prewoken

HOURS_PER_WEEK = 168.0
USED, AWAKE, PAUSED = "#4c78a8", "#f2cf5b", "#d9dde3"


def draw_frontier(folder: Path, name: str, whole: Frontiers) -> None:
    """Cold hits against idle hours awake, one line for each way; the origin is the clairvoyant's."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 5.2), layout="constrained")
    axes = figure.subplots()
    for way, points in whole.items():
        hull = lower_hull(points)
        axes.plot([one.awake_share for one in hull], [one.cold_share for one in hull], marker=".", label=way)
    for rival in RIVALS:
        own = whole[rival][0]
        axes.plot(own.awake_share, own.cold_share, "k*", markersize=9)
        axes.annotate(
            f"{rival}, as published",
            (own.awake_share, own.cold_share),
            fontsize=8,
            xytext=(5, 5),
            textcoords="offset points",
        )
    axes.plot(0, 0, "k+", markersize=12, label="clairvoyant")
    axes.set(xlim=(-1, 62), ylim=(-2, 100), xlabel="idle hours awake, %", ylabel="cold hits, % of gaps", title=name)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(folder / f"frontier-{name}.png", dpi=110)


def draw_week(folder: Path, measured: Measured, number: int) -> None:
    """The last whole week: in use, awake while idle, paused, woken before its use, and met cold; a row a day."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    case, awake = measured.case, measured.usual
    windows = round(HOURS_PER_WEEK * 3600 / case.step_seconds)
    begin, a_day = max(case.half, len(case.used) - windows), windows // 7
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    axes = figure.subplots()
    woken = prewoken(case, awake)
    cold = np.zeros(len(awake), dtype=np.bool_)
    cold[[t for t in case.starts.tolist() if not awake[t]]] = True
    hours = case.step_seconds / 3600.0
    for t in range(begin, len(case.used)):
        day, hour = divmod(t - begin, a_day)
        colour = "white" if np.isnan(case.used[t]) else USED if case.used[t] > 0 else AWAKE if awake[t] else PAUSED
        axes.barh(day, hours, left=hour * hours, color=colour, height=0.7, linewidth=0)
        if woken[t]:
            axes.plot(hour * hours, day, marker="^", color="green", markersize=6)
        if cold[t]:
            axes.plot(hour * hours, day, marker="x", color="red", markersize=7, markeredgewidth=2)
    named = {"in use": USED, "idle, awake": AWAKE, "paused": PAUSED}
    marks = [Patch(color=colour, label=name) for name, colour in named.items()]
    marks += axes.plot([], [], "g^", label="woken before its use") + axes.plot([], [], "rx", label="cold hit")
    axes.set(xlim=(0, 24), xlabel="hours after the first one shown (UTC)", ylabel="day", title=case.name)
    axes.invert_yaxis()
    figure.legend(handles=marks, loc="outside lower center", ncols=5)
    figure.savefig(folder / f"week-{number}.png", dpi=110)

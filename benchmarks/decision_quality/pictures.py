"""The frontiers as pictures: cost against throttled work, each line with its name beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.decision_quality.frontiers import (
    SETS,
    TYPICAL,
    Found,
    Point,
    Set,
    columns_in,
    cost_at,
    frontier,
    optimum,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OPTIMUM, OPTIMUM_COLOUR = "optimum, throttles nothing", "#2e7d32"
# From what leads up to ``auto``, to ``auto``, to what nobody can reach: grey, colours, green.
COLOURS: Mapping[str, str] = {
    "AWS's rule": "#b07aa1",
    "Autopilot-like": "#ff9da7",
    "P-Store-like": "#9c755f",
    "quantile-robust": "#59a14f",
    "static": "#9c9c9c",
    "static + reactive": "#d08b2c",
    "static + reactive + scheduled": "#4e79a7",
    "all, chosen once": "#76b7b2",
    "auto": "#d62728",
    "foresight of 10 min": "#2e7d32",
    OPTIMUM: OPTIMUM_COLOUR,
}
OTHER = "#5f5f5f"
# From an eighth of the budget to sixteen times as much is shown.
SHOWN_BELOW, SHOWN_ABOVE = 8.0, 16.0
# Names that would lie upon each other are moved apart by so much of the height.
LEAST_APART = 0.048


def file_of(one: Set) -> str:
    """The name of a set's picture."""
    return f"{one.name.replace(' + ', '-and-').replace(' ', '-')}.png"


def draw_frontiers(folder: Path, found: Sequence[Found], told: str) -> list[Path]:
    """A picture of each set that has traces; ``told`` stands under the title."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_draw(folder / file_of(one), one, one.of(found), told) for one in SETS if one.of(found)]


def _draw(path: Path, one: Set, members: Sequence[Found], told: str) -> Path:
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    figure = Figure(figsize=(8.4, 4.8), layout="constrained", facecolor="white")
    axes = figure.subplots()
    least, most = one.budget / SHOWN_BELOW, one.budget * SHOWN_ABOVE
    lines = {column: [p for p in frontier(members, column) if p.throttled > 0.0] for column in columns_in(members)}
    costs = [p.cost for points in lines.values() for p in points if least <= p.throttled <= most]
    low, high = min(costs), max(costs)
    for column, points in lines.items():
        axes.plot(
            [p.throttled for p in points],
            [p.cost for p in points],
            color=COLOURS.get(column, OTHER),
            linewidth=2.4 if column == "auto" else 1.5,
            marker="o" if column in ("auto", *TYPICAL) else None,
            markersize=4,
        )
    least_cost = optimum(members)
    if least_cost is not None:
        low = min(low, least_cost)
        axes.axhline(least_cost, color=OPTIMUM_COLOUR, linewidth=0.9, linestyle=":")
    axes.axvline(one.budget, color="#9c9c9c", linewidth=0.9, linestyle="--")
    margin = 0.04 * (high - low)
    axes.set(xscale="log", xlim=(most, least), ylim=(low - margin, high + margin))
    axes.set_xlabel(f"throttled work (budget {one.budget:.1%}); better to the right and down")
    axes.set_ylabel("ACU-hours / reference")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, place: f"{100 * share:g} %"))
    axes.set_title(f"{one.name}: {len(members)} traces\n{told}", fontsize=10, loc="left")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    ends = {column: _end(points, least, one.budget) for column, points in lines.items()}
    _name_lines(axes, {**ends, OPTIMUM: least_cost}, least)
    figure.savefig(path, dpi=100)
    return path


def _end(points: Sequence[Point], least: float, budget: float) -> float | None:
    """The cost at which a line leaves the picture to the right, or its last one, or its cost at the budget."""
    end = cost_at(points, least)
    inside = [p.cost for p in points if p.throttled >= least]
    return end if end is not None else (inside[-1] if inside else cost_at(points, budget))


def _name_lines(axes: "Axes", ends: Mapping[str, float | None], at: float) -> None:
    """Write each line's name beside its end, from the lowest up, none upon another."""
    low, high = axes.get_ylim()
    apart, beside = LEAST_APART * (high - low), low
    for column, cost in sorted(ends.items(), key=lambda end: end[1] or 0.0):
        if cost is None:
            continue
        beside = max(min(cost, high), beside + apart)
        axes.annotate(
            column, (at, beside), xytext=(6, 0), textcoords="offset points", annotation_clip=False,
            color=COLOURS.get(column, OTHER), fontsize=8.5, va="center",
            weight="bold" if column == "auto" else "normal",
        )  # fmt: skip

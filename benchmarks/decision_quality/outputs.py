"""What a run leaves: a table, one picture for each set, and a document for programs."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.decision_quality import goals
from benchmarks.decision_quality.cases import Setting
from benchmarks.decision_quality.frontiers import SETS, Found, Set, columns_in, cost_at, frontier, optimum
from benchmarks.decision_quality.pictures import draw_frontiers

RESULT = "result.json"


def table(found: Sequence[Found], setting: Setting) -> Table:
    """Cost ratios where each frontier meets the budget of each set."""
    columns = columns_in(found)
    drawn = Table("set", "traces", "optimum", *columns, title=f"cost ratio at the budget: {setting.name}")
    for one in SETS:
        members = one.of(found)
        if members:
            row = [cost_at(frontier(members, column), one.budget) for column in columns]
            name = f"{one.name}, throttled ≤ {one.budget:.1%}"
            drawn.add_row(name, str(len(members)), told(optimum(members)), *map(told, row))
    return drawn


def document(found: Sequence[Found], setting: Setting) -> dict[str, object]:
    """The same and every point, for programs."""
    sets = {one.name: _set(one, found) for one in SETS}
    return {"setting": setting.name, "traces": len(found), "sets": sets, "goals": goals.document(found)}


def write(folder: Path, found: Sequence[Found], setting: Setting) -> None:
    """The document and the pictures."""
    text = json.dumps(document(found, setting), indent=1)
    (folder / RESULT).write_text(text + "\n", encoding="utf-8")
    draw_frontiers(folder, found, setting.name)


def told(value: float | None) -> str:
    """A ratio, or a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


def _set(one: Set, found: Sequence[Found]) -> dict[str, object]:
    members = one.of(found)
    if not members:
        return {"traces": 0}
    frontiers = {column: frontier(members, column) for column in columns_in(members)}
    return {
        "traces": len(members),
        "budget": one.budget,
        "optimum": optimum(members),
        "cost": {column: cost_at(points, one.budget) for column, points in frontiers.items()},
        "frontiers": {
            column: [[point.price, point.cost, point.throttled] for point in points]
            for column, points in frontiers.items()
        },
    }

"""The tables of ``docs/results.md``, written from what a run has kept: between markers, so that no figure is typed.

A table stands between ``<!-- NAME -->`` and ``<!-- /NAME -->``; a page holds those it wants.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from autoscaler.errors import InvalidInput
from benchmarks.decision_quality import goals, grid
from benchmarks.decision_quality.cases import Setting
from benchmarks.decision_quality.frontiers import AUTO, SETS, Found, Set, columns_in, cost_at, frontier, optimum
from benchmarks.decision_quality.outputs import told

Rows = list[list[str]]
LOOKED_AT = Path(__file__).parent / "looked_at.txt"


def kept(folder: Path) -> list[Found]:
    """Everything that was kept of the traces of a setting; nothing where it was not run."""
    return [json.loads(one.read_text(encoding="utf-8")) for one in sorted(folder.glob("*.trace.json"))]


def write_tables(page: Path, out: Path, setting: Setting, *, at: str) -> list[str]:
    """Renew the tables of a page that have something new to say; their names.

    Raises:
        InvalidInput: a table begins on the page and does not end.
    """
    text, written = page.read_text(encoding="utf-8"), []
    for name, body in tables(out, setting, at=at).items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if begin not in text:
            continue
        before, rest = text.split(begin, 1)
        if end not in rest:
            raise InvalidInput(f"{page} has {begin} and no {end} after it")
        text = f"{before}{begin}\n\n{body}\n\n{end}{rest.split(end, 1)[1]}"
        written.append(name)
    page.write_text(text, encoding="utf-8")
    return written


def tables(out: Path, setting: Setting, *, at: str) -> dict[str, str]:
    """The tables that what was kept in ``out`` is enough for, by their names."""
    found, grid_file = kept(out / setting.name), out / grid.RESULT
    across = json.loads(grid_file.read_text(encoding="utf-8")) if grid_file.is_file() else None
    linear = kept(out / replace(setting, interpolation="linear").name)
    made = {}
    if found:
        made["sets"] = f"{_stamp(found, setting, at)}\n\n{sets(found)}"
        made["goals"] = goals_reached(found, linear, across)
        made["shapes"] = shapes(found)
    if unseen := held_out(found):
        made["sets held out"] = sets(unseen)
    if linear:
        made["sets linear"] = f"{_stamp(linear, replace(setting, interpolation='linear'), at)}\n\n{sets(linear)}"
    if across is not None:
        made["grid"] = cells(across, at)
    return made


def held_out(found: Sequence[Found]) -> list[Found]:
    """Those of families that nobody looked at while the planner was found; nothing where that is all of them."""
    looked_at = set(LOOKED_AT.read_text(encoding="utf-8").splitlines())
    unseen = [one for one in found if one["family"] not in looked_at]
    return unseen if len(unseen) < len(found) else []


def commit_and_date(commit: str) -> str:
    """A commit, such as HEAD, with its day.

    Raises:
        InvalidInput: git knows no such commit.
    """
    asked = ["git", "log", "-1", "--format=%h %cd", "--date=format:%e %B %Y", commit]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - git and words of ours
    if answer.returncode != 0:
        raise InvalidInput(f"git knows no commit {commit!r}: {answer.stderr.strip()}")
    name, day = answer.stdout.strip().split(maxsplit=1)
    return f"{day}, commit {name}"


def sets(found: Sequence[Found]) -> str:
    """What every column costs where it meets the budget of each set."""
    rows, columns = [], columns_in(found)
    for one in SETS:
        members = one.of(found)
        if members:
            costs = [cost_at(frontier(members, column), one.budget) for column in columns]
            told_costs = [
                f"**{told(cost)}**" if c == AUTO else told(cost) for c, cost in zip(columns, costs, strict=True)
            ]
            gap = _share(goals.gap_closed(members, one.budget))
            rows.append([f"{one.name}, {one.budget:.1%}", str(len(members)), told(optimum(members)), *told_costs, gap])
    names = [f"**{column}**" if column == AUTO else column for column in columns]
    return _table(["set, throttled ≤", "traces", "optimum", *names, "gap closed"], rows)


def shapes(found: Sequence[Found]) -> str:
    """Cost and priced throttling by shape."""
    rows = [
        [shape.replace("_", " "), str(count), f"{rival:.3f}", f"{ours:.3f}"]
        for shape, (count, rival, ours) in goals.by_shape(found).items()
    ]
    return _table(["shape", "traces", "best of static, reactive, scheduled", "auto"], rows)


def cells(across: Mapping[str, Any], at: str) -> str:
    """Every cell, and the verdict over all of them."""
    prices = [f"price {price:g}" for price in across["prices"]]
    rows = [
        [
            f"{one['peak_acu']:g}",
            "4" if one["profile"].endswith("4") else "2",
            one["interpolation"],
            "at once" if one["floor_jumps"] else "bucket",
            f"{one['delay_seconds']:g} s",
            *[
                f"{rival:.3f} / {ours:.3f} ({0.0 - saved:+.1%})"
                for rival, ours, saved in zip(one["best_of_three"], one["auto"], one["saved"], strict=True)
            ],
        ]
        for one in across["cells"]
    ]
    drawn = _table(["peak", "platform", "between", "floor", "delay", *prices], rows)
    verdict = grid.told(grid.Verdict(**across["verdict"]), len(rows))
    return f"{at}, {len(across['traces'])} traces; {verdict}.\n\n{drawn}"


def goals_reached(found: Sequence[Found], linear: Sequence[Found], across: Mapping[str, Any] | None) -> str:
    """The goals, and beside each what is reached where demand is linear between two samples."""
    rows = goal_rows(found, across)
    if not linear:
        return _table(["goal", "reached", ""], rows)
    beside = zip_longest(rows, goal_rows(linear, None), fillvalue=["", "–", ""])
    return _table(["goal", "reached", "", "linear", ""], [[*one, *other[1:]] for one, other in beside])


def goal_rows(found: Sequence[Found], across: Mapping[str, Any] | None) -> Rows:
    """Each goal, what was reached, and whether that is enough."""
    whole, calm, weekly, bursty = SETS
    harmed = goals.harmed(found)
    rows = [
        _at_least("gap between static + reactive and foresight closed, all, 0.5 %", _gap(found, whole), 0.75),
        *_below(found, whole, (0.30, 0.20, 0.13)),
        *_below(found, weekly, (0.38, 0.35)),
        *_below(found, bursty, (0.48, 0.35)),
        _at_least(
            "at native cost + 5 %, idle ones left out: less throttled than native",
            goals.less_throttled_at_native_cost(found),
            0.90,
        ),
        _at_least(
            "one setting of plans for all, below one reactive setting for all, all, 0.5 %",
            goals.one_setting_saves(found, whole),
            0.22,
        ),
        *[
            _at_most(
                f"left alone meets the budget: extra cost, {one.name}",
                goals.extra_cost_where_left_alone_is_enough(found, one),
                0.003,
            )
            for one in (whole, calm)
        ],
        _at_most("worse off than left alone by more than 0.1 %, price 64", len(harmed) / len(found), 0.01),
        *[
            _at_most(
                f"throttled share of the worst 5 % of clusters, {one.name}",
                goals.throttled_by_the_worst(found, one),
                0.01,
            )
            for one in (whole, calm)
        ],
    ]
    if across is not None:
        verdict = across["verdict"]
        met = verdict["worst"] <= grid.TOLERANCE and verdict["low"] > 0.0
        reached = grid.told(grid.Verdict(**verdict), len(across["cells"]))
        rows.append(["every cell: never worse by more than 0.5 %, interval above 0", reached, _met(met)])
    return rows


def _gap(found: Sequence[Found], one: Set) -> float | None:
    return goals.gap_closed(one.of(found), one.budget)


def _below(found: Sequence[Found], one: Set, least: Sequence[float]) -> Rows:
    rows, members = [], one.of(found)
    for rival, share in zip(goals.RIVALS, least, strict=False):
        gain = goals.gain_over(members, one.budget, rival) if members else None
        what = f"{one.name}, {one.budget:.1%}: below {rival}"
        row = _at_least(what, None if gain is None else gain.share, share)
        if gain is not None and gain.low is not None and gain.high is not None:
            row[1] += f" ({gain.low:.0%} to {gain.high:.0%})"
        rows.append(row)
    return rows


def _at_least(what: str, reached: float | None, least: float) -> list[str]:
    return [f"{what}: ≥ {least:.0%}", _share(reached), _met(reached is not None and reached >= least)]


def _at_most(what: str, reached: float | None, most: float) -> list[str]:
    told_share = "–" if reached is None else f"{reached:.2%}"
    return [f"{what}: ≤ {most:.1%}", told_share, _met(reached is not None and reached <= most)]


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _stamp(found: Sequence[Found], setting: Setting, at: str) -> str:
    return (
        f"{at}: {len(found)} traces, peak {setting.peak_acu:g} ACU, `{setting.profile}`, interpolation "
        f"`{setting.interpolation}`, metric delay {setting.delay_seconds:g} s."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

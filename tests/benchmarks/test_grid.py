"""Every cell of the protocol, and what is written of a run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoscaler.errors import InvalidInput
from benchmarks.decision_quality.__main__ import QUICK_SETTING
from benchmarks.decision_quality.cases import Case, Setting, generated, of_each_shape
from benchmarks.decision_quality.frontiers import SETS
from benchmarks.decision_quality.goals import one_setting_saves
from benchmarks.decision_quality.grid import PRICES, Cell, cell_of, cells, document, judge, row, told
from benchmarks.decision_quality.markdown import (
    LOOKED_AT,
    commit_and_date,
    goals_reached,
    held_out,
    tables,
    write_tables,
)
from benchmarks.decision_quality.measure import measure, measure_rivals


def cell(*autos: float) -> Cell:
    """Two traces that cost 10 left alone and 8 by the best of three, and so much by ``auto`` at any price."""
    costs = [[[10.0, 10.0], [8.0, 8.0], list(autos)]] * len(PRICES)
    return Cell(setting=Setting(), costs=np.array(costs))


def test_there_are_forty_eight_cells_and_all_differ() -> None:
    assert len({one.name for one in cells()}) == 48


def test_a_cell_is_worse_beyond_half_a_percent() -> None:
    verdict = judge([cell(8.0, 8.0), cell(8.0, 8.05), cell(8.0, 8.2)], ["a", "b"])
    assert verdict.worse == {"16": 1, "64": 1, "256": 1, "any": 1}
    assert verdict.worst == pytest.approx(0.2 / 16)
    assert verdict.saved == pytest.approx(-(0.05 + 0.2) / 16 / 3)
    assert verdict.low <= verdict.saved <= verdict.high


def test_a_verdict_and_a_cell_are_told_in_words() -> None:
    verdict = judge([cell(6.0, 6.0)], ["a", "b"])
    assert told(verdict, 1).startswith(
        "auto is cheaper by 25.0% on the average (25.0% to 25.0%); worse by more than 0.5%"
    )
    assert row(cell(6.0, 6.0))[-1] == "0.800 / 0.600 (-25.0%)"


def test_of_each_shape_come_different_families_first() -> None:
    shapes = [("flat", "a"), ("flat", "a"), ("flat", "b"), ("weekly", "c")]
    cases = [Case(name=str(place), shape=shape, family=family) for place, (shape, family) in enumerate(shapes)]
    taken = of_each_shape(cases, 2)
    assert [(one.shape, one.family) for one in taken][2:] == [("weekly", "c")]
    assert {one.family for one in taken if one.shape == "flat"} == {"a", "b"}


def test_an_unknown_commit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="git knows no commit 'nonsense'"):
        commit_and_date("nonsense")


@pytest.mark.slow
def test_rivals_alone_come_out_as_they_do_with_everything() -> None:
    case = generated()[0]
    whole, some = measure(case, QUICK_SETTING), measure_rivals(case, QUICK_SETTING, prices=(64.0,))
    assert isinstance(whole["auto"], dict)
    assert isinstance(whole["families"], dict)
    assert some["auto"] == {"64.0": whole["auto"]["64.0"]}
    assert some["families"] == {
        name: whole["families"][name] for name in ("left alone", "static", "reactive", "scheduled")
    }


@pytest.mark.slow
def test_a_page_gets_the_tables_it_asks_for(tmp_path: Path) -> None:
    found = [json.loads(json.dumps({**measure(case, QUICK_SETTING), "shape": "flat"})) for case in generated()[:2]]
    folder = tmp_path / QUICK_SETTING.name
    folder.mkdir()
    for place, one in enumerate(found):
        (folder / f"{place}.trace.json").write_text(json.dumps(one), encoding="utf-8")
    rivals = [json.loads(json.dumps(measure_rivals(case, QUICK_SETTING, prices=PRICES))) for case in generated()[:2]]
    by_cell = [cell_of(QUICK_SETTING, rivals)]
    written = document(by_cell, judge(by_cell, ["a", "b"]), generated()[:2])
    (tmp_path / "grid.json").write_text(json.dumps(written), encoding="utf-8")
    made = tables(tmp_path, QUICK_SETTING, at="today")
    assert list(made) == ["sets", "goals", "shapes", "grid"]
    assert "| linear |" not in made["goals"]
    assert "| linear |" in goals_reached(found, found[:1], None)
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- goals -->\nold\n<!-- /goals -->\nafter\n", encoding="utf-8")
    assert write_tables(page, tmp_path, QUICK_SETTING, at="today") == ["goals"]
    assert page.read_text(encoding="utf-8") == f"before\n<!-- goals -->\n\n{made['goals']}\n\n<!-- /goals -->\nafter\n"
    assert one_setting_saves(found, replace(SETS[0], budget=1.0)) == pytest.approx(0.0, abs=0.05)


def test_held_out_is_whatever_family_was_not_looked_at() -> None:
    looked_at = LOOKED_AT.read_text(encoding="utf-8").splitlines()[-1]
    both = [{"family": looked_at}, {"family": "another"}]
    assert held_out(both) == both[1:]
    assert held_out(both[1:]) == []


def test_a_table_that_does_not_end_is_refused(tmp_path: Path) -> None:
    cases = [Case(name=name, shape="flat", family=name) for name in ("a", "b")]
    written = document([cell(8, 8)], judge([cell(8, 8)], ["a", "b"]), cases)
    (tmp_path / "grid.json").write_text(json.dumps(written), encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text("<!-- grid -->", encoding="utf-8")
    with pytest.raises(InvalidInput, match="and no <!-- /grid --> after it"):
        write_tables(page, tmp_path, Setting(), at="today")

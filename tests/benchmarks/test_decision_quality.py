"""The protocol's arithmetic, and that one scenario goes through it from end to end."""

import json
from pathlib import Path

import pytest

from autoscaler.errors import InvalidInput
from benchmarks.decision_quality.__main__ import GOLDEN, QUICK_BUDGETS, QUICK_SETTING, quick_costs, worse
from benchmarks.decision_quality.cases import generated, recorded
from benchmarks.decision_quality.frontiers import AUTO, COLUMNS, GROUPS, TYPICAL, Point, cost_at, frontier
from benchmarks.decision_quality.measure import measure
from benchmarks.decision_quality.outputs import RESULT, write

POINTS = [Point(0.0, 1.0, 0.1), Point(1.0, 2.0, 0.01), Point(2.0, 3.0, 0.001)]


@pytest.mark.parametrize(
    ("budget", "cost"),
    [(0.2, 1.0), (0.01, 2.0), (10**-2.5, 2.5), (0.0001, None)],
)
def test_a_frontier_meets_a_budget_between_its_points(budget: float, cost: float | None) -> None:
    assert cost_at(POINTS, budget) == (None if cost is None else pytest.approx(cost))


def test_a_cost_that_is_one_percent_higher_or_gone_is_worse() -> None:
    kept = {"0.01": 1.0, "0.001": 2.0, "0.0001": None}
    assert worse({"0.01": 1.009, "0.001": 1.9, "0.0001": None}, kept) == []
    assert worse({"0.01": 1.02, "0.001": None, "0.0001": 3.0}, kept) == ["0.01", "0.001"]


def test_the_kept_costs_are_those_of_the_quick_budgets() -> None:
    assert list(json.loads(GOLDEN.read_text(encoding="utf-8"))) == [f"{budget:g}" for budget in QUICK_BUDGETS]


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"holds no manifest\.csv"):
        recorded(tmp_path)


@pytest.mark.slow
def test_a_scenario_goes_through_the_protocol(tmp_path: Path) -> None:
    found = [measure(generated()[0], QUICK_SETTING)]
    found = json.loads(json.dumps(found))
    write(tmp_path, found, QUICK_SETTING)
    result = json.loads((tmp_path / RESULT).read_text(encoding="utf-8"))
    assert set(result["sets"]["all"]["cost"]) == set(COLUMNS)
    assert (tmp_path / "all.png").stat().st_size > 10_000
    for column in TYPICAL:
        assert len(frontier(found, column)) == 1
    for column in (*GROUPS, AUTO):
        points = frontier(found, column)
        assert points[0].cost <= min(point.cost for point in points) + 1e-9  # nothing is cheaper than left alone


@pytest.mark.slow
def test_auto_costs_no_more_on_the_scenarios_than_is_kept() -> None:
    """The guard of quality; what is better is kept by ``python -m benchmarks.decision_quality --quick --update``."""
    found = json.loads(json.dumps([measure(case, QUICK_SETTING) for case in generated()]))
    costs = quick_costs(found)
    assert worse(costs, json.loads(GOLDEN.read_text(encoding="utf-8"))) == [], costs

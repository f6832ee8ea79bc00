"""Several policies side by side: who is best, and the page that shows it."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.backtest.compare import Comparison, compare
from autoscaler.backtest.reports.side_by_side import comparison_report
from autoscaler.backtest.request import Request
from autoscaler.backtest.traces import write_trace
from autoscaler.errors import InvalidInput
from tests.backtest.builders import make_trace
from tests.backtest.test_report import Page
from tests.fakes import MONDAY

BUSY = [1.0, 3.0, 12.0, 0.5, 0.0, 0.0, 7.5, 20.0, 1.0]


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("compare")
    write_trace(make_trace(BUSY * 3, step_seconds=300.0), folder / "load.csv")
    (folder / "big.yaml").write_text("policy: native\nsettings: {floor_acu: 24}", encoding="utf-8")
    request = Request(trace=str(folder / "load.csv"), policy="", max_acu=32.0)
    return compare(request, ["native", "reactive", str(folder / "big.yaml")], now=lambda: MONDAY)


def test_the_best_is_the_lowest_and_nobody_where_all_are_alike(comparison: Comparison) -> None:
    assert comparison.best("acu_hours") == {"native"}
    assert comparison.best("throttled_work_fraction") == {"big"}
    assert comparison.best("cold_hits") == set()


def test_priced_acu_hours_weigh_cost_against_throttling(comparison: Comparison) -> None:
    native, _, big = comparison.entries

    assert big.priced_acu_hours == big.outcome.summary.acu_hours
    assert native.priced_acu_hours > native.outcome.summary.acu_hours


def test_all_runs_share_reference_and_optimum(comparison: Comparison) -> None:
    summaries = [entry.outcome.summary for entry in comparison.entries]

    assert len({(summary.reference_acu_hours, summary.optimum_acu_hours) for summary in summaries}) == 1


def test_the_report_shows_everybody_on_one_page(comparison: Comparison) -> None:
    html = comparison_report(comparison)
    page = Page(html)

    assert page.open == []
    assert "://" not in html
    assert {value for name, value in page.attributes if name == "href"} == {
        f"{name}/report.html" for name in ("native", "reactive", "big")
    }
    assert all(f">{name}</text>" in html for name in ("native", "reactive", "big", "optimum"))
    assert "autoscaler compare" in html


def test_runs_without_any_work_still_make_a_page(tmp_path: Path) -> None:
    write_trace(make_trace([0.0] * 4), tmp_path / "idle.csv")
    request = Request(trace=str(tmp_path / "idle.csv"), policy="", min_acu=0.0)
    found = compare(request, ["native", "reactive"], now=lambda: MONDAY)

    assert Page(comparison_report(found)).open == []


def test_a_mistake_is_told_before_anything_runs(tmp_path: Path) -> None:
    request = Request(trace="scenario:analytics", policy="")
    with pytest.raises(InvalidInput, match="no policy named 'x'"):
        compare(request, ["native", "x"], now=lambda: MONDAY, out=tmp_path / "out")
    with pytest.raises(InvalidInput, match="no scenario named 'x'"):
        compare(replace(request, trace="scenario:x"), ["native"], now=lambda: MONDAY, out=tmp_path / "out")

    assert not (tmp_path / "out").exists()

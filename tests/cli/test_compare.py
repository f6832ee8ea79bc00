"""`autoscaler compare`: several policies in one table and one report."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, write

POLICIES = ("--policies", "native,reactive")


def test_the_table_has_a_column_for_each_policy_and_both_bounds(cli: Cli, load: Path) -> None:
    done = cli("compare", load, *POLICIES)
    head = next(line for line in done.out.splitlines() if "native" in line)

    assert (done.code, done.err) == (0, "")
    assert head.split() == ["native", "reactive", "optimum", "reference"]
    assert all(word in done.out for word in ("cost ratio", "ACU-hours", "USD", "work throttled", "priced"))


def test_json_has_a_run_for_each_policy(cli: Cli, load: Path) -> None:
    done = cli("compare", load, *POLICIES, "--throttling-price", "7", "-o", "json")
    told = json.loads(done.out)

    assert done.err == ""
    assert [run["policy"] for run in told["runs"]] == ["native", "reactive"]
    assert told["throttling_price"] == 7
    for run in told["runs"]:
        work = sum((1, 2, 4, 8, 6, 3, 2, 1, 0, 0, 0, 0, 1, 5, 9, 4)) * 300 / 3600
        throttled_acu_hours = run["throttled_work_fraction"] * work
        assert run["priced_acu_hours"] == pytest.approx(run["acu_hours"] + 7 * throttled_acu_hours)


def test_each_run_is_what_a_backtest_of_its_own_would_be(cli: Cli, load: Path) -> None:
    of_all = json.loads(cli("compare", load, *POLICIES, "--min-acu", "2", "-o", "json").out)["runs"][1]
    alone = json.loads(cli("backtest", load, "--policy", "reactive", "--min-acu", "2", "-o", "json").out)

    assert {key: of_all[key] for key in alone if key != "wall_seconds"} == {
        key: value for key, value in alone.items() if key != "wall_seconds"
    }


def test_files_compare_with_names_and_names_may_repeat(cli: Cli, load: Path, tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.yaml", "policy: native", "settings: {floor_acu: 4}")
    told = json.loads(cli("compare", load, "--policies", f"native,{mine},native", "-o", "json").out)

    assert [run["name"] for run in told["runs"]] == ["native", "mine", "native-2"]
    assert told["best"]["acu_hours"] == ["native", "native-2"]


def test_a_folder_gets_the_report_the_numbers_and_every_run(cli: Cli, load: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    printed = cli("compare", load, *POLICIES, "--out", out, "-o", "json").out

    assert sorted(path.name for path in out.iterdir()) == ["comparison.json", "native", "reactive", "report.html"]
    assert json.loads((out / "comparison.json").read_text(encoding="utf-8")) == json.loads(printed)
    for name in ("native", "reactive"):
        assert (out / name / "report.html").exists()
        assert f'href="{name}/report.html"' in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_processes_of_their_own_come_to_the_same(cli: Cli) -> None:
    words = ("scenario:online-gaming", "--end", "2026-01-10", "-o", "json")  # long enough to be worth two processes
    told = json.loads(cli("compare", *words, *POLICIES).out)
    alone = [json.loads(cli("backtest", *words, "--policy", name).out) for name in ("native", "reactive")]

    assert [run["acu_hours"] for run in told["runs"]] == [run["acu_hours"] for run in alone]
    assert [run["range_changes"] for run in told["runs"]] == [run["range_changes"] for run in alone]

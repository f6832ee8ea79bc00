"""`autoscaler backtest`: what it prints and writes."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, write

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = ["decisions.jsonl", "report.html", "summary.json", "ticks.csv"]


def ticks(folder: Path) -> list[dict[str, str]]:
    with (folder / "ticks.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_json_is_one_document_and_nothing_else(cli: Cli, load: Path) -> None:
    done = cli("backtest", load, "--policy", "native", "-o", "json")

    assert (done.code, done.err) == (0, "")
    assert list(json.loads(done.out)) == json.loads((GOLDEN / "summary_keys.json").read_text(encoding="utf-8"))


def test_the_table_tells_cost_and_throttling(cli: Cli, load: Path) -> None:
    done = cli("backtest", load, "--policy", "reactive")

    assert (done.code, done.err) == (0, "")
    assert all(word in done.out for word in ("reactive", "aurora-v2", "ACU-hours", "cost ratio", "throttled"))


def test_a_folder_gets_all_files_and_the_same_summary(cli: Cli, load: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "new" / "folder"
    done = cli("backtest", load, "--policy", "reactive", "--out", folder, "-o", "json")

    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8")) == json.loads(done.out)


def test_without_a_folder_nothing_is_written(
    cli: Cli, load: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    cli("backtest", load, "--policy", "native")

    assert list(elsewhere.iterdir()) == []


def test_the_summary_names_what_was_given(cli: Cli, load: Path, tmp_path: Path) -> None:
    policy = write(tmp_path / "careful.yaml", "policy: reactive", "settings: {target_utilization: 0.5}")
    cluster = write(tmp_path / "orders.yaml", "name: the-orders", "profile: sized-15s")
    told = json.loads(cli("backtest", load, "--policy", policy, "--cluster", cluster, "-o", "json").out)

    assert (told["policy"], told["cluster"], told["trace"]) == ("careful", "the-orders", str(load))
    assert (told["start"], told["end"], told["steps"]) == ("2026-03-02T00:00:00Z", "2026-03-02T01:20:00Z", 320)


@pytest.mark.parametrize(
    ("options", "largest"),
    [((), 9.0), (("--acu-per-unit", "2"), 18.0), (("--peak-acu", "4", "--quantile", "1"), 4.0)],
)
def test_the_trace_is_scaled(cli: Cli, load: Path, tmp_path: Path, options: tuple[str, ...], largest: float) -> None:
    cli("backtest", load, "--policy", "native", "--out", tmp_path / "out", *options)

    assert max(float(row["demand_acu"]) for row in ticks(tmp_path / "out")) == pytest.approx(largest)


def test_another_column_can_be_chosen(cli: Cli, load: Path, tmp_path: Path) -> None:
    words = ("--column", "qps", "--acu-per-unit", "0.01")
    cli("backtest", load, "--policy", "native", "--out", tmp_path / "out", *words)

    assert max(float(row["demand_acu"]) for row in ticks(tmp_path / "out")) == pytest.approx(9.0)


def test_scoring_can_start_later(cli: Cli, load: Path, tmp_path: Path) -> None:
    cli("backtest", load, "--policy", "native", "--out", tmp_path / "out", "--score-from", "2026-03-02T01:00")
    rows = ticks(tmp_path / "out")

    scored = [row["timestamp"] for row in rows if row["scored"] == "true"]

    assert (len(scored), scored[0]) == (80, "2026-03-02T01:00:00Z")


def test_limits_and_a_minimum_of_zero_lets_it_pause(cli: Cli) -> None:
    words = ("scenario:development-test", "--policy", "native", "--end", "2026-01-06", "-o", "json")
    awake = json.loads(cli("backtest", *words).out)
    pausing = json.loads(cli("backtest", *words, "--min-acu", "0", "--max-acu", "8").out)

    assert awake["paused_hours"] == 0
    assert pausing["paused_hours"] > 12
    assert pausing["acu_hours"] < awake["acu_hours"]


def test_an_exported_scenario_replays_as_the_scenario_itself(cli: Cli, tmp_path: Path) -> None:
    exported = tmp_path / "load.csv.gz"
    cli("scenarios", "export", "online-gaming", "--days", "1", "--seed", "3", "--out", exported)
    of_file = json.loads(cli("backtest", exported, "--policy", "reactive", "--seed", "3", "-o", "json").out)
    words = ("scenario:online-gaming", "--end", "2026-01-06", "--seed", "3", "--policy", "reactive", "-o", "json")
    of_scenario = json.loads(cli("backtest", *words).out)

    for told in (of_file, of_scenario):
        del told["trace"], told["wall_seconds"]
    assert of_file == of_scenario


def test_two_runs_tell_the_same(cli: Cli, load: Path) -> None:
    first, second = (json.loads(cli("backtest", load, "--policy", "reactive", "-o", "json").out) for _ in "ab")

    assert {**first, "wall_seconds": 0} == {**second, "wall_seconds": 0}

"""The files of a run: whole or not at all, and what they say adds up."""

import csv
import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.backtest.job import perform
from autoscaler.backtest.outputs import OutputFolder
from autoscaler.backtest.request import Request
from autoscaler.backtest.traces import write_trace
from autoscaler.core.capacity import Phase
from autoscaler.core.decision import Decision
from autoscaler.core.plain import to_plain
from autoscaler.errors import InvalidInput
from tests.backtest.builders import START, make_trace
from tests.fakes import MONDAY, make_range

GOLDEN = Path(__file__).parents[1] / "golden"
BUSY = (1.0, 3.0, 12.0, 0.5, 0.0, 0.0, 7.5)

demands = st.lists(st.floats(0, 40), min_size=2, max_size=40)


class Ran:
    """The files of one run, read back."""

    def __init__(self, folder: Path, demand: list[float], *, without: tuple[int, ...] = (), **options: Any) -> None:
        trace = folder / "load.csv"
        write_trace(make_trace(demand, step_seconds=300.0, without=without), trace)
        out = folder / "out"
        perform(Request(trace=str(trace), **{"policy": "reactive", **options}), now=lambda: MONDAY, out=out)
        with (out / "ticks.csv").open(encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.scored = [row for row in self.rows if row["scored"] == "true"]
        self.summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        self.decisions = [json.loads(line) for line in (out / "decisions.jsonl").read_text("utf-8").splitlines()]

    def total(self, column: str) -> float:
        """Over the scored rows."""
        return sum(float(row[column]) for row in self.scored)


def at(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["timestamp"])


def test_the_header_is_the_one_others_rely_on(tmp_path: Path) -> None:
    Ran(tmp_path, list(BUSY))
    header = (tmp_path / "out" / "ticks.csv").read_text(encoding="utf-8").splitlines(keepends=True)[0]

    assert header == (GOLDEN / "ticks_header.csv").read_text(encoding="utf-8")


@given(demand=demands, min_acu=st.sampled_from([0.0, 0.5, 4.0]), hole=st.integers(1, 40), later=st.booleans())
@settings(max_examples=25)
def test_the_rows_add_up_to_the_summary(demand: list[float], min_acu: float, hole: int, later: bool) -> None:
    with TemporaryDirectory() as folder:
        ran = Ran(
            Path(folder),
            demand,
            without=(hole,) if hole < len(demand) - 1 else (),
            min_acu=min_acu,
            score_from=START + timedelta(seconds=300) if later else None,
        )
    step_seconds = 15.0
    arriving = ran.total("demand_acu") * step_seconds

    assert ran.summary["acu_hours"] == pytest.approx(ran.total("capacity_acu") * step_seconds / 3600, rel=1e-12)
    if arriving > 0:
        throttled = ran.total("throttled_acu_seconds") / arriving
        assert ran.summary["throttled_work_fraction"] == pytest.approx(throttled, rel=1e-9, abs=1e-15)
    else:
        assert ran.summary["throttled_work_fraction"] is None


@given(demand=demands)
@settings(max_examples=10)
def test_rows_follow_each_other_from_the_start_to_the_end(demand: list[float]) -> None:
    with TemporaryDirectory() as folder:
        ran = Ran(Path(folder), demand)
    moments = [at(row) for row in ran.rows]

    assert {after - before for before, after in pairwise(moments)} == {timedelta(seconds=15)}
    assert len(moments) == ran.summary["steps"]
    assert moments[0] == datetime.fromisoformat(ran.summary["start"]) == START
    assert moments[-1] + timedelta(seconds=15) == datetime.fromisoformat(ran.summary["end"])


def test_work_that_arrives_is_served_throttled_or_still_waiting(tmp_path: Path) -> None:
    ran = Ran(tmp_path, list(BUSY), policy="native", max_acu=4.0)
    backlog = 0.0
    for row in ran.rows:
        arriving = float(row["demand_acu"]) * 15
        carried, backlog = backlog, float(row["backlog_acu_seconds"])
        assert float(row["served_acu_seconds"]) <= carried + arriving + 1e-9
        assert backlog <= carried + float(row["throttled_acu_seconds"]) + 1e-9

    assert ran.total("throttled_acu_seconds") > 0


def test_a_gap_is_simulated_but_not_scored(tmp_path: Path) -> None:
    ran = Ran(tmp_path, list(BUSY), without=(2, 3))
    unscored = [row for row in ran.rows if row["scored"] == "false"]

    assert [at(unscored[0]), at(unscored[-1])] == [START + timedelta(seconds=s) for s in (600, 1200 - 15)]
    assert {row["demand_acu"] for row in unscored} == {"3.0"}


def test_phases_have_their_names(tmp_path: Path) -> None:
    ran = Ran(tmp_path, [1.0, 0.0, 0.0, 0.0, 0.0, 2.0], policy="native", min_acu=0.0)
    phases = {row["phase"] for row in ran.rows}

    assert phases <= {phase.value for phase in Phase}
    assert {"available", "paused", "resuming"} <= phases


def test_fine_steps_are_told_apart(tmp_path: Path) -> None:
    ran = Ran(tmp_path, [1.0, 2.0], step_seconds=0.5, decide_seconds=60.0)

    assert [row["timestamp"] for row in ran.rows[:2]] == ["2026-03-02T00:00:00.000Z", "2026-03-02T00:00:00.500Z"]


def test_every_decision_has_its_line_no_ops_included(tmp_path: Path) -> None:
    ran = Ran(tmp_path, list(BUSY))
    minutes = 5 * len(BUSY)

    assert [datetime.fromisoformat(line["at"]) for line in ran.decisions] == [
        START + timedelta(minutes=minute) for minute in range(minutes)
    ]
    assert list(ran.decisions[0]) == ["at", "cluster_id", "before", "wish", "after", "reason", "steps"]
    assert sum(line["before"] != line["after"] for line in ran.decisions) == ran.summary["range_changes"] > 0


def test_a_run_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    with OutputFolder(tmp_path) as outputs:
        outputs.write_json("summary.json", {"run": 1})

    def fail() -> None:
        with OutputFolder(tmp_path) as outputs:
            outputs.write_text("report.html", "half a rep")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [(path.name, json.loads(path.read_text("utf-8"))) for path in tmp_path.iterdir()] == [
        ("summary.json", {"run": 1})
    ]


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with OutputFolder(tmp_path) as outputs:
        outputs.write_json("summary.json", {})

    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "summary.json"]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match=r"--out .*file/inner cannot be written"):
        OutputFolder(tmp_path / "file" / "inner")


def test_a_decision_is_written_in_its_plain_form(tmp_path: Path) -> None:
    decision = Decision(
        at=MONDAY,
        cluster_id="orders",
        before=make_range(1, 8),
        wish=make_range(2, 8, 300),
        after=make_range(2, 8),
        reason="it is a test",
        steps=(),
    )
    with OutputFolder(tmp_path) as outputs:
        outputs.write_decision(decision)

    assert json.loads((tmp_path / "decisions.jsonl").read_text("utf-8")) == to_plain(decision)

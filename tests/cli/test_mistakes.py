"""Mistakes end with one clear line on standard error and exit code 2."""

from pathlib import Path

import pytest

from tests.cli.conftest import Cli, write

LOAD = ("backtest", "load.csv", "--policy", "native")
FILES = {
    "unordered.csv": ("timestamp,acu", "2026-03-02T00:05:00Z,1", "2026-03-02T00:00:00Z,2"),
    "repeated.csv": ("timestamp,acu", "2026-03-02T00:05:00Z,1", "2026-03-02T00:05:00Z,2"),
    "empty.csv": ("timestamp,acu",),
    "words.csv": ("timestamp,acu", "2026-03-02T00:00:00Z,many"),
    "unknown.yaml": ("policy: reactive", "speed: 3"),
    "settings.yaml": ("policy: reactive", "settings: {speed: 3}"),
    "broken.yaml": ("policy: [",),
    "cluster.yaml": ("profile: aurora-v9",),
}
MISTAKES = {
    "no such command": (("frobnicate",), "No such command 'frobnicate'"),
    "no trace": (("backtest",), "Missing argument 'TRACE'. See: autoscaler backtest --help"),
    "no policy": (("backtest", "load.csv"), "Missing option '--policy'"),
    "no such option": ((*LOAD, "--fast"), "No such option: --fast"),
    "missing file": (("backtest", "gone.csv", "--policy", "native"), "no trace file gone.csv"),
    "missing scenario": (("backtest", "scenario:x", "--policy", "native"), "there are: analytics, development-test"),
    "missing policy": (("backtest", "load.csv", "--policy", "x"), "there are: always-just-enough, auto, daily"),
    "missing policy file": (("backtest", "load.csv", "--policy", "x.yaml"), "no file x.yaml"),
    "missing cluster": ((*LOAD, "--cluster", "x"), "there are: aurora-v1, aurora-v2"),
    "missing profile": ((*LOAD, "--cluster", "cluster.yaml"), "no cluster profile named 'aurora-v9'"),
    "bad column": ((*LOAD, "--column", "x"), "has no column 'x'; it has: acu, qps"),
    "column of a scenario": (
        ("backtest", "scenario:analytics", "--policy", "native", "--column", "x"),
        "--column x is for trace files",
    ),
    "unordered": (("backtest", "unordered.csv", "--policy", "native"), "unordered.csv line 3"),
    "repeated": (("backtest", "repeated.csv", "--policy", "native"), "repeated.csv line 3"),
    "empty": (("backtest", "empty.csv", "--policy", "native"), "the trace empty.csv is empty"),
    "no number": (("backtest", "words.csv", "--policy", "native"), "'many' is no number"),
    "unknown key": (("backtest", "load.csv", "--policy", "unknown.yaml"), "there is no setting 'speed'"),
    "unknown setting": (("backtest", "load.csv", "--policy", "settings.yaml"), "there is no setting 'speed'"),
    "broken YAML": (("backtest", "load.csv", "--policy", "broken.yaml"), "broken.yaml:2:1: cannot be read as YAML"),
    "NaN peak": ((*LOAD, "--peak-acu", "nan"), "a peak of nan ACU"),
    "no number for a peak": ((*LOAD, "--peak-acu", "x"), "Invalid value for '--peak-acu'"),
    "quantile": ((*LOAD, "--peak-acu", "4", "--quantile", "2"), "a quantile of 2.0"),
    "two scales": ((*LOAD, "--peak-acu", "4", "--acu-per-unit", "2"), "exclude each other"),
    "min above max": ((*LOAD, "--min-acu", "9", "--max-acu", "4"), "a minimum of 9.0 ACU is above the maximum of 4.0"),
    "NaN limit": ((*LOAD, "--min-acu", "nan"), "the limits: min_acu"),
    "off the grain": ((*LOAD, "--max-acu", "10.3"), "two steps of 0.5 ACU"),
    "price": ((*LOAD, "--throttling-price", "-1"), "--throttling-price is -1"),
    "decide": ((*LOAD, "--decide-seconds", "50"), "deciding every 50 s does not fit steps of 15 s"),
    "infinite": ((*LOAD, "--decide-seconds", "inf"), "--decide-seconds is inf"),
    "too fine": ((*LOAD, "--step-seconds", "0.00001"), "steps are more than"),
    "delay": ((*LOAD, "--metric-delay-seconds", "nan"), "--metric-delay-seconds is nan"),
    "seed": ((*LOAD, "--seed", "-1"), "--seed is -1"),
    "start after end": ((*LOAD, "--start", "2026-03-03", "--end", "2026-03-02"), "is not before --end"),
    "start after all": ((*LOAD, "--start", "2026-03-03"), "has no sample between"),
    "before the scenario": (
        ("backtest", "scenario:analytics", "--policy", "native", "--end", "2025-01-01"),
        "is not after the scenario's start",
    ),
    "score-from after": ((*LOAD, "--score-from", "2026-03-03"), "lies outside the trace"),
    "score-from before": ((*LOAD, "--score-from", "2026-03-01"), "lies outside the trace"),
    "no time": ((*LOAD, "--start", "yesterday"), "--start is 'yesterday'; give ISO 8601"),
    "odd year": ((*LOAD, "--start", "0001-01-01"), "--start is in the year 1"),
    "output": ((*LOAD, "-o", "xml"), "'xml' is not one of 'table', 'json'"),
    "interpolate": ((*LOAD, "--interpolate", "cubic"), "'cubic' is not one of 'hold', 'linear'"),
    "folder is a file": ((*LOAD, "--out", "load.csv"), "--out load.csv cannot be written"),
    "nothing to compare": (("compare", "load.csv", "--policies", ","), "there is no policy to compare"),
    "missing among several": (("compare", "load.csv", "--policies", "native,x"), "no policy named 'x'"),
    "scenario to show": (("scenarios", "show", "x"), "no scenario named 'x'"),
    "export": (("scenarios", "export", "analytics", "--days", "1", "--out", "no/x.csv"), "no/x.csv cannot be written"),
    "policy to show": (("policies", "show", "x"), "no policy or forecaster named 'x'"),
    "cluster to show": (("profiles", "show", "x"), "no cluster profile named 'x'"),
    "fleet": (("serve", "--config", "gone.yaml"), "no file gone.yaml"),
    "speed": (("demo", "--speed", "0"), "Invalid value for '--speed'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_one_line(
    cli: Cli, load: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for file, lines in FILES.items():
        write(tmp_path / file, *lines)
    monkeypatch.chdir(tmp_path)
    words, message = MISTAKES[name]

    done = cli(*words)

    assert message in done.err
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("autoscaler: ")


def test_a_failed_run_leaves_the_folder_as_it_was(cli: Cli, load: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    cli("backtest", load, "--policy", "native", "--out", out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    cli("backtest", load, "--policy", "native", "--out", out, "--max-acu", "10.3")

    assert {path.name: path.read_bytes() for path in out.iterdir()} == before

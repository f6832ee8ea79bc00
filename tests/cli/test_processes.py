"""The installed command: how quick it is, how it stops, how it lives with pipes and signals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autoscaler import __version__

COMMAND = [sys.executable, "-c", "import sys; from autoscaler.cli import main; sys.exit(main())"]
LONG = ("scenario:online-gaming", "--end", "2026-05-01")  # half a minute of work, if nobody stops it
HEAVY = ("numpy", "rich.console", "aiohttp", "sqlalchemy", "yaml", "structlog", "apscheduler")


def start(*words: str | Path) -> subprocess.Popen[str]:
    """A command that has to be stopped, in a group of its own like that of a terminal."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False, timeout=60)


def wait_for_file(process: subprocess.Popen[str], folder: Path, name: str) -> None:
    while process.poll() is None:
        if any(folder.rglob(name)):
            return
    raise AssertionError(f"it ended too early: {process.communicate()}")


def test_the_version_is_told_without_loading_anything_heavy() -> None:
    code = (
        "import sys; from autoscaler.cli import main; main(['--version']); "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [f"autoscaler {__version__}", "[]"]


@pytest.mark.slow
@pytest.mark.parametrize("words", [("backtest", "--policy", "native"), ("compare", "--policies", "native,reactive")])
def test_ctrl_c_ends_a_long_run_quietly_and_leaves_no_files(tmp_path: Path, words: tuple[str, ...]) -> None:
    command, *options = words
    process = start(command, *LONG, *options, "--out", tmp_path)
    wait_for_file(process, tmp_path, ".decisions.jsonl.unfinished")
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (130, "", "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_reader_that_goes_away_is_no_trouble() -> None:
    process = start("policies", "show", "reactive")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None

    assert process.stderr.read() == ""
    process.wait(timeout=30)
    process.stderr.close()


@pytest.mark.slow
def test_the_demo_ends_by_itself_with_a_table() -> None:
    done = run("demo", "--seconds", "3", "--port", "0")
    lines = done.stdout.splitlines()

    assert (done.returncode, done.stderr) == (0, "")
    assert "http://127.0.0.1:" in done.stdout
    assert len([line for line in lines if line.startswith("2026-01-14")]) >= 8
    assert "ACU-hours" in done.stdout.partition("cluster  ")[2]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_stops_when_it_is_told_to(number: signal.Signals) -> None:
    process = start("demo", "--port", "0")
    assert process.stdout is not None
    while "2026-01-14" not in process.stdout.readline():
        pass
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (0, "")
    assert "changes" in out


@pytest.mark.slow
def test_the_service_runs_a_fleet_until_it_is_stopped(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(
        f"database: sqlite+aiosqlite:///{tmp_path / 'store.db'}\n"
        "clusters: [{id: shop, policy: reactive, workload: {scenario: e-commerce}}]\n",
        encoding="utf-8",
    )
    process = start("serve", "--config", fleet, "--port", "0")
    assert process.stderr is not None
    told = [process.stderr.readline()]
    while '"event": "tick"' not in told[-1]:
        told.append(process.stderr.readline())
    process.terminate()
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (0, "")
    assert any('"event": "started"' in line and "http://127.0.0.1:" in line for line in told)
    assert "stopping" in err


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ((), "there is no TLS, so that tokens could be read on their way"),
        (("--open-on-loopback",), "no access tokens are asked for"),
        (("--open-on-loopback", "--behind-tls-proxy"), "no access tokens are asked for"),
    ],
)
def test_the_service_is_not_shown_to_others_without_tokens_and_tls(
    option: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(f"database: sqlite+aiosqlite:///{tmp_path / 'store.db'}\nclusters: []\n", encoding="utf-8")
    done = run("serve", "--config", str(fleet), "--port", "0", "--host", "0.0.0.0", *option)  # noqa: S104 - it is refused

    assert done.returncode == 2
    assert told in done.stderr

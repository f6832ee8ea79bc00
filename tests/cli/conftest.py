"""The command line, called as a function."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from autoscaler.cli import main

HOURLY_WAVE = (1, 2, 4, 8, 6, 3, 2, 1, 0, 0, 0, 0, 1, 5, 9, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command in this process."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*words: str | Path) -> Done:
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return Done(code=code, out=told.out, err=told.err)

    return run


@pytest.fixture
def load(tmp_path: Path) -> Path:
    """A recorded workload: 80 minutes in steps of five, two metrics."""
    rows = [
        f"2026-03-02T{number // 12:02}:{number % 12 * 5:02}:00Z,{value},{100 * value}"
        for number, value in enumerate(HOURLY_WAVE)
    ]
    return write(tmp_path / "load.csv", "timestamp,acu,qps", *rows)


def write(path: Path, *lines: str) -> Path:
    """A small text file."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path

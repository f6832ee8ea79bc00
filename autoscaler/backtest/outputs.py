"""The files a backtest leaves: ticks.csv, decisions.jsonl, summary.json and report.html."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.run import PHASES, Result
from autoscaler.core.decision import Decision
from autoscaler.core.plain import to_plain
from autoscaler.errors import InvalidInput

TICKS, DECISIONS, SUMMARY, REPORT = "ticks.csv", "decisions.jsonl", "summary.json", "report.html"
TICK_COLUMNS = (
    "timestamp",
    "demand_acu",
    "capacity_acu",
    "floor_acu",
    "ceiling_acu",
    "phase",
    "backlog_acu_seconds",
    "served_acu_seconds",
    "throttled_acu_seconds",
    "scored",
)
UNFINISHED = ".unfinished"


class OutputFolder:
    """A folder that gets all files of a run, or keeps those it had.

    Files are written beside their names and renamed when all are whole; the summary (JSON) comes last, so
    where it is, the others belong to it.
    """

    def __init__(self, folder: Path, *, summary: str = SUMMARY) -> None:
        self._folder = folder
        self._summary = summary
        self._names: list[str] = []
        self._decisions: TextIO | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._beside(summary).touch()
        except OSError as problem:
            raise InvalidInput(f"--out {folder} cannot be written: {problem.strerror or problem}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._decisions is not None:
            self._decisions.close()
        if kind is None:
            self._publish()
        for name in self._names:
            self._beside(name).unlink(missing_ok=True)

    def write_decision(self, decision: Decision) -> None:
        """One line for each decision, those that change nothing included."""
        if self._decisions is None:
            self._decisions = self._beside(DECISIONS).open("w", encoding="utf-8", newline="\n")
        self._decisions.write(json.dumps(to_plain(decision), separators=(",", ":")) + "\n")

    def write_ticks(self, result: Result) -> None:
        """One row for each step."""
        with self._beside(TICKS).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(TICK_COLUMNS)
            writer.writerows(tick_rows(result))

    def write_text(self, name: str, text: str) -> None:
        """A whole file at once."""
        self._beside(name).write_text(text, encoding="utf-8")

    def write_json(self, name: str, document: object) -> None:
        """A JSON document for programs and people."""
        self.write_text(name, json.dumps(document, indent=2, allow_nan=False) + "\n")

    def _beside(self, name: str) -> Path:
        if name not in self._names:
            self._names.append(name)
        return self._folder / f".{name}{UNFINISHED}"

    def _publish(self) -> None:
        (self._folder / self._summary).unlink(missing_ok=True)
        for name in sorted(self._names, key=lambda name: name == self._summary):
            self._beside(name).replace(self._folder / name)


def tick_rows(result: Result) -> Iterable[tuple[str | float, ...]]:
    """The rows of ticks.csv; phases by name, ``scored`` is true or false.

    Numbers keep all their digits, so that sums over them come out exactly.
    """
    names = [phase.value for phase in PHASES]
    return zip(
        timestamps(result),
        result.demand_acu.tolist(),
        result.capacity_acu.tolist(),
        result.floor_acu.tolist(),
        result.ceiling_acu.tolist(),
        [names[code] for code in result.phase.tolist()],
        result.backlog_acu_seconds.tolist(),
        result.served_acu_seconds.tolist(),
        result.throttled_acu_seconds.tolist(),
        ["true" if scored else "false" for scored in result.scored.tolist()],
        strict=True,
    )


def timestamps(result: Result) -> list[str]:
    """When each step started: ISO 8601 in UTC, with milliseconds only where a step needs them."""
    plan = result.plan
    first = np.datetime64(plan.trace.start.replace(tzinfo=None), "ms")
    offsets = np.round(np.arange(len(result.demand_acu)) * (plan.step_seconds * 1000)).astype("timedelta64[ms]")
    at: NDArray[np.datetime64] = first + offsets
    whole = not (at.astype(np.int64) % 1000).any()
    text: list[str] = np.datetime_as_string(at, unit="s" if whole else "ms", timezone="UTC").tolist()
    return text

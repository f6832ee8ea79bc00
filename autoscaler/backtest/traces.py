"""Recorded workloads: CSV files with a timestamp and metric columns."""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isfinite, isnan
from pathlib import Path
from typing import TextIO

import numpy as np

from autoscaler.core.samples import Sample
from autoscaler.core.trace import Trace
from autoscaler.errors import InvalidInput

TIMESTAMP = "timestamp"
DEFAULT_QUANTILE = 0.9999
# The step is taken from the first samples only: a later one must not change what came before it.
SAMPLES_THAT_TELL_THE_STEP = 12
DEFAULT_STEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From a trace's unit to ACU: by a factor, or so that a quantile of it becomes ``peak_acu``."""

    acu_per_unit: float = 1.0
    peak_acu: float | None = None
    quantile: float = DEFAULT_QUANTILE

    def __post_init__(self) -> None:
        if not (isfinite(self.acu_per_unit) and self.acu_per_unit > 0):
            raise InvalidInput(f"{self.acu_per_unit} ACU per unit is not above 0")
        if self.peak_acu is not None and not (isfinite(self.peak_acu) and self.peak_acu > 0):
            raise InvalidInput(f"a peak of {self.peak_acu} ACU is not above 0")
        if not 0 < self.quantile <= 1:
            raise InvalidInput(f"a quantile of {self.quantile} is not above 0 and at most 1")

    def apply(self, trace: Trace) -> Trace:
        """The trace in ACU."""
        if self.peak_acu is None:
            return replace(trace, demand_acu=trace.demand_acu * self.acu_per_unit)
        level = float(np.quantile(trace.demand_acu, self.quantile))
        if level <= 0:
            raise InvalidInput(
                f"the {self.quantile:g} quantile of {trace.name} is {level:g}, so it cannot become "
                f"{self.peak_acu:g} ACU; give --acu-per-unit or a higher --quantile"
            )
        return replace(trace, demand_acu=trace.demand_acu * (self.peak_acu / level))


def read_trace(path: Path, *, column: str | None = None) -> Trace:
    """Read one column of a CSV (or .csv.gz) file; unscaled.

    An empty or NaN value is a missing sample. Timestamps are ISO 8601, the start of each interval, UTC
    unless they say otherwise.

    Raises:
        InvalidInput: no such file or column, unordered or repeated timestamps, a value that is no number.
    """
    try:
        with _open(path) as lines:
            times, values = _read_columns(path, lines, column)
    except FileNotFoundError:
        raise InvalidInput(f"no trace file {path}; give a CSV file or scenario:NAME") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as problem:
        raise InvalidInput(f"{path} cannot be read as CSV: {problem}") from None
    if not times:
        raise InvalidInput(f"the trace {path} is empty: it holds no known value")
    offsets = np.array(times) - times[0]
    return Trace(
        name=path.name,
        start=datetime.fromtimestamp(times[0], UTC),
        step_seconds=_step_seconds(offsets),
        offset_seconds=offsets,
        demand_acu=np.array(values),
    )


def write_trace(trace: Trace, path: Path) -> None:
    """Write a trace as ``read_trace`` reads it, in ACU; a name that ends in .gz is compressed.

    Raises:
        InvalidInput: the file cannot be written.
    """
    moments = (trace.start + timedelta(seconds=offset) for offset in trace.offset_seconds.tolist())
    _write(path, (TIMESTAMP, "demand_acu"), zip(map(_told, moments), trace.demand_acu.tolist(), strict=True))


def write_samples(samples: Iterable[Sample], path: Path) -> None:
    """Write what was measured as ``read_trace`` reads it; unknown values are left empty.

    Raises:
        InvalidInput: the file cannot be written.
    """
    rows = (
        (_told(one.at), one.demand_acu, int(one.censored), one.capacity_acu, one.connections, one.queries_per_second)
        for one in samples
    )
    names = ("demand_acu", "censored", "capacity_acu", "connections", "queries_per_second")
    _write(path, (TIMESTAMP, *names), rows)


def cut_trace(trace: Trace, *, start: datetime | None, end: datetime | None) -> Trace:
    """The samples from ``start`` on that begin before ``end``."""
    first = 0.0 if start is None else (start - trace.start) / timedelta(seconds=1)
    last = np.inf if end is None else (end - trace.start) / timedelta(seconds=1)
    kept = (trace.offset_seconds >= first - 1e-6) & (trace.offset_seconds < last - 1e-6)
    if not kept.any():
        raise InvalidInput(
            f"the trace {trace.name} has no sample between {start or 'its start'} and {end or 'its end'}; "
            f"it runs from {trace.start.isoformat()} to {trace.end.isoformat()}"
        )
    offsets = trace.offset_seconds[kept]
    return replace(
        trace,
        start=trace.start + timedelta(seconds=float(offsets[0])),
        offset_seconds=offsets - offsets[0],
        demand_acu=trace.demand_acu[kept],
    )


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    try:
        with gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(header)
            lines.writerows(rows)
    except OSError as problem:
        raise InvalidInput(f"{path} cannot be written: {problem.strerror or problem}") from None


def _told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", newline="", encoding="utf-8")
    return path.open(newline="", encoding="utf-8")


def _read_columns(path: Path, lines: TextIO, column: str | None) -> tuple[list[float], list[float]]:
    rows = csv.reader(lines)
    header = next(rows, None)
    if not header:
        raise InvalidInput(f"the trace {path} is empty: not even a header")
    names = [name.strip() for name in header]
    if TIMESTAMP not in names:
        raise InvalidInput(f"{path} has no column '{TIMESTAMP}'; it has: {', '.join(names)}")
    metrics = [name for name in names if name != TIMESTAMP]
    chosen = column if column is not None else next(iter(metrics), None)
    if chosen is None or chosen not in metrics:
        raise InvalidInput(f"{path} has no column '{chosen}'; it has: {', '.join(metrics) or 'no metric at all'}")
    times: list[float] = []
    values: list[float] = []
    for line, when, value in _cells(path, rows, names.index(TIMESTAMP), names.index(chosen)):
        seconds = _parse_time(path, line, when)
        if times and seconds <= times[-1]:
            raise InvalidInput(
                f"{path} line {line}: timestamp {when} does not come after the one before; sort the rows, drop repeats"
            )
        number = _parse_value(path, line, value)
        if number is not None:
            times.append(seconds)
            values.append(number)
    return times, values


def _cells(path: Path, rows: Iterator[list[str]], when: int, value: int) -> Iterator[tuple[int, str, str]]:
    for line, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) <= max(when, value):
            raise InvalidInput(f"{path} line {line} has {len(row)} cells, fewer than the header")
        yield line, row[when], row[value]


def _parse_time(path: Path, line: int, text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(f"{path} line {line}: '{text}' is no ISO 8601 timestamp") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _parse_value(path: Path, line: int, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise InvalidInput(f"{path} line {line}: '{text}' is no number; leave a missing value empty") from None
    if isnan(value):
        return None
    if not 0 <= value < float("inf"):
        raise InvalidInput(f"{path} line {line}: a load of {value:g} cannot be; it must be 0 or more")
    return value


def _step_seconds(offsets: np.ndarray) -> float:
    gaps = np.diff(offsets[: SAMPLES_THAT_TELL_THE_STEP + 1])
    return float(np.median(gaps)) if len(gaps) else DEFAULT_STEP_SECONDS

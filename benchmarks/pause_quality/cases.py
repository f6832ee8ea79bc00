"""Recorded traces as windows of use, idleness and ignorance."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.traces import read_trace
from autoscaler.core.trace import Trace
from models.state import Array

WINDOW_SECONDS, LEAST_IDLE_SHARE, SHORT_GAP_SECONDS, MOST_DAYS = 300.0, 0.3, 300.0, 92
# Requests and sessions are none when idle; a machine's CPU, network and disks never rest, so that what is below this
# part of the peak is housekeeping.
COUNTED, HOUSEKEEPING = frozenset({"active_sessions_avg", "qps"}), 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """``used`` (windows,) is 1, 0 or NaN; the first window is the number ``first`` since 1970."""

    name: str
    group: str
    step_seconds: float
    first: int
    used: Array

    @property
    def half(self) -> int:
        """The first window that is scored."""
        return len(self.used) // 2

    @property
    def idle(self) -> NDArray[np.bool_]:
        return np.asarray(self.used == 0.0, dtype=np.bool_)

    def windows(self, seconds: float) -> int:
        """So many seconds in whole windows, at least one."""
        return max(1, int(np.ceil(seconds / self.step_seconds)))

    @property
    def age(self) -> NDArray[np.int64]:
        """How many known idle windows came right before each window; after an unknown one it begins anew."""
        place = np.arange(len(self.used) + 1)
        last = np.maximum.accumulate(np.where(np.append(False, self.idle), 0, place))
        return np.asarray(place - last, dtype=np.int64)[:-1]

    @property
    def starts(self) -> NDArray[np.intp]:
        """The windows in which use starts after an idle gap of more than five minutes."""
        long = self.age * self.step_seconds > SHORT_GAP_SECONDS
        return np.flatnonzero((self.used == 1.0) & long)


def cases(folder: Path) -> Iterator[Case]:
    """The traces that are idle for 30 % of the time or more, by their manifest and by what is used here."""
    with (folder / "manifest.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if float(row["idle_frac"] or 0) >= LEAST_IDLE_SHARE]
    for row in rows:
        trace = read_trace(folder / row["path"], column=row["metric"])
        case = _windowed(row, trace)
        if np.nanmean(case.used == 0.0) >= LEAST_IDLE_SHARE and len(case.starts) >= 4:
            yield case


def _windowed(row: dict[str, str], trace: Trace) -> Case:
    step = max(WINDOW_SECONDS, trace.step_seconds)
    bar = 0.0 if row["metric"] in COUNTED else HOUSEKEEPING * float(np.quantile(trace.demand_acu, 0.9999))
    number = ((trace.start.timestamp() + trace.offset_seconds) // step).astype(np.intp)
    used = np.full(number[-1] - number[0] + 1, -1.0)
    np.maximum.at(used, number - number[0], (trace.demand_acu > bar).astype(np.float64))
    used = np.where(used < 0.0, np.nan, used)[: round(MOST_DAYS * 86_400 / step)]
    return Case(name=row["path"], group=row["group"], step_seconds=step, first=int(number[0]), used=used)

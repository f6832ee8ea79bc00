"""Recorded traces as windows, what the mixture and its rivals say of them, and how far off that was."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.traces import read_trace
from autoscaler.core.history import History
from autoscaler.core.ports import Forecaster
from models.experts import EXPERTS
from models.paths import forecast_paths
from models.state import Array

LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99)
TAUS = np.array(LEVELS)
# Leads in windows: of five minutes, and where a trace is coarser, those of them that are as long.
LEAD_SECONDS = (300, 900, 3600, 7200, 21_600, 86_400)
WINDOW_SECONDS, DAYS, WARM_DAYS = 300.0, 28, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A trace as windows, its peak at 1; ``begin`` is the first index that is scored."""

    name: str
    shape: str
    history: History
    begin: int

    @property
    def day(self) -> int:
        """A day in windows."""
        return round(86_400 / self.history.step_seconds)

    @property
    def leads(self) -> NDArray[np.intp]:
        """Those of the leads that are whole windows."""
        step = self.history.step_seconds
        return np.array([round(lead / step) for lead in LEAD_SECONDS if lead >= step and lead % step == 0])

    @property
    def lead_seconds(self) -> list[int]:
        """The same in seconds."""
        seconds: list[int] = (self.leads * self.history.step_seconds).astype(int).tolist()
        return seconds


def cases(folder: Path, every: int, first: int = 0) -> Iterator[Case]:
    """The traces that fit, or every so manieth of them from the ``first`` on."""
    with (folder / "manifest.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if _fits(row)]
    for row in rows[first::every]:
        trace = read_trace(folder / row["path"], column=row["metric"])
        step = max(WINDOW_SECONDS, trace.step_seconds)
        number = ((trace.start.timestamp() + trace.offset_seconds) // step).astype(np.intp)
        windows = np.full(number[-1] - number[0] + 1, -np.inf)
        np.maximum.at(windows, number - number[0], trace.demand_acu)
        demand = np.where(np.isfinite(windows), windows, np.nan)[: round(DAYS * 86_400 / step)]
        start = trace.start.fromtimestamp(number[0] * step, trace.start.tzinfo)
        history = History(start=start, step_seconds=step, demand_acu=demand / (np.nanmax(demand) or 1.0))
        begin = min(len(demand) // 2, round(WARM_DAYS * 86_400 / step))
        yield Case(name=row["path"], shape=row["shape"], history=history, begin=begin)


def path_of(case: Case, experts: tuple[str, ...] = EXPERTS) -> Array:
    """What the mixture says after each window, (n, leads, levels)."""
    first = round(case.history.start.timestamp() / case.history.step_seconds)
    demand, step = case.history.demand_acu[None], case.history.step_seconds
    said = forecast_paths(demand, first=first, step_seconds=step, leads=case.leads, levels=LEVELS, experts=experts)
    return said[0].astype(np.float64)


def said_by(rival: Forecaster, case: Case, at: NDArray[np.intp]) -> Array:
    """What a rival, fitted anew each time, says after the windows ``at``, (moments, leads, levels)."""
    seen = case.history
    said = []
    for index in at:
        part = History(start=seen.start, step_seconds=seen.step_seconds, demand_acu=seen.demand_acu[: index + 1])
        forecast = rival.fit(part).forecast(made_at=part.end, steps=int(case.leads[-1]), levels=LEVELS)
        said.append(np.array(forecast.demand_acu).T[case.leads - 1])
    return np.array(said)


def came_after(case: Case, at: NDArray[np.intp]) -> Array:
    """What came at each lead after the windows ``at``, NaN where unknown or beyond the trace."""
    padded = np.append(case.history.demand_acu, np.full(int(case.leads[-1]), np.nan))
    return padded[at[:, None] + case.leads]


def losses_of(case: Case, said: Array, at: NDArray[np.intp]) -> Array:
    """Pinball losses (moments, leads, levels), NaN where nobody knows what came."""
    off = came_after(case, at)[..., None] - said
    return np.maximum(TAUS * off, (TAUS - 1.0) * off)


def loss_by_lead(case: Case, experts: tuple[str, ...] = EXPERTS) -> dict[int, float]:
    """The mixture's mean loss over levels and all scored windows, by lead in seconds."""
    at = np.arange(case.begin, len(case.history))
    losses = np.nanmean(losses_of(case, path_of(case, experts)[at], at), axis=(0, 2))
    return dict(zip(case.lead_seconds, losses.tolist(), strict=True))


def mase_of(case: Case, said: Array, at: NDArray[np.intp]) -> Array:
    """The median's mean absolute error by lead, in those of the same time a day before, in the first half."""
    demand = case.history.demand_acu[: case.begin]
    naive = float(np.nanmean(np.abs(demand[case.day :] - demand[: -case.day])))
    errors = np.nanmean(np.abs(came_after(case, at) - said[..., 0]), axis=0)
    return errors / naive if naive > 0.0 else np.full(len(errors), np.nan)


def _fits(row: dict[str, str]) -> bool:
    return float(row["step_s"]) <= 3600 and float(row["days"]) >= 14 and float(row["missing_frac"]) <= 0.2

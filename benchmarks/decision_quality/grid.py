"""Every cell of the protocol: ``auto`` against the best of static, reactive and scheduled, chosen on the first half.

A cell is a peak, a platform, what lies between samples, how a raised floor takes effect and the metric delay. Of each
trace what counts is the cost and the priced throttling of the second half, at prices that span the dial.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.decision_quality.cases import Case, Setting
from benchmarks.decision_quality.frontiers import BEST_OF_THREE, Found, alone_of, chosen_of
from benchmarks.decision_quality.measure import measure_rivals
from benchmarks.decision_quality.running import Order, run_all

Numbers = NDArray[np.float64]

PRICES = (16.0, 64.0, 256.0)
# Worse by more than so much is too much.
TOLERANCE = 0.005
REPLICATES = 1000
RESULT, FOLDER = "grid.json", "grid"
ALONE_COLUMN, RIVAL_COLUMN, AUTO_COLUMN = range(3)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """Cost and priced throttling of the second half: left alone, best of three, ``auto``; (prices, 3, traces)."""

    setting: Setting
    costs: Numbers

    @property
    def relative(self) -> Numbers:
        """What the best of three and ``auto`` cost, left alone = 1, all traces together; (prices, 2)."""
        pooled = self.costs.sum(axis=2)
        return np.asarray(pooled[:, 1:] / pooled[:, :1])

    def saved(self, counts: Numbers) -> Numbers:
        """By which share ``auto`` is cheaper at each price, (prices,); each trace counts as often as told."""
        pooled = self.costs @ counts
        return np.asarray(1.0 - pooled[:, AUTO_COLUMN] / pooled[:, RIVAL_COLUMN])


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Over all cells: by which share ``auto`` is cheaper on the average, with an interval, and where it is worse."""

    saved: float
    low: float
    high: float
    worse: Mapping[str, int]
    worst: float


def cells() -> list[Setting]:
    """The 48 cells."""
    return [
        Setting(peak_acu=peak, profile=profile, interpolation=between, floor_jumps=jumps, delay_seconds=delay)
        for peak, profile, between, jumps, delay in product(
            (4.0, 16.0, 64.0), ("aurora-v2", "aurora-v2-platform-4"), ("hold", "linear"), (True, False), (60.0, 180.0)
        )
    ]


def run_grid(cases: Sequence[Case], folder: Path, console: Console, *, workers: int) -> None:
    """Measure every cell on every trace, print the table and write it down."""
    settings = cells()
    # Trace by trace, so that a run that was stopped has whole traces of every cell.
    orders = [Order(case=case, setting=setting, folder=folder / FOLDER) for case in cases for setting in settings]
    found = run_all(orders, partial(measure_rivals, prices=PRICES), console, workers=workers)
    by_cell = [cell_of(setting, found[place :: len(settings)]) for place, setting in enumerate(settings)]
    verdict = judge(by_cell, [case.family for case in cases])
    text = json.dumps(document(by_cell, verdict, cases), indent=1)
    (folder / RESULT).write_text(text + "\n", encoding="utf-8")
    console.print(table(by_cell))
    console.print(told(verdict, len(by_cell)))


def cell_of(setting: Setting, found: Sequence[Found]) -> Cell:
    """A cell of what was found for its traces."""
    columns = [[[_cost(half, price) for half in _halves(one, price)] for one in found] for price in PRICES]
    return Cell(setting=setting, costs=np.array(columns).transpose(0, 2, 1))


def judge(by_cell: Sequence[Cell], families: Sequence[str]) -> Verdict:
    """The mean over cells and prices, with an interval of 95 % by drawing families of traces again and again."""
    names = sorted(set(families))
    family = np.array([names.index(one) for one in families])
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(REPLICATES):
        times = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names)).astype(float)
        drawn.append(_mean_saved(by_cell, times[family]))
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
    everybody = np.ones(len(families))
    saved = np.array([cell.saved(everybody) for cell in by_cell])
    worse = {f"{price:g}": int((saved[:, k] < -TOLERANCE).sum()) for k, price in enumerate(PRICES)}
    worse["any"] = int((saved < -TOLERANCE).any(axis=1).sum())
    return Verdict(saved=float(saved.mean()), low=low, high=high, worse=worse, worst=float(-saved.min()))


def table(by_cell: Sequence[Cell]) -> Table:
    """What the best of three and ``auto`` cost at each price, left alone = 1, and the difference."""
    drawn = Table("peak", "platform", "between", "floor", "delay", *[f"price {price:g}" for price in PRICES])
    for cell in by_cell:
        drawn.add_row(*row(cell))
    return drawn


def row(cell: Cell) -> list[str]:
    """The same of one cell, in words."""
    one, saved = cell.setting, cell.saved(np.ones(cell.costs.shape[2]))
    return [
        f"{one.peak_acu:g}",
        "4" if one.profile.endswith("4") else "2",
        one.interpolation,
        "at once" if one.floor_jumps else "bucket",
        f"{one.delay_seconds:g} s",
        *[
            f"{rival:.3f} / {ours:.3f} ({0.0 - share:+.1%})"
            for (rival, ours), share in zip(cell.relative.tolist(), saved.tolist(), strict=True)
        ],
    ]


def told(verdict: Verdict, count: int) -> str:
    """The verdict in a sentence."""
    prices = ", ".join(f"{verdict.worse[f'{price:g}']} at {price:g}" for price in PRICES)
    return (
        f"auto is cheaper by {verdict.saved:.1%} on the average ({verdict.low:.1%} to {verdict.high:.1%}); worse by "
        f"more than {TOLERANCE:.1%} in {verdict.worse['any']} of {count} cells ({prices}), by "
        f"{verdict.worst:.1%} at most"
    )


def document(by_cell: Sequence[Cell], verdict: Verdict, cases: Sequence[Case]) -> dict[str, object]:
    """Everything, for programs."""
    return {
        "prices": list(PRICES),
        "traces": [{"name": case.name, "shape": case.shape, "family": case.family} for case in cases],
        "verdict": asdict(verdict),
        "cells": [
            {
                **asdict(cell.setting),
                "best_of_three": cell.relative[:, 0].tolist(),
                "auto": cell.relative[:, 1].tolist(),
                "saved": cell.saved(np.ones(len(cases))).tolist(),
            }
            for cell in by_cell
        ],
    }


def _halves(one: Found, price: float) -> list[list[float]]:
    return [alone_of(one), chosen_of(one, BEST_OF_THREE, price), one["auto"][str(price)]["half"]]


def _cost(half: Sequence[float], price: float) -> float:
    return half[1] + price * half[3]


def _mean_saved(by_cell: Sequence[Cell], counts: Numbers) -> float:
    return float(np.mean([cell.saved(counts) for cell in by_cell]))

"""Days that are not like others: holidays, paydays, launches. A forecaster sees demand without their effect, and its
forecasts get it back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp, isfinite, log

import numpy as np

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.errors import InvalidInput
from models.state import Array

WEEKS_BEFORE = 4
# What is believed of an occasion never seen counts like so many occasions: that it is a day like others.
PRIOR = 0.5
# One occasion is believed to multiply or divide demand by no more than this.
MOST = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """From ``start`` to ``end``, aware; those of one ``kind`` are alike (``payday``).

    ``factor`` is declared where it is known beforehand (a launch that doubles demand: 2.0); else it is learned from
    earlier occasions of the kind, and 1 while there was none.
    """

    start: datetime
    end: datetime
    kind: str
    factor: float | None = None

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidInput(f"the occasion {self.kind} ends at {self.end}, not after its start at {self.start}")
        if self.factor is not None and not (isfinite(self.factor) and self.factor > 0):
            raise InvalidInput(f"the factor of the occasion {self.kind} is {self.factor}; it must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class WithSpecialDays:
    """A forecaster that knows the special days of ``occasions``, those past and those to come.

    Demand on such a day is taken to be the usual one times a factor: the median over the windows of how it compared
    with the same time of the four weeks before, averaged over the occasions of the kind and pulled towards 1.
    """

    occasions: tuple[Occasion, ...]
    forecaster: Forecaster

    def fit(self, history: History) -> "FittedWithSpecialDays":
        effects = Effects(occasions=self.occasions, factors=_learned(self.occasions, history))
        return FittedWithSpecialDays(effects=effects, fitted=self.forecaster.fit(effects.without(history)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedWithSpecialDays:
    """``fitted`` knows demand without the ``effects`` of special days."""

    effects: "Effects"
    fitted: FittedForecaster

    def update(self, tail: History) -> "FittedWithSpecialDays":
        return replace(self, fitted=self.fitted.update(self.effects.without(tail)))

    def forecast(self, *, made_at: datetime, steps: int, levels: tuple[float, ...]) -> Forecast:
        usual = self.fitted.forecast(made_at=made_at, steps=steps, levels=levels)
        demand = np.array(usual.demand_acu) * self.effects.during(usual.start, usual.step_seconds, steps)
        return replace(usual, demand_acu=tuple(map(tuple, demand.tolist())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """``factors``: what each kind of occasion multiplies demand by, where no occasion declares its own."""

    occasions: tuple[Occasion, ...]
    factors: Mapping[str, float]

    def without(self, history: History) -> History:
        """Demand as it would have been on days like others."""
        factors = self.during(history.start, history.step_seconds, len(history))
        return replace(history, demand_acu=history.demand_acu / factors)

    def during(self, start: datetime, step_seconds: float, windows: int) -> Array:
        """What demand is multiplied by in each of the windows."""
        factors = np.ones(windows)
        for one in _during(self.occasions, start, windows * step_seconds):
            inside = _windows_of(one, start, step_seconds, windows)
            factors[inside] *= self.factors.get(one.kind, 1.0) if one.factor is None else one.factor
        return factors


def _during(occasions: tuple[Occasion, ...], start: datetime, seconds: float) -> list[Occasion]:
    """Those that are not far away: decades of holidays are known."""
    end = start + timedelta(seconds=seconds)
    return [one for one in occasions if one.start < end and one.end > start]


def _learned(known: tuple[Occasion, ...], history: History) -> dict[str, float]:
    occasions = _during(known, history.start, len(history) * history.step_seconds)
    logs: dict[str, list[float]] = {}
    special = np.zeros(len(history), dtype=bool)
    for one in occasions:
        special[_windows_of(one, history.start, history.step_seconds, len(history))] = True
    usual = np.where(special, np.nan, history.demand_acu)
    for one in occasions:
        inside = _windows_of(one, history.start, history.step_seconds, len(history))
        ratio = _ratio(history.demand_acu, usual, inside, round(7 * 86_400 / history.step_seconds))
        if one.factor is None and ratio is not None:
            logs.setdefault(one.kind, []).append(log(min(max(ratio, 1.0 / MOST), MOST)))
    return {kind: exp(sum(seen) / (len(seen) + PRIOR)) for kind, seen in logs.items()}


def _ratio(demand: Array, usual: Array, inside: slice, week: int) -> float | None:
    """How demand within compared with the same times of weeks before; None where nothing tells."""
    index = np.arange(inside.start, inside.stop)
    before = index[:, None] - week * np.arange(1, WEEKS_BEFORE + 1)
    then = np.where(before >= 0, usual[np.maximum(before, 0)], np.nan)
    known = np.isfinite(then)
    mean = np.where(known, then, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    told = (mean > 0.0) & np.isfinite(demand[index]) & (demand[index] >= 0.0)
    return float(np.median(demand[index][told] / mean[told])) if told.any() else None


def _windows_of(one: Occasion, start: datetime, step_seconds: float, windows: int) -> slice:
    """Those whose start lies within the occasion."""
    step = timedelta(seconds=step_seconds)
    first, last = (-((start - moment) // step) for moment in (one.start, one.end))
    begin = min(max(first, 0), windows)
    return slice(begin, min(max(last, begin), windows))

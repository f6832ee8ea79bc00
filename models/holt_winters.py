"""Exponential smoothing with a damped trend and an additive season of a day; statsmodels finds the gains."""

import warnings
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from models.buffer import Windows, remember, windows_from
from models.checks import check_positive, check_request
from models.quantiles import quantiles_of, to_forecast
from models.smoothing import Gains, Path
from models.state import Array, State, array_of, check_version, frozen, number_of

MODEL = "holt-winters"
VERSION = 1
# More windows than a week of minutes teach nothing more and cost time.
MAX_WINDOWS = 10_080
# With fewer windows than this, four gains would be fitted to chance: it is persistence until then.
MIN_WINDOWS = 24
PERSISTENCE = Gains(level=1.0, trend=0.0, season=0.0, damping=0.9)
# The spread comes from so many of the newest misses.
NEWEST = 576


@dataclass(frozen=True, slots=True, kw_only=True)
class HoltWinters:
    """``period_seconds`` is the season, used once two of them are known; ``keep_seconds`` how far back it looks."""

    period_seconds: float = 86400.0
    keep_seconds: float = 7 * 86400.0

    def __post_init__(self) -> None:
        check_positive(MODEL, period_seconds=self.period_seconds, keep_seconds=self.keep_seconds)

    def fit(self, history: History) -> "FittedHoltWinters":
        keep_seconds = min(self.keep_seconds, MAX_WINDOWS * history.step_seconds)
        windows = remember(history, keep_seconds=keep_seconds)
        demand = windows.demand_acu
        period = round(self.period_seconds / windows.step_seconds)
        start = _start(_filled(demand), period if 1 < period <= len(demand) // 2 else 1)
        gains = _learn_gains(_filled(demand), start)
        return FittedHoltWinters(windows=windows, path=start.follow(demand[1:], gains), gains=gains)

    @staticmethod
    def restore(state: State) -> "FittedHoltWinters":
        """What ``FittedHoltWinters.state`` stored.

        Raises:
            InvalidInput: when it is something else.
        """
        check_version(state, model=MODEL, version=VERSION)
        gains = {name: float(number_of(state, f"gain_{name}")) for name in ("level", "trend", "season", "damping")}
        path = {name: frozen(array_of(state, name)) for name in ("level", "trend", "season")}
        return FittedHoltWinters(windows=windows_from(state), path=Path(**path), gains=Gains(**gains))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedHoltWinters:
    """``path`` is where the smoothing stood after each of the ``windows``."""

    windows: Windows
    path: Path
    gains: Gains

    def update(self, tail: History) -> "FittedHoltWinters":
        windows = self.windows.after(tail)
        fresh = windows.demand_acu[len(windows) - windows.stored_since(self.windows) :]
        path = self.path.follow(fresh, self.gains).newest(len(windows))
        return replace(self, windows=windows, path=path)

    def forecast(self, *, made_at: datetime, steps: int, levels: tuple[float, ...]) -> Forecast:
        check_request(steps=steps, levels=levels)
        leads = self.windows.unknown + np.arange(1, steps + 1)
        centre = self.path.ahead(np.array(len(self.windows) - 1), leads, self.gains)
        # Further ahead than half the buffer there are too few misses to tell quantiles from.
        asked, which = np.unique(np.minimum(leads, max(1, len(self.windows) // 2)), return_inverse=True)
        spread = quantiles_of(self._misses(asked), levels)[:, which]
        return to_forecast(centre + spread, windows=self.windows, made_at=made_at, levels=levels, model=MODEL)

    def state(self) -> State:
        """All of it, for ``HoltWinters.restore``."""
        return {
            "model": MODEL,
            "version": VERSION,
            "gain_level": self.gains.level,
            "gain_trend": self.gains.trend,
            "gain_season": self.gains.season,
            "gain_damping": self.gains.damping,
            "level": self.path.level,
            "trend": self.path.trend,
            "season": self.path.season,
            **self.windows.state(),
        }

    def _misses(self, leads: NDArray[np.intp]) -> Array:
        """How far off the newest windows would have been forecast that long before, (leads, n), NaN where unknown."""
        targets = len(self.windows) - 1 - np.arange(min(NEWEST, len(self.windows)))
        origins = targets - leads[:, None]
        foreseen = self.path.ahead(np.maximum(origins, 0), leads[:, None], self.gains)
        return np.where(origins >= 0, self.windows.demand_acu[targets] - foreseen, np.nan)


def _start(demand_acu: Array, period: int) -> Path:
    """Where the smoothing stands after the first window: the season is the mean of all days (measured: better than
    that of the first ones), the level is where the first day was; with a period of 1 there is no season.
    """
    if period == 1:
        return Path(level=demand_acu[:1], trend=np.zeros(1), season=np.zeros(2))
    days = demand_acu[: len(demand_acu) // period * period].reshape(-1, period)
    season = days.mean(axis=0) - days.mean()
    return Path(level=np.array((days[0].mean(),)), trend=np.zeros(1), season=np.append(season, season[0]))


def _learn_gains(demand_acu: Array, start: Path) -> Gains:
    """The gains with the least squared errors one window ahead."""
    size = float(np.ptp(demand_acu))
    if len(demand_acu) < MIN_WINDOWS or size <= 0.0:
        return PERSISTENCE
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    seasonal = {"seasonal": "add", "seasonal_periods": start.period} if start.period > 1 else {}
    if seasonal:
        seasonal["initial_seasonal"] = start.season[1:] / size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that stops early still has usable gains
        fitted = ExponentialSmoothing(
            demand_acu[1:] / size,
            trend="add",
            damped_trend=True,
            initialization_method="known",
            initial_level=start.level[0] / size,
            initial_trend=0.0,
            **seasonal,
        ).fit(use_brute=False)
    found = fitted.params
    names = {
        "level": "smoothing_level",
        "trend": "smoothing_trend",
        "season": "smoothing_seasonal",
        "damping": "damping_trend",
    }
    values = {ours: float(np.nan_to_num(found[theirs])) for ours, theirs in names.items()}
    return Gains(**{name: min(max(value, 0.0), 1.0) for name, value in values.items()})


def _filled(demand_acu: Array) -> Array:
    """Without gaps, on the line between known windows: for the search of the gains only."""
    known = np.flatnonzero(np.isfinite(demand_acu))
    return np.interp(np.arange(len(demand_acu)), known, demand_acu[known])

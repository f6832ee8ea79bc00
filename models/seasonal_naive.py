"""The same time of earlier days and weeks, corrected by how today differs, with the spread of past misses."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from models.buffer import Windows, remember, windows_from
from models.checks import check_positive, check_request
from models.quantiles import quantiles_of, to_forecast
from models.reversion import RECENT_SECONDS, Reversion, learn_reversion, recent_means
from models.season import Season, learn_season
from models.state import Array, State, array_of, check_version, frozen, number_of

MODEL = "seasonal-naive"
VERSION = 1
# The pool of misses: so many of the newest ones, and those at the same time of day, give or take some windows.
NEWEST = 288
TOLERANCE_SECONDS = 600.0
# Windows closer together than this miss alike: one of them is enough.
STRIDE_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonalNaive:
    """``period_seconds`` is the season (a day), ``periods`` how many of them are remembered.

    From two weeks of history on the same time of the week counts as well, as far as it was right so far.
    With less than a day it is persistence with the spread of recent changes.
    """

    period_seconds: float = 86400.0
    periods: int = 28

    def __post_init__(self) -> None:
        check_positive(MODEL, period_seconds=self.period_seconds, periods=self.periods)

    def fit(self, history: History) -> "FittedSeasonalNaive":
        # One period more, so that the oldest one has windows before it.
        windows = remember(history, keep_seconds=(self.periods + 1) * self.period_seconds)
        day_windows = max(1.0, self.period_seconds / windows.step_seconds)
        recent = max(1, round(RECENT_SECONDS / windows.step_seconds))
        season, expected = learn_season(windows.demand_acu, day_windows=day_windows, days=self.periods)
        reversion = learn_reversion(windows.demand_acu, expected, day_windows=int(season.lags()[0]), recent=recent)
        return FittedSeasonalNaive(
            windows=windows, expected_acu=frozen(expected), season=season, reversion=reversion, recent=recent
        )

    @staticmethod
    def restore(state: State) -> "FittedSeasonalNaive":
        """What ``FittedSeasonalNaive.state`` stored.

        Raises:
            InvalidInput: when it is something else.
        """
        check_version(state, model=MODEL, version=VERSION)
        return FittedSeasonalNaive(
            windows=windows_from(state),
            expected_acu=frozen(array_of(state, "expected_acu")),
            season=Season(
                day_windows=float(number_of(state, "day_windows")),
                days=int(number_of(state, "days")),
                week=float(number_of(state, "week")),
            ),
            reversion=Reversion(leads=array_of(state, "leads"), weights=array_of(state, "weights")),
            recent=int(number_of(state, "recent")),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedSeasonalNaive:
    """``expected_acu`` is what the season let expect of each of the ``windows`` a day before, NaN where nothing.

    ``recent`` is an hour in windows.
    """

    windows: Windows
    expected_acu: Array
    season: Season
    reversion: Reversion
    recent: int

    def update(self, tail: History) -> "FittedSeasonalNaive":
        windows = self.windows.after(tail)
        fresh = windows.stored_since(self.windows)
        kept = len(windows) - fresh
        expected = self.season.expect(windows.demand_acu, first=kept, count=fresh)
        expected = np.concatenate((self.expected_acu[len(self.expected_acu) - kept :], expected))
        return replace(self, windows=windows, expected_acu=frozen(expected))

    def forecast(self, *, made_at: datetime, steps: int, levels: tuple[float, ...]) -> Forecast:
        check_request(steps=steps, levels=levels)
        demand, expected = self.windows.demand_acu, self.expected_acu
        leads = self.windows.unknown + np.arange(1, steps + 1)
        targets, origins = self._examples(leads)
        coming = self.season.expect(demand, first=len(demand) + self.windows.unknown, count=steps)
        foreseen = self._foresee(
            self.reversion.at(leads)[:, :, None],
            np.column_stack((origins, np.full(steps, len(demand) - 1))),
            np.column_stack((expected.take(targets, mode="clip"), coming)),
        )
        misses = demand.take(targets, mode="clip") - foreseen[:, :-1]
        past = (origins >= 0) & (targets < len(demand))
        return to_forecast(
            foreseen[:, -1] + quantiles_of(np.where(past, misses, np.nan), levels),
            windows=self.windows,
            made_at=made_at,
            levels=levels,
            model=MODEL,
        )

    def state(self) -> State:
        """All of it, for ``SeasonalNaive.restore``."""
        return {
            "model": MODEL,
            "version": VERSION,
            "expected_acu": self.expected_acu,
            "day_windows": self.season.day_windows,
            "days": self.season.days,
            "week": self.season.week,
            "leads": self.reversion.leads,
            "weights": self.reversion.weights,
            "recent": self.recent,
            **self.windows.state(),
        }

    def _foresee(self, weights: Array, origins: NDArray[np.intp], expected_acu: Array) -> Array:
        """What was to be foreseen from each origin (leads, n) of windows with such an expectation: see `Reversion`."""
        season, last, recent = weights[0], weights[1], weights[2]
        deviation = self.windows.demand_acu - self.expected_acu
        known = np.isfinite(deviation)
        usual = np.where(known, self.expected_acu, self.windows.demand_acu)
        deviation = np.where(known, deviation, 0.0)
        move = expected_acu - self.expected_acu.take(origins, mode="clip")
        foreseen: Array = season * np.where(np.isfinite(move), move, 0.0)
        foreseen += usual.take(origins, mode="clip")
        foreseen += last * deviation.take(origins, mode="clip")
        foreseen += recent * recent_means(deviation, self.recent).take(origins, mode="clip")
        return foreseen

    def _examples(self, leads: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Past windows to learn the misses from, and those they were forecast from, both (leads, n).

        Some lie outside the buffer. Beyond a day ahead a forecast misses as it does a day ahead.
        """
        lags, last = self.season.lags(), len(self.windows) - 1
        stride = max(1, round(STRIDE_SECONDS / self.windows.step_seconds))
        reach = int(TOLERANCE_SECONDS / (stride * self.windows.step_seconds))
        around = (stride * np.arange(-reach, reach + 1) - lags[:, None]).ravel()
        newest = np.broadcast_to(last - stride * np.arange(NEWEST), (len(leads), NEWEST))
        targets = np.concatenate((newest, (last + leads)[:, None] + around), axis=1)
        return targets, targets - np.minimum(leads, lags[0])[:, None]

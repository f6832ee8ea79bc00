"""Several simple experts, weighed by how well each did lately, and calibrated until quantiles cover what they say."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

import numpy as np

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from models.buffer import Windows, plausible, remember, windows_from
from models.checks import check_request
from models.grid import Grid
from models.knowledge import Learned, nothing_learned
from models.learning import learn
from models.pace import SERIES, Pace, Series, follow, unmoved
from models.quantiles import to_forecast
from models.saying import said_now
from models.scoring import DOUBT
from models.state import Array, State, array_of, check_version, number_of

MODEL = "mixture"
VERSION = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Persistence, levels, the same time of day and week, and a regression on them, each with the spread of its misses.

    They are weighed lead by lead and level by level by how well they did lately, and the whole is calibrated to cover
    what it says. A fit only goes through the history as `update` does, hour by hour, so it need not be repeated.
    """

    def fit(self, history: History) -> "FittedMixture":
        newest = remember(history, keep_seconds=2 * history.step_seconds)
        grid = Grid(history.step_seconds)
        first = grid.number(history.start.timestamp())
        start = first - first % grid.chunk
        blank = np.full(first - start, np.nan)
        fitted = FittedMixture(
            newest=newest,
            first=start,
            rows=np.empty((1, 0, len(SERIES)), dtype=np.float32),
            pace=unmoved(1, grid.day),
            learned=nothing_learned(1, grid),
        )
        return fitted._through(blank, history)

    @staticmethod
    def restore(state: State) -> "FittedMixture":
        """What ``FittedMixture.state`` stored.

        Raises:
            InvalidInput: when it is something else.
        """
        check_version(state, model=MODEL, version=VERSION)
        learned = {field.name: array_of(state, field.name)[None] for field in fields(Learned) if field.name != "counts"}
        return FittedMixture(
            newest=windows_from(state),
            first=int(number_of(state, "first")),
            rows=array_of(state, "rows")[None].astype(np.float32),
            pace=Pace(**{field.name: array_of(state, f"pace_{field.name}") for field in fields(Pace)}),
            learned=Learned(counts=array_of(state, "counts")[None].astype(np.float32), **learned),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedMixture:
    """``rows`` (1, n, 10) are the newest of `models.pace.follow`, from number ``first`` on, where a chunk begins:
    as many as learning looks back, and those of the chunk that is not over. ``newest`` knows where the windows end.
    """

    newest: Windows
    first: int
    rows: Series
    pace: Pace
    learned: Learned

    def update(self, tail: History) -> "FittedMixture":
        blank = np.full(self.newest.missing_before(tail) if len(tail) else 0, np.nan)
        newest = self.newest.after(tail)
        return replace(self, newest=newest)._through(blank, tail)

    def forecast(self, *, made_at: datetime, steps: int, levels: tuple[float, ...]) -> Forecast:
        check_request(steps=steps, levels=levels)
        leads, last = np.arange(1, steps + 1), np.array((self.last,))
        said = said_now(self.learned, self.pace, self.grid, last=last, leads=leads, levels=levels)
        forecast = to_forecast(said[0].T, windows=self.newest, made_at=made_at, levels=levels, model=MODEL)
        trusted = bool(self.learned.trusted[0, 0])
        return forecast if trusted else replace(forecast, trusted=False, doubt=DOUBT)

    def state(self) -> State:
        """All of it, for ``Mixture.restore``."""
        return {
            "model": MODEL,
            "version": VERSION,
            "first": self.first,
            "rows": self.rows[0].astype(np.float64),
            **self.newest.state(),
            **{f"pace_{field.name}": getattr(self.pace, field.name) for field in fields(Pace)},
            **{field.name: getattr(self.learned, field.name)[0] for field in fields(Learned)},
        }

    @property
    def grid(self) -> Grid:
        """Where its windows lie."""
        return Grid(self.newest.step_seconds)

    @property
    def last(self) -> int:
        """The number of the newest window."""
        return self.first + len(self.rows[0]) - 1

    def _through(self, blank: Array, tail: History) -> "FittedMixture":
        """After so many unknown windows and these."""
        grid, learned, first = self.grid, self.learned, self.last + 1
        demand = np.concatenate((blank, plausible(tail.demand_acu)))[None]
        censored = np.concatenate((np.zeros(len(blank), dtype=np.bool_), tail.is_bound))[None]
        pace, rows = follow(self.pace, demand, first=first, step_seconds=grid.step_seconds, censored=censored)
        rows = np.concatenate((self.rows, rows), axis=1)
        done, whole = (count // grid.chunk * grid.chunk for count in (self.rows.shape[1], rows.shape[1]))
        for begin in range(done, whole, grid.chunk):
            learned = learn(learned, grid, rows, first=self.first, begin=begin)
        gone = max(0, whole - grid.kept)
        return replace(self, first=self.first + gone, rows=rows[:, gone:].copy(), pace=pace, learned=learned)

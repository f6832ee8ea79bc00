"""Rules of others over a whole recording: between which floors each wants to be, turn by turn.

Each is held against its policy by a test. Where a rule knows nothing, the floor in force stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.past import Past, compiled
from autoscaler.core.compiling import compile_functions
from autoscaler.core.sight import Sight
from benchmarks.decision_quality import fading
from models.outlook import LEVELS, OutlookSettings
from models.paths import forecast_paths
from policies.decayed_percentile import DecayedPercentile
from policies.planned_moves import MEDIAN, NOW_SECONDS, PlannedMoves
from policies.quantile import Quantile
from policies.reactive import Reactive

Numbers = NDArray[np.float64]
Corridor = tuple[Numbers, Numbers]

WINDOW_SECONDS = OutlookSettings().window_seconds
PERCENTILES = (0.25, 0.5, 0.75, 0.9, 0.95, 0.98)
UTILIZATIONS = (0.75, 1.2, 1.7, 2.5)
FADING = tuple(
    DecayedPercentile(percentile=percentile, margin=margin, half_life_seconds=hours * 3600.0)
    for hours, percentile, margin in product((3, 12), PERCENTILES, (0.0, 0.15, 0.5))
)
PLANNED = tuple(
    PlannedMoves(target_utilization=utilization, move_seconds=seconds)
    for utilization, seconds in product((0.25, 0.5, *UTILIZATIONS, 4.0), (300.0, 900.0))
)
# Demand counts as measured, for them as for everybody here: what saturation cut off is not made larger.
ROBUST = tuple(
    Quantile(
        quantile=level,
        target_utilization=utilization,
        guard=Reactive(target_utilization=utilization, down_window_seconds=900.0, censored_growth=1.0),
    )
    for level, utilization in product((0.5, 0.75, 0.9, 0.95, 0.99), UTILIZATIONS)
)


@dataclass(frozen=True, kw_only=True)
class Rivals:
    """What a recording shows (``past``), and when (``sight``); it starts ``start_seconds`` after the epoch."""

    past: Past
    sight: Sight
    start_seconds: float

    def corridors(self) -> Iterator[tuple[str, Corridor]]:
        """The lowest and the highest floor of each rule in each of its settings, (turns,) each, by family."""
        yield from (("fading", self.fading(one)) for one in FADING)
        yield from (("planned", self.planned(one)) for one in PLANNED)
        yield from (("robust", self.robust(one)) for one in ROBUST)

    def fading(self, policy: DecayedPercentile) -> Corridor:
        """``decayed-percentile``, at one of ``PERCENTILES``."""
        place = PERCENTILES.index(policy.percentile)
        floors = self._percentiles[policy.half_life_seconds][place] * (1.0 + policy.margin)
        return _or_as_it_is(floors, floors)

    def planned(self, policy: PlannedMoves) -> Corridor:
        """``planned-moves``, by the median of the forecaster ``mixture``."""
        now = self._lately(NOW_SECONDS)
        rise, fall = (
            np.maximum(self._coming(MEDIAN, moves * policy.move_seconds), now) / policy.target_utilization
            for moves in (2, 3)
        )
        return _or_as_it_is(rise * (1.0 + policy.margin), fall * (1.0 + policy.margin))

    def robust(self, policy: Quantile) -> Corridor:
        """``quantile``, by the forecaster ``mixture``, where its guard adds nothing to saturated samples."""
        assert policy.quantile is not None  # noqa: S101 - the protocol sets it
        guard = policy.guard
        ahead = self._coming(policy.quantile, policy.horizon_seconds) / policy.target_utilization
        up, down = (
            self._lately(seconds) / guard.target_utilization
            for seconds in (guard.up_window_seconds, guard.down_window_seconds)
        )
        low = np.fmax(ahead, up)
        return low, np.fmax(low, down)

    @cached_property
    def _percentiles(self) -> dict[float, Numbers]:
        past, found = self.past, {}
        for seconds in {one.half_life_seconds for one in FADING}:
            found[seconds] = np.zeros((len(PERCENTILES), len(self.sight)))
            compile_functions(fading)["fading_percentiles"](
                past.demand_acu,
                past.measured,
                self.sight.newest,
                seconds / past.sample_seconds,
                np.array(PERCENTILES),
                found[seconds],
            )
        return found

    def _lately(self, seconds: float) -> Numbers:
        past, highest = self.past, np.zeros(len(self.sight))
        samples = max(1, round(seconds / past.sample_seconds))
        compiled()["highest_lately"](past.demand_acu, past.newest(slice(0, len(self.sight))), samples, highest)
        return highest

    def _coming(self, level: float, seconds: float) -> Numbers:
        """The highest forecast of a level over so many seconds from each turn on, (turns,); NaN where there is none."""
        step, said = self._step_seconds, self._said[..., LEVELS.index(level)]
        late = self._at_seconds / step - self._windows_seen
        first, last = np.floor(late).astype(np.int64), np.ceil(late + seconds / step).astype(np.int64)
        highest = np.full(len(late), -np.inf)
        for ahead in range(int((last - first).max())):
            lead = first + ahead
            within = (lead < last) & (self._windows_seen > 0)
            highest[within] = np.maximum(highest[within], said[self._windows_seen[within] - 1, lead[within]])
        return np.where(np.isfinite(highest), highest, np.nan)

    @cached_property
    def _step_seconds(self) -> float:
        return max(WINDOW_SECONDS, self.sight.sample_seconds)

    @property
    def _first_seconds(self) -> float:
        """When the first window starts, from the start on: at it, or before."""
        return -(self.start_seconds % self._step_seconds)

    @cached_property
    def _at_seconds(self) -> Numbers:
        """When the turns are, from the start of the first window on."""
        return np.asarray(np.arange(len(self.sight)) * self.sight.turn_seconds - self._first_seconds, dtype=np.float64)

    @cached_property
    def _windows_seen(self) -> NDArray[np.int64]:
        """How many windows have been seen as a whole at each turn, (turns,)."""
        seconds = (self.sight.newest + 1) * self.sight.sample_seconds - self._first_seconds
        return np.asarray(np.floor(seconds / self._step_seconds + 1e-9), dtype=np.int64)

    @cached_property
    def _said(self) -> NDArray[np.float32]:
        """What the mixture says after each window, (windows, leads, levels)."""
        sight, step = self.sight, self._step_seconds
        at = np.arange(len(sight.demand_acu)) * sight.sample_seconds - self._first_seconds
        window = np.floor(at / step + 1e-9).astype(np.int64)
        peaks = np.full(int(window[-1]) + 1, np.nan)
        np.fmax.at(peaks, window, sight.demand_acu)
        furthest = max(3 * one.move_seconds for one in PLANNED)
        latest = float((self._at_seconds / step - self._windows_seen).max())
        leads = np.arange(1, int(np.ceil(latest + furthest / step)) + 1)
        first = round((self.start_seconds + self._first_seconds) / step)
        (said,) = forecast_paths(peaks[None], first=first, step_seconds=step, leads=leads, levels=LEVELS)
        return np.asarray(said)


def _or_as_it_is(low: Numbers, high: Numbers) -> Corridor:
    """Where nothing is known any floor will do."""
    known = np.isfinite(low) & np.isfinite(high)
    return np.where(known, low, 0.0), np.where(known, high, np.inf)

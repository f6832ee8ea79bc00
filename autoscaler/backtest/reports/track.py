"""What charts show of a run: its course step by step, and what was forecast and decided on the way."""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.run import PHASE_CODES, Result
from autoscaler.backtest.score import NEGLIGIBLE_ACU_SECONDS, needed
from autoscaler.core.capacity import Phase
from autoscaler.core.decision import Decision
from autoscaler.core.forecast import Forecast
from autoscaler.core.snapshot import Snapshot

# Forecasts are shown as they stood so long before their time: about the lead that a change needs.
LEAD_SECONDS = 900.0
BAND_LEVELS = (0.5, 0.95)
# Throttled steps closer together than this are one episode.
EPISODE_GAP_SECONDS = 300.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """The course of a run; arrays of shape (steps,)."""

    name: str
    start: datetime
    step_seconds: float
    demand_acu: Floats
    need_acu: Floats
    capacity_acu: Floats
    floor_acu: Floats
    throttled_acu_seconds: Floats
    paused: NDArray[np.bool_]
    cold: NDArray[np.bool_]
    scored: NDArray[np.bool_]

    @property
    def seconds(self) -> float:
        """How long the run is."""
        return len(self.demand_acu) * self.step_seconds

    def at(self, seconds: float) -> datetime:
        """The moment so many seconds after the start."""
        return self.start + timedelta(seconds=seconds)


def track_of(result: Result, name: str) -> Track:
    """The course of a finished run."""
    plan = result.plan
    return Track(
        name=name,
        start=plan.trace.start,
        step_seconds=plan.step_seconds,
        demand_acu=result.demand_acu,
        need_acu=needed(result),
        capacity_acu=result.capacity_acu,
        floor_acu=result.floor_acu,
        throttled_acu_seconds=result.throttled_acu_seconds,
        paused=result.phase == PHASE_CODES[Phase.PAUSED],
        cold=np.diff(result.cold_hits, prepend=0) > 0,
        scored=result.scored,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BandPoint:
    """What was forecast for one window: the demand's maximum at two levels, ACU."""

    at: datetime
    seconds: float
    low_acu: float
    high_acu: float


@dataclass(slots=True)
class Diary:
    """Notes of what was forecast and decided; give ``note`` to the run."""

    decisions: int = 0
    changes: list[Decision] = field(default_factory=list)
    held_back: Counter[str] = field(default_factory=Counter)
    band: list[BandPoint] = field(default_factory=list)
    _forecast: Forecast | None = None

    def note(self, snapshot: Snapshot, decision: Decision) -> None:
        """Take down one decision and what it saw."""
        self.decisions += 1
        if decision.changes:
            self.changes.append(decision)
        elif decision.steps:
            self.held_back[decision.driver] += 1
        forecast = snapshot.forecast
        if forecast is not None and forecast is not self._forecast:
            self._forecast = forecast
            self.band.append(_band_point(forecast, snapshot.at))

    def last_change_before(self, at: datetime) -> Decision | None:
        """The newest change up to a moment."""
        place = bisect_right(self.changes, at, key=lambda decision: decision.at)
        return self.changes[place - 1] if place else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A time in which work was throttled again and again; offsets in seconds after the start."""

    begin: float
    end: float
    throttled_acu_seconds: float
    peak_demand_acu: float
    capacity_acu: float
    floor_acu: float


def episodes(track: Track) -> list[Episode]:
    """The scored episodes of throttling, the worst first; capacity and floor are those at the begin."""
    throttled = (track.throttled_acu_seconds > NEGLIGIBLE_ACU_SECONDS) & track.scored
    steps = np.flatnonzero(throttled)
    if not len(steps):
        return []
    apart = np.flatnonzero(np.diff(steps) * track.step_seconds > EPISODE_GAP_SECONDS)
    firsts = steps[np.concatenate(([0], apart + 1))]
    lasts = steps[np.concatenate((apart, [len(steps) - 1]))]
    found = [_episode(track, int(first), int(last) + 1) for first, last in zip(firsts, lasts, strict=True)]
    return sorted(found, key=lambda episode: -episode.throttled_acu_seconds)


def worst_moment(tracks: list[Track]) -> float:
    """The middle of the worst episode of all; without any, the moment of the highest demand. Seconds."""
    worst = max(
        (found[0] for track in tracks if (found := episodes(track))),
        key=lambda episode: episode.throttled_acu_seconds,
        default=None,
    )
    if worst is not None:
        return (worst.begin + worst.end) / 2
    return float(np.argmax(tracks[0].demand_acu * tracks[0].scored)) * tracks[0].step_seconds


def _episode(track: Track, first: int, last: int) -> Episode:
    return Episode(
        begin=first * track.step_seconds,
        end=last * track.step_seconds,
        throttled_acu_seconds=float(track.throttled_acu_seconds[first:last].sum()),
        peak_demand_acu=float(track.demand_acu[first:last].max()),
        capacity_acu=float(track.capacity_acu[first]),
        floor_acu=float(track.floor_acu[first]),
    )


def _band_point(forecast: Forecast, at: datetime) -> BandPoint:
    """The window that a change decided now would be for."""
    ahead = (at + timedelta(seconds=LEAD_SECONDS) - forecast.start) / timedelta(seconds=forecast.step_seconds)
    window = min(max(int(ahead), 0), len(forecast.demand_acu[0]) - 1)
    low, high = (
        min(range(len(forecast.levels)), key=lambda row: abs(forecast.levels[row] - level)) for level in BAND_LEVELS
    )
    return BandPoint(
        at=forecast.start + timedelta(seconds=window * forecast.step_seconds),
        seconds=forecast.step_seconds,
        low_acu=forecast.demand_acu[low][window],
        high_acu=forecast.demand_acu[high][window],
    )

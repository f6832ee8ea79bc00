"""How well forecasts came true, kept up as demand arrives: no history is read for it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample

# So many windows weigh as much as all before them: a day of five-minute windows.
MEMORY_WINDOWS = 288
# A forecast of which no window ends within so many steps after its lead is none to wait for.
MOST_PENDING = 200

Place = tuple[int, float]
"""Lead in seconds, and level."""


@dataclass(slots=True)
class Error:
    """Of one lead and level: the mean pinball loss, ACU, and the fraction of windows whose demand was no higher."""

    windows: int = 0
    pinball_acu: float = 0.0
    coverage_fraction: float = 0.0

    def add(self, level: float, forecast_acu: float, demand_acu: float) -> None:
        """Take in a window: first a plain mean, later one that forgets."""
        self.windows += 1
        weight = 1.0 / min(self.windows, MEMORY_WINDOWS)
        over = demand_acu - forecast_acu
        self.pinball_acu += weight * (max(level * over, (level - 1) * over) - self.pinball_acu)
        self.coverage_fraction += weight * ((over <= 0) - self.coverage_fraction)


@dataclass(slots=True)
class _Window:
    """What was forecast for a window, and the demand seen in it so far."""

    start: datetime
    end: datetime
    lead_seconds: int
    acu: tuple[tuple[float, float], ...]
    peak_acu: float | None = None
    censored: bool = False


@dataclass(slots=True)
class Accuracy:
    """Of the forecasts of one cluster, at the leads and levels that are shown."""

    leads_seconds: tuple[int, ...]
    levels: tuple[float, ...]
    errors: dict[Place, Error] = field(default_factory=dict)
    _made_at: datetime | None = None
    _pending: deque[_Window] = field(default_factory=deque)

    def observe(self, forecast: Forecast | None, samples: Iterable[Sample]) -> None:
        """Take in the samples that were seen first at this tick, and remember what a new forecast says."""
        for sample in samples:
            self._take(sample)
        if forecast is not None and forecast.made_at != self._made_at:
            self._made_at = forecast.made_at
            self._remember(forecast)

    def _take(self, sample: Sample) -> None:
        if sample.demand_acu is None:
            return
        done = []
        for window in self._pending:
            if sample.end > window.end:
                done.append(window)
            elif sample.at >= window.start and sample.demand_acu >= (window.peak_acu or 0.0):
                window.peak_acu, window.censored = sample.demand_acu, sample.censored
        for window in done:
            self._pending.remove(window)
            self._settle(window)

    def _settle(self, window: _Window) -> None:
        """The true demand of a saturated window is not known; it is left out, and not taken for small."""
        if window.peak_acu is None or window.censored:
            return
        for level, acu in window.acu:
            place = window.lead_seconds, level
            self.errors.setdefault(place, Error()).add(level, acu, window.peak_acu)

    def _remember(self, forecast: Forecast) -> None:
        step = timedelta(seconds=forecast.step_seconds)
        rows = zip(forecast.levels, forecast.demand_acu, strict=True)
        shown = [(level, row) for level, row in rows if level in self.levels]
        for lead_seconds in self.leads_seconds:
            place = (forecast.made_at + timedelta(seconds=lead_seconds) - forecast.start) // step
            if not shown or not 0 <= place < len(shown[0][1]) or len(self._pending) >= MOST_PENDING:
                continue
            start = forecast.start + place * step
            acu = tuple((level, row[place]) for level, row in shown)
            self._pending.append(_Window(start=start, end=start + step, lead_seconds=lead_seconds, acu=acu))

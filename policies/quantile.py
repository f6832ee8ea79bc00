"""The policy that keeps room for a quantile of the demand to come."""

from bisect import bisect_left
from dataclasses import dataclass
from math import isfinite

from autoscaler.core.capacity import Range
from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.forecast import Forecast
from autoscaler.core.snapshot import Snapshot
from autoscaler.errors import InvalidInput
from policies.checks import check_number, check_pause, check_window
from policies.reactive import Reactive
from policies.wish import left_alone, spoken, wished_range

# Below the median a forecast says nothing about peaks; above 0.995 no history is long enough to say it.
LOWEST_QUANTILE, HIGHEST_QUANTILE = 0.5, 0.995
# A raised floor is paid for about three times as long as the peak it covers lasts: changes are spaced, shrinking
# waits, and the cluster comes down lazily.
OVERSTAY = 3.0
# Comes down sooner than a reactive policy on its own: what comes back soon is the forecast's business.
GUARD = Reactive(down_window_seconds=900.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """Keeps room for a quantile of the demand that is forecast.

    The floor is the least that carries a quantile of the demand's peak over the horizon, as in the robust scaling of
    Hang and others (ICDE 2024), of which this is our re-implementation: there the quantile is higher where the
    forecast is unsure, here one follows from the price; the guard is ours. The forecast alone may raise the floor; it
    only comes down as far as the guard, a reactive policy, comes down too. Without a forecast that reaches
    far enough the guard decides.

    Args:
        quantile: the quantile of the forecast to cover; left out, it follows from the throttling price.
        target_utilization: how full the floor may be with that demand. Up to 4.
        horizon_seconds: how far ahead to cover: the spacing of changes, the metric delay and a sample.
        guard: the reactive policy below whose floor it never goes.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    quantile: float | None = None
    target_utilization: float = 1.2
    horizon_seconds: float = 900.0
    guard: Reactive = GUARD
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        if self.quantile is not None:
            check_number("quantile", self.quantile, at_least=0.001, at_most=0.999)
        check_number("target_utilization", self.target_utilization, above=0, at_most=4)
        check_window("horizon_seconds", self.horizon_seconds)
        check_pause("pause_after_seconds", self.pause_after_seconds)
        if self.guard.pause_after_seconds is not None:
            raise InvalidInput(
                f"guard.pause_after_seconds is {self.guard.pause_after_seconds}; leave it out and give"
                " pause_after_seconds to the quantile policy, which holds with and without a forecast"
            )

    @property
    def recent_seconds(self) -> float:
        return self.guard.recent_seconds

    @property
    def looks_ahead(self) -> bool:
        return True

    def advise(self, snapshot: Snapshot) -> Advice:
        if snapshot.prices.throttling_price == 0:
            return left_alone(snapshot)
        guard = self.guard.advise(snapshot)
        forecast = snapshot.forecast
        if forecast is None:
            return self._guarded(guard, snapshot, "there is no forecast")
        level = _level_at(forecast, self._quantile(snapshot))
        peak_acu = _peak_acu(forecast, level, snapshot, self.horizon_seconds)
        ahead = spoken(self.horizon_seconds)
        if peak_acu is None:
            return self._guarded(guard, snapshot, f"the forecast does not cover the next {ahead}")
        floor_acu = peak_acu / self.target_utilization
        model = f" ({forecast.model})" if forecast.model else ""
        reason = f"the {level:.3g} quantile of demand over the next {ahead} is {peak_acu:.3g} ACU{model}"
        if forecast.doubt:
            reason = f"{reason}, not trusted: {forecast.doubt}"
        ahead_alone = self._range(floor_acu, snapshot)
        if floor_acu >= guard.range.floor_acu and forecast.trusted:
            return Advice(range=ahead_alone, reason=reason, grounds=Grounds.FORECAST)
        if floor_acu < guard.range.floor_acu:
            reason = f"{reason}, less than the guard keeps: {guard.reason}"
        return Advice(
            range=self._range(max(floor_acu, guard.range.floor_acu), snapshot),
            reason=reason,
            unmeasured=ahead_alone if forecast.trusted else None,
        )

    def _quantile(self, snapshot: Snapshot) -> float:
        """The newsvendor's critical ratio: one ACU too few costs λ, one too many is paid for longer than its peak."""
        if self.quantile is not None:
            return self.quantile
        price = max(0.0, snapshot.prices.throttling_price)
        ratio = price / (OVERSTAY + price) if isfinite(price) else 1.0
        return min(max(ratio, LOWEST_QUANTILE), HIGHEST_QUANTILE)

    def _guarded(self, guard: Advice, snapshot: Snapshot, why: str) -> Advice:
        reason = f"{why}: {guard.reason}"
        if not guard.known:
            return Advice(range=guard.range, reason=reason, known=False)
        return Advice(range=self._range(guard.range.floor_acu, snapshot), reason=reason)

    def _range(self, floor_acu: float, snapshot: Snapshot) -> Range:
        return wished_range(
            snapshot,
            floor_acu=floor_acu,
            ceiling_acu=snapshot.status.range.ceiling_acu,
            pause_after_seconds=self.pause_after_seconds or snapshot.limits.pause_after_seconds,
        )


def _level_at(forecast: Forecast, quantile: float) -> float:
    """The level that stands in for ``quantile``: the nearest not below it, or the highest there is."""
    return forecast.levels[min(bisect_left(forecast.levels, quantile - 1e-12), len(forecast.levels) - 1)]


def _peak_acu(forecast: Forecast, level: float, snapshot: Snapshot, seconds: float) -> float | None:
    """The forecast's peak, or None when it starts too late, ends too early or is no number."""
    if snapshot.at < forecast.start:
        return None
    peak = forecast.peak_acu(level, snapshot.at, seconds)
    return peak if peak is not None and isfinite(peak) else None

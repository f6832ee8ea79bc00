"""The cheapest moves for a forecast taken at its word: what P-Store plans."""

from dataclasses import dataclass
from math import isfinite

from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.snapshot import Snapshot
from policies.checks import check_number, check_pause, check_window
from policies.reactive import largest_demand_acu
from policies.wish import left_alone, spoken, wished_range

# Demand that is there counts, whatever was forecast.
NOW_SECONDS = 120.0
MEDIAN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMoves:
    """Plans the cheapest moves for a point forecast: a baseline.

    Our re-implementation of P-Store (Taft et al., SIGMOD 2018): a point forecast, made larger by a margin, and the
    cheapest moves between sizes that keep up with it, of which the first is made. While a move lasts the larger size is
    paid for and the smaller one serves. Where all moves last as long, the plan has a plain answer: rise to the highest
    demand of this move and the next; fall to the highest of this and the next two, since a dip that is over by then
    saves nothing. The point forecast is the median of the policy's forecaster, in the place of P-Store's SPAR, and a
    demand above it counts as soon as it is measured.

    Args:
        margin: how much more than the forecast is planned for, as a part of it.
        target_utilization: how full the floor may be with that demand. Up to 4.
        move_seconds: how long a move lasts.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    margin: float = 0.15
    target_utilization: float = 1.2
    move_seconds: float = 300.0
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_number("margin", self.margin, at_least=0, at_most=4)
        check_number("target_utilization", self.target_utilization, above=0, at_most=4)
        check_window("move_seconds", self.move_seconds)
        check_pause("pause_after_seconds", self.pause_after_seconds)

    @property
    def recent_seconds(self) -> float:
        return NOW_SECONDS

    @property
    def looks_ahead(self) -> bool:
        return True

    def advise(self, snapshot: Snapshot) -> Advice:
        if snapshot.prices.throttling_price == 0:
            return left_alone(snapshot)
        current, now = snapshot.status.range, largest_demand_acu(snapshot.recent, NOW_SECONDS) or 0.0
        rise, fall = self._coming_acu(snapshot, moves=2), self._coming_acu(snapshot, moves=3)
        if rise is None or fall is None:
            return Advice(range=current, reason="no forecast reaches over the next three moves", known=False)
        full = self.target_utilization / (1.0 + self.margin)
        low, high = max(rise, now) / full, max(fall, now) / full
        wanted = wished_range(
            snapshot,
            floor_acu=max(low, min(current.floor_acu, high)),
            ceiling_acu=current.ceiling_acu,
            pause_after_seconds=self.pause_after_seconds or snapshot.limits.pause_after_seconds,
        )
        reason = f"{max(fall, now):.3g} ACU are expected within {spoken(3 * self.move_seconds)}"
        at_once = f"{max(rise, now):.3g} ACU of them within {spoken(2 * self.move_seconds)}; {self.margin:.0%} on top"
        grounds = Grounds.FORECAST if now <= rise else Grounds.MEASURED
        return Advice(range=wanted, reason=f"{reason}, {at_once}", grounds=grounds)

    def _coming_acu(self, snapshot: Snapshot, *, moves: int) -> float | None:
        """The highest point forecast over so many moves; None where it does not reach so far or is no number."""
        forecast = snapshot.forecast
        if forecast is None:
            return None
        peak = forecast.peak_acu(MEDIAN, snapshot.at, moves * self.move_seconds)
        return peak if peak is not None and isfinite(peak) else None

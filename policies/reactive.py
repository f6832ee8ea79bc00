"""The policy that follows measured demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from autoscaler.core.decision import Advice
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from policies.checks import check_number, check_pause, check_window
from policies.wish import left_alone, spoken, wished_range


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactive:
    """Follows the measured demand: up at once, down late.

    The floor rises to the largest demand of the short up window, and comes down to the largest demand of
    the long down window. Unknown samples are skipped, never taken for zero. The ceiling stays as it is.

    Args:
        target_utilization: how full the floor may be; above 1, the floor lies below the demand and the
            cluster climbs the rest by itself. Up to 4.
        up_window_seconds: how far back a demand raises the floor.
        down_window_seconds: how far back a demand keeps the floor up.
        censored_growth: factor on the newest demand when the cluster was saturated, so that the true
            demand is unknown but larger.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    target_utilization: float = 1.2
    up_window_seconds: float = 120.0
    down_window_seconds: float = 3600.0
    censored_growth: float = 1.5
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_number("target_utilization", self.target_utilization, above=0, at_most=4)
        check_window("up_window_seconds", self.up_window_seconds)
        check_window("down_window_seconds", self.down_window_seconds)
        check_number("censored_growth", self.censored_growth, at_least=1, at_most=10)
        check_pause("pause_after_seconds", self.pause_after_seconds)

    @property
    def recent_seconds(self) -> float:
        return max(self.up_window_seconds, self.down_window_seconds)

    @property
    def looks_ahead(self) -> bool:
        return False

    def advise(self, snapshot: Snapshot) -> Advice:
        if snapshot.prices.throttling_price == 0:
            return left_alone(snapshot)
        recent, current = snapshot.recent, snapshot.status.range
        up_acu = largest_demand_acu(recent, self.up_window_seconds)
        down_acu = largest_demand_acu(recent, self.down_window_seconds)
        if up_acu is None or down_acu is None:
            return Advice(range=current, reason="no demand has been measured yet", known=False)
        assumed_acu = grown_acu(recent, self.censored_growth)
        up_floor_acu = max(up_acu, assumed_acu) / self.target_utilization
        kept_acu = min(current.floor_acu, down_acu / self.target_utilization)
        if up_floor_acu < kept_acu:
            reason = f"demand reached {down_acu:.3g} ACU in the last {spoken(self.down_window_seconds)}"
        elif assumed_acu > up_acu:
            reason = f"the cluster is saturated: {assumed_acu:.3g} ACU are assumed, {up_acu:.3g} ACU were measured"
        else:
            reason = f"demand reached {up_acu:.3g} ACU in the last {spoken(self.up_window_seconds)}"
        wanted = wished_range(
            snapshot,
            floor_acu=max(up_floor_acu, kept_acu),
            ceiling_acu=current.ceiling_acu,
            pause_after_seconds=self.pause_after_seconds or snapshot.limits.pause_after_seconds,
        )
        return Advice(range=wanted, reason=reason)


def grown_acu(recent: Sequence[Sample], growth: float) -> float:
    """What the newest known sample may stand for if it was cut off; 0 if it was not."""
    for sample in reversed(recent):
        if sample.demand_acu is not None:
            return sample.demand_acu * growth if sample.censored else 0.0
    return 0.0


def largest_demand_acu(recent: Sequence[Sample], seconds: float) -> float | None:
    """The largest known demand of the samples that reach into the last ``seconds`` of ``recent``.

    The time counts back from the end of the newest sample. Where nothing is known in it, the newest known
    sample before it counts; None when there is none at all.
    """
    if not recent:
        return None
    since = recent[-1].end - timedelta(seconds=seconds)
    # Below every demand. A number that cannot be true (negative, NaN) never passes for a known one.
    largest = -1.0
    for sample in reversed(recent):
        if sample.at < since and largest >= 0.0 and sample.end <= since:
            break
        demand = sample.demand_acu
        if demand is not None and demand > largest:
            largest = demand
    return largest if largest >= 0.0 else None

"""AWS's own rule, as a policy: a share of the highest demand of the last day."""

from dataclasses import dataclass

from autoscaler.core.decision import Advice
from autoscaler.core.snapshot import Snapshot
from policies.checks import check_number, check_pause
from policies.reactive import largest_demand_acu
from policies.wish import left_alone, spoken, wished_range

DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyPeakShare:
    """A share of the last day's peak: AWS's rule, a baseline.

    Our re-implementation of what the Aurora Serverless step of Application Recovery Controller's Region switch sets:
    a minimum of a percentage, 100 unless told, of the peak of the last 24 hours. Different here: the peak is that of
    the demand and not of the capacity, and the floor comes down again when the peak is a day old.

    Args:
        share: the part of the peak that the floor covers. Up to 2.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    share: float = 1.0
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_number("share", self.share, above=0, at_most=2)
        check_pause("pause_after_seconds", self.pause_after_seconds)

    @property
    def recent_seconds(self) -> float:
        return DAY_SECONDS

    @property
    def looks_ahead(self) -> bool:
        return False

    def advise(self, snapshot: Snapshot) -> Advice:
        if snapshot.prices.throttling_price == 0:
            return left_alone(snapshot)
        current, peak_acu = snapshot.status.range, largest_demand_acu(snapshot.recent, DAY_SECONDS)
        if peak_acu is None:
            return Advice(range=current, reason="no demand has been measured yet", known=False)
        wanted = wished_range(
            snapshot,
            floor_acu=peak_acu * self.share,
            ceiling_acu=current.ceiling_acu,
            pause_after_seconds=self.pause_after_seconds or snapshot.limits.pause_after_seconds,
        )
        reason = f"{self.share:.0%} of the {peak_acu:.3g} ACU that demand reached in the last {spoken(DAY_SECONDS)}"
        return Advice(range=wanted, reason=reason)

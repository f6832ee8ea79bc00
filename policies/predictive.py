"""The policy that plans: the floor of the least expected cost over the ways the next minutes may go."""

from dataclasses import dataclass

from autoscaler.core.decision import Advice
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tuning import Family
from policies.checks import check_pause
from policies.wish import tuned

FAMILIES = (Family.PREDICTIVE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictive:
    """Plans the floor of the least expected cost.

    Every five minutes floors are weighed over what followed on moments of the past that were most like this one, with
    the cluster's own dynamics: how fast it climbs from a floor, how late it comes down. What counts as alike is
    chosen by trailing backtests, each day anew; where no plan would have paid, the cluster is left alone. A
    plan alone may raise the floor; to lower it the recent load must agree. Until a first day has been seen, the range
    stays as it is. It asks no forecaster.

    Args:
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_pause("pause_after_seconds", self.pause_after_seconds)

    @property
    def recent_seconds(self) -> float:
        return 0.0

    @property
    def looks_ahead(self) -> bool:
        return False

    @property
    def tuned_families(self) -> tuple[Family, ...]:
        return FAMILIES

    def advise(self, snapshot: Snapshot) -> Advice:
        return tuned(snapshot, FAMILIES, self.pause_after_seconds)

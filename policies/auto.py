"""The policy that chooses among policies, by what each would have cost."""

from dataclasses import dataclass

from autoscaler.core.decision import Advice
from autoscaler.core.snapshot import Snapshot
from policies.checks import check_pause
from policies.wish import left_alone, wished_range


@dataclass(frozen=True, slots=True, kw_only=True)
class Auto:
    """Tunes itself: what would have been cheapest so far.

    Day after day it tries the past of the cluster again: left alone, with a static floor, reactive, scheduled by
    the time of the day or of the week, and predictive, each in several settings. Whichever would have cost
    least, throttling at its owner's price included, decides until the next day; a new one must be better by a
    margin. Until a first day has been seen, the range stays as it is.

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
    def wants_tuning(self) -> bool:
        return True

    def advise(self, snapshot: Snapshot) -> Advice:
        if snapshot.prices.throttling_price == 0:
            return left_alone(snapshot)
        current, tuning = snapshot.status.range, snapshot.tuning
        if tuning is None:
            return Advice(range=current, reason="not a whole day of its past is known yet", known=False)
        wanted = wished_range(
            snapshot,
            floor_acu=max(tuning.low_acu, min(current.floor_acu, tuning.high_acu)),
            ceiling_acu=current.ceiling_acu,
            pause_after_seconds=self.pause_after_seconds or snapshot.limits.pause_after_seconds,
        )
        return Advice(range=wanted, reason=f"{tuning.reason}; it asks for {tuning.low_acu:.3g} ACU or more now")

"""The policy that chooses among policies, by what each would have cost."""

from dataclasses import dataclass

from autoscaler.core.decision import Advice
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tuning import Family
from autoscaler.errors import InvalidInput
from policies.checks import check_pause, check_tuple
from policies.wish import tuned


@dataclass(frozen=True, slots=True, kw_only=True)
class Auto:
    """Tunes itself: what would have been cheapest so far.

    Day after day it tries the past of the cluster again: left alone, with a static floor, reactive, scheduled by
    the time of the day or of the week, and predictive, each in several settings. Whichever would have cost
    least, throttling at its owner's price included, decides until the next day; a new one must be better by a
    margin, and surely better than leaving the cluster alone. Where the owner limits the throttled share, it is the
    cheapest that keeps to that. Until a first day has been seen, the range stays as it is.

    Args:
        families: what is tried beside leaving it alone: static, reactive, scheduled, predictive; left out, all of them.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    families: tuple[Family, ...] = tuple(Family)
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_tuple("families", self.families, Family)
        if not self.families:
            raise InvalidInput(f"families is empty; name at least one of {', '.join(Family)}")
        check_pause("pause_after_seconds", self.pause_after_seconds)

    @property
    def recent_seconds(self) -> float:
        return 0.0

    @property
    def looks_ahead(self) -> bool:
        return False

    @property
    def tuned_families(self) -> tuple[Family, ...]:
        return self.families

    def advise(self, snapshot: Snapshot) -> Advice:
        return tuned(snapshot, self.families, self.pause_after_seconds)

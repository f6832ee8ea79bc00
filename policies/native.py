"""The policy that leaves a cluster alone in a fixed range."""

from dataclasses import dataclass

from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.snapshot import Snapshot
from policies.checks import check_floor_and_ceiling, check_pause
from policies.wish import wished_range


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """A fixed range, inside which the cluster scales itself.

    What a cluster does when nobody helps it: the baseline for every other policy. Without bounds of its
    own it takes the owner's limits.

    Args:
        floor_acu: the floor; left out, the owner's minimum.
        ceiling_acu: the ceiling; left out, the owner's maximum.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    floor_acu: float | None = None
    ceiling_acu: float | None = None
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_floor_and_ceiling("", self.floor_acu, self.ceiling_acu)
        check_pause("pause_after_seconds", self.pause_after_seconds)

    @property
    def recent_seconds(self) -> float:
        return 0.0

    @property
    def looks_ahead(self) -> bool:
        return False

    def advise(self, snapshot: Snapshot) -> Advice:
        limits = snapshot.limits
        wanted = wished_range(
            snapshot,
            floor_acu=limits.min_acu if self.floor_acu is None else self.floor_acu,
            ceiling_acu=limits.max_acu if self.ceiling_acu is None else self.ceiling_acu,
            pause_after_seconds=self.pause_after_seconds or limits.pause_after_seconds,
        )
        return Advice(range=wanted, reason=f"the range is fixed at {wanted}", grounds=Grounds.FIXED)

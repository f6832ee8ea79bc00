"""When a cluster that fails is asked again: ever more rarely, never given up, and not all of them at once."""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

# After one, two, four … intervals: often enough to be there when it is back.
LONGEST_BACKOFF_SECONDS = 900.0
MOST_DOUBLINGS = 10
# Those that an outage stopped together come back up to this much of their wait apart.
SPREAD_FRACTION = 0.25
# One failure is an accident; from so many on a cluster counts as away.
OPENS_AFTER = 3


class BreakerState(StrEnum):
    """``closed``: asked at every interval. ``open``: away, and left alone for minutes. ``half-open``: about to be
    tried again.
    """

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Of one cluster; it keeps those who fail from costing those who do not."""

    def __init__(self, cluster_id: str, *, interval_seconds: float) -> None:
        self.failures = 0
        self.next_at: datetime | None = None
        self._cluster_id = cluster_id
        self._interval_seconds = interval_seconds

    def is_due(self, at: datetime) -> bool:
        """Whether it may be asked."""
        return self.next_at is None or at >= self.next_at

    def state(self, at: datetime) -> BreakerState:
        """What it is at a moment."""
        if self.failures < OPENS_AFTER:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if self.is_due(at) else BreakerState.OPEN

    def decided(self, at: datetime) -> None:
        """A tick of this moment is done, and all is well."""
        self.failures = 0
        self.wait_from(at)

    def wait_from(self, at: datetime) -> None:
        """The next tick is an interval away."""
        self.next_at = at + timedelta(seconds=self._interval_seconds)

    def failed(self, at: datetime) -> None:
        """A tick of this moment came to nothing."""
        doubled = self._interval_seconds * 2.0 ** min(self.failures, MOST_DOUBLINGS)
        wait_seconds = max(self._interval_seconds, min(doubled, LONGEST_BACKOFF_SECONDS))
        self.failures += 1
        self.next_at = at + timedelta(seconds=wait_seconds + self._spread_seconds(wait_seconds))

    def _spread_seconds(self, wait_seconds: float) -> float:
        """Whole intervals, since ticks come on their grid; chance from the name, so that a test can tell it."""
        drawn = sha256(f"{self._cluster_id} {self.failures}".encode()).digest()
        chance = int.from_bytes(drawn[:4]) / 2**32
        return int(chance * SPREAD_FRACTION * wait_seconds / self._interval_seconds + 0.5) * self._interval_seconds

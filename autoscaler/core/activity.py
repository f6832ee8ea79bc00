"""When a cluster is expected to be used next: what a decision about its sleep may know."""

from dataclasses import dataclass
from datetime import datetime

from autoscaler.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """``chances[i]`` is that use starts in the window ``start + i * step_seconds``, if it has not started before.

    ``idle_seconds`` is how long it has been known to be idle before ``start``; 0 while it is in use or unknown.
    ``wakes`` counts how often it woke in the 24 hours before.
    """

    start: datetime
    step_seconds: float
    idle_seconds: float
    chances: tuple[float, ...]
    wakes: int = 0

    def __post_init__(self) -> None:
        if not all(0 <= chance <= 1 for chance in self.chances):
            raise InvalidInput("a chance that use starts is not between 0 and 1")

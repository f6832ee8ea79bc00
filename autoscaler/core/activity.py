"""When a cluster is expected to be used next, and what that is worth: what a decision about its sleep may know."""

from dataclasses import dataclass
from datetime import datetime

from autoscaler.core.capacity import SECONDS_PER_HOUR
from autoscaler.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """What sleep is weighed by.

    Args:
        cold_hit_acu_hours: ACU-hours worth paying so that one client does not meet a paused cluster.
        idle_acu: the capacity of an idle cluster, until it was seen what it really is.
        held_awake_seconds: how long the provider keeps a woken cluster awake.
    """

    cold_hit_acu_hours: float = 1.0
    idle_acu: float = 0.5
    held_awake_seconds: float = 1200.0

    def cold_hit_windows(self, idle_acu: float, step_seconds: float) -> float:
        """How many windows it may idle awake for the price of a cold hit."""
        return self.cold_hit_acu_hours / idle_acu * SECONDS_PER_HOUR / step_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """``chances[i]`` is that use starts in the window ``start + i * step_seconds``, if it has not started before.

    ``idle_seconds`` is how long it has been known to be idle before ``start``; 0 while it is in use or unknown.
    While nobody comes it is worth being awake for ``awake_windows`` from ``start`` on, and again from the window of
    number ``wake_window`` on (None: in none that was looked at); ``way`` says who says so. ``break_even_seconds`` of
    idleness cost as much as a cold hit. ``wakes`` counts how often it woke in the 24 hours before, and a resume takes
    no longer than ``resume_seconds``, nine times of ten.
    """

    start: datetime
    step_seconds: float
    idle_seconds: float
    chances: tuple[float, ...]
    awake_windows: int = 0
    wake_window: int | None = None
    break_even_seconds: float = 0.0
    way: str = "the plan"
    wakes: int = 0
    resume_seconds: float | None = None

    def __post_init__(self) -> None:
        if not all(0 <= chance <= 1 for chance in self.chances):
            raise InvalidInput("a chance that use starts is not between 0 and 1")

    @property
    def awake_seconds(self) -> float:
        """How long from ``start`` on it is worth being awake."""
        return self.awake_windows * self.step_seconds

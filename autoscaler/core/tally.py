"""What a stretch of time cost and what it throttled."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a stretch of time cost and what it throttled; tallies add up.

    Capacities and work are summed over instances. Only ``seconds`` of a known demand count, as in a backtest.
    ``awake_idle_seconds`` were without use and awake, and took ``idle_acu_hours``; ``paused_seconds`` were asleep.
    Clients have ``waited_seconds`` for resumes.
    """

    seconds: float = 0.0
    acu_hours: float = 0.0
    work_acu_hours: float = 0.0
    throttled_acu_hours: float = 0.0
    changes: int = 0
    cold_hits: int = 0
    awake_idle_seconds: float = 0.0
    idle_acu_hours: float = 0.0
    paused_seconds: float = 0.0
    waited_seconds: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        # Field by field: `astuple` copies deeply, and every tick of every cluster adds some of these up.
        return Tally(
            seconds=self.seconds + other.seconds,
            acu_hours=self.acu_hours + other.acu_hours,
            work_acu_hours=self.work_acu_hours + other.work_acu_hours,
            throttled_acu_hours=self.throttled_acu_hours + other.throttled_acu_hours,
            changes=self.changes + other.changes,
            cold_hits=self.cold_hits + other.cold_hits,
            awake_idle_seconds=self.awake_idle_seconds + other.awake_idle_seconds,
            idle_acu_hours=self.idle_acu_hours + other.idle_acu_hours,
            paused_seconds=self.paused_seconds + other.paused_seconds,
            waited_seconds=self.waited_seconds + other.waited_seconds,
        )

    @property
    def throttled_work_fraction(self) -> float | None:
        """Throttled over arriving work; None when none arrived."""
        return self.throttled_acu_hours / self.work_acu_hours if self.work_acu_hours > 0 else None

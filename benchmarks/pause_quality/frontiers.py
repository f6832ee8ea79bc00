"""Cold hits against idle hours spent awake: of one trace, pooled over traces, and between two settings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.pause_quality.cases import Case
from benchmarks.pause_quality.ways import Awake


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What happened in a stretch of windows."""

    awake_hours: float
    idle_hours: float
    cold_hits: float
    gaps: float

    def __add__(self, other: "Count") -> "Count":
        return Count(
            awake_hours=self.awake_hours + other.awake_hours,
            idle_hours=self.idle_hours + other.idle_hours,
            cold_hits=self.cold_hits + other.cold_hits,
            gaps=self.gaps + other.gaps,
        )

    def cost(self, price: float) -> float:
        """Hours awake, idle, and on top what the cold hits are worth."""
        return self.awake_hours + price * self.cold_hits

    @property
    def awake_share(self) -> float:
        return 100.0 * self.awake_hours / max(self.idle_hours, 1e-9)

    @property
    def cold_share(self) -> float:
        return 100.0 * self.cold_hits / max(self.gaps, 1e-9)


NOTHING = Count(awake_hours=0.0, idle_hours=0.0, cold_hits=0.0, gaps=0.0)


def count(case: Case, awake: Awake, *, begin: int, end: int) -> Count:
    """What this way to pause did from one window to another."""
    hours, idle = case.step_seconds / 3600.0, case.idle[begin:end]
    starts = case.starts[(case.starts >= begin) & (case.starts < end)]
    return Count(
        awake_hours=hours * float((idle & awake[begin:end]).sum()),
        idle_hours=hours * float(idle.sum()),
        cold_hits=float((~awake[starts]).sum()),
        gaps=float(len(starts)),
    )


def cold_at(points: Sequence[Count], awake_share: float) -> float | None:
    """Cold hits in percent at this awake-idle share, on the line between the settings to both sides of it."""
    best = lower_hull(points)
    shares, colds = [p.awake_share for p in best], [p.cold_share for p in best]
    return float(np.interp(awake_share, shares, colds)) if shares and shares[0] <= awake_share <= shares[-1] else None


def lower_hull(points: Sequence[Count]) -> list[Count]:
    """The settings that none beats in both, by rising awake-idle share."""
    kept: list[Count] = []
    for point in sorted(points, key=lambda p: (p.awake_share, p.cold_share)):
        if not kept or point.cold_share < kept[-1].cold_share:
            kept.append(point)
    return kept

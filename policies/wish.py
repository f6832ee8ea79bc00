"""What the policies share when they put a wish into words and bounds."""

from autoscaler.core.capacity import Range, round_up
from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.snapshot import Snapshot


def wished_range(snapshot: Snapshot, *, floor_acu: float, ceiling_acu: float, pause_after_seconds: int | None) -> Range:
    """The range nearest to these bounds that the owner allows, on the grain; a floor never moves a ceiling.

    The rules would round and clip as well. Done here, a wish that comes to the range in force *is* that
    range, so that the rules do not count it as a wish for less.
    """
    current, limits = snapshot.status.range, snapshot.limits
    floor_acu = min(floor_acu, ceiling_acu)
    floor = min(max(round_up(floor_acu, limits.step_acu), limits.min_acu), ceiling_acu)
    if (
        floor == current.floor_acu
        and ceiling_acu == current.ceiling_acu
        and pause_after_seconds == current.pause_after_seconds
    ):
        return current
    wanted = limits.clip(Range(floor_acu=floor, ceiling_acu=ceiling_acu, pause_after_seconds=pause_after_seconds))
    return current if wanted == current else wanted


def left_alone(snapshot: Snapshot) -> Advice:
    """What an owner wants whose dial says that throttling costs nothing: the lowest floor there is."""
    wanted = wished_range(
        snapshot,
        floor_acu=snapshot.limits.min_acu,
        ceiling_acu=snapshot.status.range.ceiling_acu,
        pause_after_seconds=snapshot.limits.pause_after_seconds,
    )
    reason = "throttling costs its owner nothing, so it is left alone"
    return Advice(range=wanted, reason=reason, grounds=Grounds.FIXED)


def spoken(seconds: float) -> str:
    """A length of time as a person says it: 90 s, 15 min, 2 h."""
    if seconds >= 7200:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 60:.3g} min" if seconds >= 120 else f"{seconds:g} s"

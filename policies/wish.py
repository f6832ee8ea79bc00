"""What the policies share when they put a wish into words and bounds."""

from collections.abc import Collection

from autoscaler.core.capacity import Range, round_up
from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tuning import LEFT_ALONE, Family


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


def tuned(snapshot: Snapshot, families: Collection[Family], pause_after_seconds: int | None) -> Advice:
    """What trailing backtests recommend: the floor in force, as far as it lies in between what they wish.

    A floor below is raised at once; one above comes down only to the higher end, which follows the recent load.
    """
    current, recommended = snapshot.status.range, snapshot.tuning
    if snapshot.prices.throttling_price == 0 and snapshot.prices.max_throttled_fraction is None:
        return left_alone(snapshot)
    if recommended is None:
        return Advice(range=current, reason="not a whole day of its past is known yet", known=False)
    if recommended.family not in (LEFT_ALONE, *families):
        reason = f"its past was tried for another policy, which would be {recommended.family}"
        return Advice(range=current, reason=reason, known=False)
    wanted = wished_range(
        snapshot,
        floor_acu=max(recommended.low_acu, min(current.floor_acu, recommended.high_acu)),
        ceiling_acu=current.ceiling_acu,
        pause_after_seconds=pause_after_seconds or snapshot.limits.pause_after_seconds,
    )
    reason = f"{recommended.reason}; it asks for {recommended.low_acu:.3g} ACU or more now"
    return Advice(range=wanted, reason=reason)


def spoken(seconds: float) -> str:
    """A length of time as a person says it: 90 s, 15 min, 2 h."""
    if seconds >= 7200:
        return f"{seconds / 3600:.3g} h"
    return f"{seconds / 60:.3g} min" if seconds >= 120 else f"{seconds:g} s"

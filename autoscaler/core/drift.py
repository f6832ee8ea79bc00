"""Whether somebody else changed a range, told from the ranges that we asked for and saw."""

from datetime import datetime

from autoscaler.core.capacity import Range
from autoscaler.core.control import Drift


def notice_drift(
    aimed: Range, *, held: Range | None, asked: Range | None, before: Drift | None, at: datetime
) -> Drift | None:
    """The change from outside that still matters at this moment; None: there is none.

    One that nobody has acknowledged matters until somebody does, or takes it back, whatever we ask for meanwhile; its
    ``before`` stays the range from before all of that. One that is acknowledged matters while its range is in force.

    Args:
        aimed: the range the cluster is at, or on its way to.
        held: where it was at the last look; None: nobody has looked yet.
        asked: what we asked for last.
        before: what mattered until now.
    """
    open_drift = before if before is not None and not before.acknowledged else None
    if open_drift is not None and aimed == open_drift.before:
        return None
    if held is not None and aimed not in (held, asked):
        origin = held if open_drift is None else open_drift.before
        return Drift(at=at, before=origin, after=aimed)
    return open_drift or (before if before is not None and aimed == before.after else None)

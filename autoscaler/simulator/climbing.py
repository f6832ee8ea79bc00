"""What a raised floor did to a cluster, read off its capacity minute by minute; and the profile that follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autoscaler.core.capacity import Range

# Capacity is told as means of minutes: a floor that jumps shows in the first whole minute after it was raised.
CLOSE_ACU = 0.25
MINUTE_SECONDS = 60.0

# Means of minutes, by when they begin, oldest first.
Minutes = Sequence[tuple[datetime, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorRaise:
    """A floor was raised at one moment and given back at another; what was measured around both."""

    before: Range
    raised: Range
    raised_at: datetime
    restored_at: datetime
    minutes: Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """None: it could not be told.

    ``jumped``: capacity was at the raised floor in the first whole minute. ``reached_seconds``: from the change to the
    end of the first minute at the floor. ``climb_acu_per_second``: how fast it climbed after the first minute.
    ``burst_acu``: what it gained in the first minute. ``stayed_seconds``: from giving back to the first minute below.
    """

    start_acu: float | None
    jumped: bool | None
    reached_seconds: float | None
    burst_acu: float | None
    climb_acu_per_second: float | None
    stayed_seconds: float | None


def read_off(seen: FloorRaise) -> Findings:
    """What was measured says this."""
    before = [acu for at, acu in seen.minutes if (seen.raised_at - at).total_seconds() >= MINUTE_SECONDS]
    up = [(at, acu) for at, acu in seen.minutes if seen.raised_at <= at < seen.restored_at]
    down = [(at, acu) for at, acu in seen.minutes if at >= seen.restored_at]
    start = before[-1] if before else None
    floor = seen.raised.floor_acu - CLOSE_ACU
    there = next((at for at, acu in up if acu >= floor), None)
    left = next((at for at, acu in down if acu < floor), None)
    reached = None if there is None else (there - seen.raised_at).total_seconds() + MINUTE_SECONDS
    jumped = None if not up else up[0][1] >= floor
    return Findings(
        start_acu=start,
        jumped=jumped,
        reached_seconds=reached,
        burst_acu=None if start is None or not up else max(0.0, up[0][1] - start),
        climb_acu_per_second=None if jumped is not False else _slope([one for one in up if one[1] < floor]),
        stayed_seconds=None if left is None or there is None else (left - seen.restored_at).total_seconds(),
    )


def cluster_document(name: str, seen: FloorRaise, found: Findings) -> dict[str, Any]:
    """A cluster as `--cluster FILE` and the settings of the service take it, with what was measured."""
    dynamics: dict[str, float] = {}
    if found.jumped is False and found.burst_acu is not None:
        dynamics["bucket_acu"] = round(found.burst_acu, 2)
    if found.climb_acu_per_second:
        dynamics["refill_acu_per_second"] = round(found.climb_acu_per_second, 4)
    if found.stayed_seconds is not None:
        delay = max(MINUTE_SECONDS, found.stayed_seconds)
        dynamics |= {"shortest_descent_delay_seconds": delay, "longest_descent_delay_seconds": max(delay, 300.0)}
    overrides: dict[str, Mapping[str, Any]] = {} if not dynamics else {"dynamics": dynamics}
    if found.jumped is not None:
        overrides["changing"] = {"floor_jumps": found.jumped}
    return {
        "name": name,
        "profile": "aurora-v2",
        "overrides": overrides,
        "limits": {"min_acu": seen.before.floor_acu, "max_acu": seen.before.ceiling_acu},
    }


def _slope(climbing: Minutes) -> float | None:
    """Between the first and the last minute on the way."""
    if len(climbing) < 2:
        return None
    (first, low), (last, high) = climbing[0], climbing[-1]
    return max(0.0, high - low) / (last - first).total_seconds()

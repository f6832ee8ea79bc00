"""The ServerlessV2ScalingConfiguration of requests, with the errors that AWS answers to a wrong one."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from autoscaler.awsapi.faults import invalid_value
from autoscaler.core.capacity import Range

GRAIN_ACU = 0.5
LEAST_MAXIMUM_ACU, LARGEST_ACU = 1.0, 256.0
USUAL_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 300, 300, 86_400


def first_range(given: Mapping[str, Any]) -> Range:
    """The range of a cluster that had none.

    Raises:
        Fault: a bound is missing or wrong.
    """
    if "MinCapacity" not in given or "MaxCapacity" not in given:
        raise invalid_value(
            "Both MinCapacity and MaxCapacity must be specified when you initialize Serverless v2 scaling"
            " configuration."
        )
    return _range(given)


def changed_range(given: Mapping[str, Any], held: Range) -> Range:
    """A changed range. What AWS does when a bound is left out is not known; here it stays as it was.

    Raises:
        Fault: a bound is wrong.
    """
    before = {"MinCapacity": held.floor_acu, "MaxCapacity": held.ceiling_acu}
    if held.pause_after_seconds is not None and given.get("MinCapacity", held.floor_acu) == 0:
        before["SecondsUntilAutoPause"] = held.pause_after_seconds
    return _range({**before, **given})


def view(held: Range) -> dict[str, Any]:
    """As it is described; the seconds are only there while the minimum is 0 [D]."""
    pause = {} if held.pause_after_seconds is None else {"SecondsUntilAutoPause": held.pause_after_seconds}
    return {"MinCapacity": float(held.floor_acu), "MaxCapacity": float(held.ceiling_acu), **pause}


def _range(given: Mapping[str, Any]) -> Range:
    least, most = given["MinCapacity"], given["MaxCapacity"]
    _demand_on_grain("minimum", least)
    _demand_on_grain("maximum", most)
    if most < LEAST_MAXIMUM_ACU:
        _refuse("maximum", most, f"The maximum capacity must be at least {LEAST_MAXIMUM_ACU}.")
    if most > LARGEST_ACU:
        _refuse("maximum", most, f"The maximum capacity must be at most {LARGEST_ACU}.")
    if not 0 <= least <= most:
        _refuse("minimum", least, f"The minimum capacity must lie between 0.0 and the maximum capacity of {most}.")
    return Range(floor_acu=least, ceiling_acu=most, pause_after_seconds=_pause(given, least))


def _pause(given: Mapping[str, Any], least: float) -> int | None:
    seconds = given.get("SecondsUntilAutoPause")
    if least > 0:
        if seconds is not None:
            raise invalid_value("SecondsUntilAutoPause can only be specified when minimum capacity is 0.")
        return None
    seconds = USUAL_PAUSE_SECONDS if seconds is None else int(seconds)
    if not SHORTEST_PAUSE_SECONDS <= seconds <= LONGEST_PAUSE_SECONDS:
        bounds = f"between {SHORTEST_PAUSE_SECONDS} and {LONGEST_PAUSE_SECONDS}"
        raise invalid_value(f"SecondsUntilAutoPause {seconds} isn't valid. It must be {bounds}.")
    return seconds


def _demand_on_grain(name: str, acu: float) -> None:
    if not isfinite(acu) or acu % GRAIN_ACU:
        _refuse(name, acu, f"Specify a value in increments of {GRAIN_ACU}.")


def _refuse(name: str, acu: float, why: str) -> None:
    raise invalid_value(f"Serverless v2 {name} capacity {acu} isn't valid. {why}")

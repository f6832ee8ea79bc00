"""Which candidate to use from now on, by what each would have cost so far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.candidates import Candidate

Numbers = NDArray[np.float64]

# Days count half as much after so many days: what a cluster did lately says more.
HALF_LIFE_DAYS = 14.0
# Another candidate must have been cheaper by this share to replace the one in use, or leaving the cluster alone.
SWITCH_MARGIN = 0.01
ALONE_MARGIN = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The candidate in use, by its place, and why."""

    place: int
    family: str
    reason: str


def choose(
    candidates: Sequence[Candidate], acu: Numbers, throttled: Numbers, arrived: Numbers, price: float, before: int
) -> Choice:
    """The cheapest, unless the one ``before`` or leaving it alone is nearly as cheap.

    Args:
        acu: ACU-seconds of each candidate on each day so far, (candidates, days).
        throttled: throttled ACU-seconds, the same.
        arrived: arrived ACU-seconds of each day, (days,).
        price: the owner's price of throttling.
        before: the place of the candidate in use.
    """
    weights = 0.5 ** (np.arange(acu.shape[1])[::-1] / HALF_LIFE_DAYS)
    cost = (acu + price * throttled) @ weights
    place = int(np.argmin(cost))
    if cost[before] <= cost[place] * (1 + SWITCH_MARGIN):
        place = before
    if cost[0] <= cost[place] * (1 + ALONE_MARGIN):
        place = 0
    return Choice(
        place=place,
        family=candidates[place].family,
        reason=_told(candidates, cost, throttled, arrived, place),
    )


def _told(candidates: Sequence[Candidate], cost: Numbers, throttled: Numbers, arrived: Numbers, place: int) -> str:
    family = candidates[place].family
    others = [k for k, other in enumerate(candidates) if other.family != family]
    rival = min(others, key=lambda other: float(cost[other]))
    days = f"the last {len(arrived)} day{'s' if len(arrived) != 1 else ''}"
    saved = 1.0 - cost[place] / cost[rival] if cost[rival] > 0 else 0.0
    share = throttled[place].sum() / arrived.sum() if arrived.sum() > 0 else 0.0
    how = f"saves {saved:.1%} over" if saved > 0 else "is as good as"
    return f"{candidates[place]} {how} {candidates[rival]} on {days} at {share:.2%} throttled"

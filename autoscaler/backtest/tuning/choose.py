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
# Days of being left alone that choices may have cost too much, forgotten at the same pace, before it is left alone. In
# the long run it costs at most so many days and its worst day more, times what is forgotten in a day (a twentieth).
MOST_REGRET_DAYS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The candidate in use, by its place, and why.

    ``regret`` is what the choices so far cost more than leaving it alone, each on the day it was in use, and half as
    much after every ``HALF_LIFE_DAYS``; below 0 they saved.
    """

    place: int
    family: str
    reason: str
    regret: float = 0.0


def choose(
    candidates: Sequence[Candidate],
    acu: Numbers,
    throttled: Numbers,
    arrived: Numbers,
    price: float,
    before: Choice | None,
) -> Choice:
    """The cheapest, unless the one ``before`` or leaving it alone is nearly as cheap, or choices have cost too much.

    Args:
        acu: ACU-seconds of each candidate on each day so far, (candidates, days).
        throttled: throttled ACU-seconds, the same.
        arrived: arrived ACU-seconds of each day, (days,).
        price: the owner's price of throttling.
        before: the choice that was in use on the last day.
    """
    weights = 0.5 ** (np.arange(acu.shape[1])[::-1] / HALF_LIFE_DAYS)
    daily = acu + price * throttled
    cost, regret = daily @ weights, 0.0
    place = int(np.argmin(cost))
    if before is not None:
        regret = before.regret * 0.5 ** (1 / HALF_LIFE_DAYS) + float(daily[before.place, -1] - daily[0, -1])
        if cost[before.place] <= cost[place] * (1 + SWITCH_MARGIN):
            place = before.place
    reason = _told(candidates, cost, throttled, arrived, place)
    if cost[0] <= cost[place] * (1 + ALONE_MARGIN):
        place = 0
        reason = _told(candidates, cost, throttled, arrived, place)
    elif regret > MOST_REGRET_DAYS * cost[0] / weights.sum():
        place, reason = 0, f"choices cost more lately than leaving it alone would have, so it is; {reason}"
    return Choice(place=place, family=candidates[place].family, reason=reason, regret=regret)


def _told(candidates: Sequence[Candidate], cost: Numbers, throttled: Numbers, arrived: Numbers, place: int) -> str:
    family = candidates[place].family
    others = [k for k, other in enumerate(candidates) if other.family != family]
    rival = min(others, key=lambda other: float(cost[other]))
    days = f"the last {len(arrived)} day{'s' if len(arrived) != 1 else ''}"
    saved = 1.0 - cost[place] / cost[rival] if cost[rival] > 0 else 0.0
    share = throttled[place].sum() / arrived.sum() if arrived.sum() > 0 else 0.0
    how = f"saves {saved:.1%} over" if saved > 0 else "is as good as"
    return f"{candidates[place]} {how} {candidates[rival]} on {days} at {share:.2%} throttled"

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
# Among sixty candidates some save by chance. Beside leaving it alone, the mean of what was saved in a day must be so
# many of its standard errors above nothing; fewer the more it is, and none for this share: what is lost if it was
# chance stays the same, what is won if it was not does not.
SURE_ERRORS = 3.0
SURE_SHARE = 0.25
# Whatever lost on each of so many last days is not used: the load is not what it was.
MOST_LOST_DAYS = 3
# Days of being left alone that choices may have cost too much, forgotten at the same pace, before it is left alone. In
# the long run it costs at most so many days and its worst day more, times what is forgotten in a day (a twentieth).
MOST_REGRET_DAYS = 0.5
# Where an owner limits the throttled share, every candidate is taken to have had so many days more, of the usual work,
# on which it throttled as much as a cluster left alone, or so many times the limit: a few clean days prove nothing.
DAYS_BEFORE = 1.0
WORST_BEFORE = 10.0
# Less than this is told as nothing.
WORTH_TELLING = 5e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The candidate in use, by its place, and why; ``by_price`` is the one that the price alone asks for.

    ``regret`` is what those by the price cost more than leaving it alone, each on the day after it was chosen, and half
    as much after every ``HALF_LIFE_DAYS``; below 0 they saved.
    """

    place: int
    by_price: int
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
    max_throttled_fraction: float | None = None,
) -> Choice:
    """The cheapest, unless the one ``before`` or leaving it alone is nearly as cheap, or choices have cost too much.

    Args:
        acu: ACU-seconds of each candidate on each day so far, (candidates, days).
        throttled: throttled ACU-seconds, the same.
        arrived: arrived ACU-seconds of each day, (days,).
        price: the owner's price of throttling.
        before: the choice that was in use on the last day.
        max_throttled_fraction: how much of the work may be throttled: where what the price asks for throttles more, it
            is the cheapest that does not, or the one that throttles least.
    """
    seen = _Seen(candidates, acu, throttled, arrived, price)
    regret, used = 0.0, 0
    if before is not None:
        lost = seen.daily[before.by_price, -1] - seen.daily[0, -1]
        regret, used = before.regret * 0.5 ** (1 / HALF_LIFE_DAYS) + float(lost), before.by_price
    place = seen.by_price(used)
    reason = seen.told(place)
    if place and regret > MOST_REGRET_DAYS * seen.cost[0] / seen.weights.sum():
        place = 0
        reason = f"choices cost more lately than leaving it alone would have, so it is; {seen.told(place)}"
    by_price = place
    if max_throttled_fraction is not None:
        place = seen.within(max_throttled_fraction, by_price, used if before is None else before.place)
        if place != by_price:
            reason = seen.told_within(place, max_throttled_fraction)
    return Choice(place=place, by_price=by_price, family=candidates[place].family, reason=reason, regret=regret)


class _Seen:
    """What candidates would have cost, (candidates, days), the older days counted less."""

    def __init__(
        self, candidates: Sequence[Candidate], acu: Numbers, throttled: Numbers, arrived: Numbers, price: float
    ) -> None:
        self._candidates, self._throttled, self._arrived = candidates, throttled, arrived
        self.weights = 0.5 ** (np.arange(acu.shape[1])[::-1] / HALF_LIFE_DAYS)
        self.daily = acu + price * throttled
        self.cost = self.daily @ self.weights

    def by_price(self, used: int) -> int:
        """The cheapest of those that surely saved something beside leaving it alone; the one in use if nearly so."""
        sure = self._surely_saved()
        if not sure.any():
            return 0
        place = int(np.argmin(np.where(sure, self.cost, np.inf)))
        kept = sure[used] and self.cost[used] <= self.cost[place] * (1 + SWITCH_MARGIN)
        return used if kept else place

    def within(self, max_throttled_fraction: float, by_price: int, used: int) -> int:
        """What the price asks for if it throttles no more; else the cheapest that does not, or what throttles least."""
        share = self._throttled_shares(max_throttled_fraction)
        if share[by_price] <= max_throttled_fraction:
            return by_price
        kept = share <= max(max_throttled_fraction, float(share.min()))
        place = int(np.argmin(np.where(kept, self.cost, np.inf)))
        return used if kept[used] and self.cost[used] <= self.cost[place] * (1 + SWITCH_MARGIN) else place

    def told(self, place: int) -> str:
        """One sentence about a candidate, beside the best of the other families."""
        candidates, cost = self._candidates, self.cost
        known = self._surely_saved()
        known[0] = True
        family = candidates[place].family
        others = [k for k, other in enumerate(candidates) if (place == 0 or known[k]) and other.family != family]
        rival = min(others, key=lambda other: float(cost[other]))
        saved = 1.0 - cost[place] / cost[rival] if cost[rival] > 0 else 0.0
        if saved >= WORTH_TELLING:
            how = f"saves {saved:.1%} over {candidates[rival]}"
        elif place == 0 and cost[0] > cost[rival] * (1 + ALONE_MARGIN):
            how = f"although {candidates[rival]} saved {1.0 - cost[rival] / cost[0]:.1%}, which may be chance,"
        else:
            how = f"is as good as {candidates[rival]}"
        return f"{candidates[place]} {how} on {self._days()} at {self._share(place):.2%} throttled"

    def told_within(self, place: int, max_throttled_fraction: float) -> str:
        """The same about one that an owner's limit asks for."""
        met = self._throttled_shares(max_throttled_fraction)[place] <= max_throttled_fraction
        least = f"costs least of what keeps within {max_throttled_fraction:.2%} throttled"
        how = least if met else f"throttles least, and nothing surely keeps within {max_throttled_fraction:.2%}"
        return f"{self._candidates[place]} {how}: {self._share(place):.2%} on {self._days()}"

    def _days(self) -> str:
        days = len(self._arrived)
        return f"the last {days} day{'s' if days != 1 else ''}"

    def _share(self, place: int) -> float:
        arrived = float(self._arrived @ self.weights)
        return float(self._throttled[place] @ self.weights) / arrived if arrived > 0 else 0.0

    def _surely_saved(self) -> NDArray[np.bool_]:
        """Which of them saved something beside leaving it alone that is not chance, (candidates,)."""
        saved, whole = self.daily[0] - self.daily, float(self.weights.sum())
        days = whole**2 / float(self.weights @ self.weights)
        if days <= 1.0:
            return np.asarray(saved[:, 0] >= SURE_SHARE * self.cost[0])
        alone, mean = self.cost[0] / whole, saved @ self.weights / whole
        error = np.sqrt((saved - mean[:, None]) ** 2 @ self.weights / whole / (days - 1.0))
        errors = SURE_ERRORS * np.clip(1.0 - mean / max(SURE_SHARE * alone, 1e-9), 0.0, 1.0)
        lately = saved[:, -MOST_LOST_DAYS:]
        lost = (lately < 0.0).all(axis=1) if lately.shape[1] == MOST_LOST_DAYS else np.zeros(len(saved), dtype=bool)
        sure: NDArray[np.bool_] = (mean - errors * error > ALONE_MARGIN * alone) & ~lost
        return sure

    def _throttled_shares(self, max_throttled_fraction: float) -> Numbers:
        """The throttled share of the work of each candidate, (candidates,), with the days before all that was seen."""
        throttled, arrived = self._throttled @ self.weights, float(self._arrived @ self.weights)
        if arrived <= 0.0:
            return np.zeros(len(throttled))
        before = min(float(throttled[0]) / arrived, WORST_BEFORE * max_throttled_fraction)
        more = DAYS_BEFORE * arrived / float(self.weights.sum())
        shares: Numbers = (throttled + more * before) / (arrived + more)
        return shares

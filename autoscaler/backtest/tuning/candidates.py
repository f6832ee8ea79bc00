"""What there is to choose from: ways of choosing floors, as arrays over turns. Each sees only what a turn may see."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.past import Past, compiled
from autoscaler.backtest.tuning.plans import KINDS, KeptWorth, Planned, Plans, nothing_known, outlook_of
from autoscaler.core.tuning import Family
from autoscaler.simulator.profiles import Profile
from models.analogs import DAY_SECONDS
from models.foresight import Worth

Numbers = NDArray[np.float64]

# A schedule looks so far ahead, on so many days at most.
AHEAD_SECONDS = 900.0
USUAL_DAYS = 28
# The owner's price of throttling is right on the average only: a plan charges every floor with its own descent, so that
# one that is kept for long looks dearer than it is.
PRICE_FACTORS = (1.0, 2.0, 4.0, 8.0)
# Of the policy daily-peak-share, which is AWS's rule; only compared with, never chosen.
SHARES_OF_THE_DAYS_PEAK = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way of choosing floors: a family of policies and its settings.

    ``utilization`` is how full a floor may be with the demand it follows; what else counts depends on the family.
    """

    family: str
    floor_acu: float = 0.0
    seconds: float = 0.0
    utilization: float = 1.0
    quantile: float = 0.0
    every_days: int = 1
    price_factor: float = 1.0
    kind: int = 0

    def __str__(self) -> str:
        told = {
            "left alone": "left alone",
            "static": f"a static floor of {self.floor_acu:g} ACU",
            "reactive": f"reactive over {self.seconds / 60:g} min",
            "scheduled": f"scheduled by the time of the {'day' if self.every_days == 1 else 'week'}",
            "predictive": f"predictive by {KINDS[self.kind].told}",
        }
        return told[self.family]


ALONE = Candidate(family="left alone")


def daily_peak_share(share: float) -> Candidate:
    """AWS's rule: the floor is this share of the highest demand of the last 24 hours."""
    return Candidate(family="reactive", seconds=DAY_SECONDS, utilization=1.0 / share)


def all_candidates() -> tuple[Candidate, ...]:
    """Everything that is tried; the first one is to leave the cluster alone."""
    static = [Candidate(family="static", floor_acu=round(2.0 * 2 ** (k / 2)) / 2) for k in range(15)]
    reactive = [
        Candidate(family="reactive", seconds=seconds, utilization=utilization)
        for seconds in (900.0, 3600.0, 7200.0, 21_600.0, 86_400.0)
        for utilization in (0.75, 1.2, 1.7, 2.5)
    ]
    scheduled = [
        Candidate(family="scheduled", every_days=every, quantile=quantile, utilization=utilization)
        for every in (1, 7)
        for quantile in (0.6, 1.0)
        for utilization in (0.9, 1.3, 2.0)
    ]
    predictive = [
        Candidate(family="predictive", price_factor=factor, kind=kind, seconds=300.0, utilization=1.7)
        for factor in PRICE_FACTORS
        for kind in range(len(KINDS))
    ]
    return (ALONE, *static, *reactive, *scheduled, *predictive)


def candidates_of(families: Collection[Family]) -> tuple[Candidate, ...]:
    """What is tried of these families; the first one is to leave the cluster alone."""
    return tuple(one for one in all_candidates() if one is ALONE or one.family in families)


@cache
def warm_up() -> None:
    """Compile what takes samples in and says the wishes: some seconds, once a process, and not on an event loop."""
    past = Past(sample_seconds=60.0, turn_seconds=15.0, delay_seconds=60.0)
    past.add(np.zeros(2))
    wishes = Wishes(past, Profile(name="none", title="none"), min_acu=0.5, max_acu=8.0, prices=(1.0,))
    for candidate in {one.family: one for one in all_candidates()}.values():
        wishes.corridor(candidate, 1.0, slice(40, 41))


class Wishes:
    """The corridors of all candidates for a growing past; what has been planned once is not planned again.

    What floors are worth is kept from plan to plan if ``keeps_worth``, see ``KeptWorth``; else it is found out anew.
    """

    def __init__(
        self,
        past: Past,
        profile: Profile,
        *,
        min_acu: float,
        max_acu: float,
        prices: Sequence[float],
        keeps_worth: bool = False,
    ) -> None:
        self._past, self._min_acu = past, max(min_acu, profile.step_acu)
        planned = np.array(sorted({price * factor for price in prices for factor in PRICE_FACTORS}))
        outlook = outlook_of(past, profile, min_acu=min_acu, max_acu=max_acu)
        self._plans, floors = [Plans(past, outlook, planned, kind) for kind in KINDS], len(outlook.floors)
        self._worth: Callable[[int], Worth] = (
            KeptWorth(floors) if keeps_worth else lambda samples: nothing_known(samples, floors)
        )

    def corridor(self, candidate: Candidate, price: float, turns: slice) -> tuple[Numbers, Numbers]:
        """The lowest and the highest floor it wants at these turns, (turns,) each, at a price of throttling."""
        low = np.full(turns.stop - turns.start, max(candidate.floor_acu, self._min_acu))
        if candidate.family == "reactive":
            low = self._lately(candidate, turns)
        elif candidate.family == "scheduled":
            low = self._usually(candidate, turns)
        elif candidate.family == "predictive":
            self._plan(candidate, turns)
            low = self._plans[candidate.kind].floors(turns, price * candidate.price_factor)
            return low, np.maximum(low, self._lately(candidate, turns))
        return low, low

    def planned(self, candidate: Candidate) -> Planned | None:
        """How far its plans are, to go on with elsewhere; None where it makes none."""
        return self._plans[candidate.kind].planned if candidate.family == Family.PREDICTIVE else None

    def go_on(self, candidate: Candidate, planned: Planned) -> None:
        """Go on with its plans where somebody else, of the same past, has ended."""
        self._plans[candidate.kind].planned = planned

    def _plan(self, candidate: Candidate, turns: slice) -> None:
        """Whoever asks for many turns asks for every kind: what floors are worth is found out once for all of them."""
        asked = self._plans if turns.stop - turns.start > 1 else [self._plans[candidate.kind]]
        lacking = [plans for plans in asked if plans.lacks(turns)]
        if lacking:
            worth = self._worth(len(self._past))
            for plans in lacking:
                plans.plan(turns, worth)

    def _lately(self, candidate: Candidate, turns: slice) -> Numbers:
        past, highest = self._past, np.zeros(turns.stop - turns.start)
        samples = max(1, round(candidate.seconds / past.sample_seconds))
        compiled()["highest_lately"](past.demand_acu, past.newest(turns), samples, highest)
        return highest / candidate.utilization

    def _usually(self, candidate: Candidate, turns: slice) -> Numbers:
        past, usual = self._past, np.zeros(turns.stop - turns.start)
        samples = max(1, round(AHEAD_SECONDS / past.sample_seconds))
        day = round(DAY_SECONDS / past.sample_seconds)
        compiled()["usual_peak"](
            past.demand_acu,
            past.newest(turns),
            samples,
            day,
            candidate.every_days,
            USUAL_DAYS // candidate.every_days,
            candidate.quantile,
            usual,
        )
        return usual / candidate.utilization

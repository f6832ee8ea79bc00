"""The floors a planner wishes, moment after moment; what has been planned once is not planned again."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.past import Past, compiled
from autoscaler.core.planning import STATE, Climb, settle
from autoscaler.simulator.profiles import Climbing, Profile
from models.analogs import Likeness
from models.foresight import Rhythm, Worth

Numbers = NDArray[np.float64]

PLAN_SECONDS = 300.0
PLAN_STEP_SECONDS = 60.0
# After a floor is given up the descent is paid for: so long it is looked at.
DESCENT_SECONDS = 600.0
# The floors that are weighed lie so much apart.
FLOOR_RATIO = 2.0**0.5


MOSTLY_BURSTS = Likeness(day_weight=0.03, hour_weight=0.02, recent_weight=0.02)
# Near the time of the day, and the same day of the week above all; the last hours count where no other day was alike.
ONLY_DAYS = Likeness(
    day_weight=1.0,
    day_reach_seconds=1200.0,
    week_factor=6.0,
    hour_weight=0.0,
    burst_weight=0.0,
    recent_weight=0.2,
)
EVERYTHING = Likeness(demand_scale=0.4, hour_scale=0.5)


class Kind(NamedTuple):
    """What a plan looks at, in words: bursts above which of the shares, and what counts as alike."""

    told: str
    burst: int
    likeness: Likeness


KINDS = (
    Kind("its bursts", 0, MOSTLY_BURSTS),
    Kind("its high bursts", 1, MOSTLY_BURSTS),
    Kind("whatever was alike", 1, EVERYTHING),
    Kind("the time of other days", 1, ONLY_DAYS),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlook:
    """How plans are made: the cluster's dynamics, when, and which floors are weighed."""

    climb: Climb
    rhythm: Rhythm
    floors: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planned:
    """How far plans are: floors so far, (prices, moments); the instances kept in mind, (prices, 4); what these saw."""

    floors: Numbers
    states: Numbers
    lived: int


class Plans:
    """Plans of one kind, of a growing past, at several prices of throttling, (prices,)."""

    def __init__(self, past: Past, outlook: Outlook, prices: Numbers, kind: Kind) -> None:
        self._past, self._outlook, self._prices, self._kind = past, outlook, prices, kind
        self._states = np.zeros((len(prices), STATE))
        for state in self._states:
            settle(state, outlook.climb.min_acu, True, outlook.climb)
        self._planned, self._count, self._lived = np.zeros((len(prices), 0)), 0, -1

    @property
    def planned(self) -> Planned:
        """How far they are."""
        return Planned(floors=self._planned[:, : self._count].copy(), states=self._states.copy(), lived=self._lived)

    @planned.setter
    def planned(self, planned: Planned) -> None:
        self._planned, self._count = planned.floors.copy(), planned.floors.shape[1]
        self._states, self._lived = planned.states.copy(), planned.lived

    def lacks(self, turns: slice) -> bool:
        """Whether plans are still to be made for these turns."""
        return self._moments(turns) > self._count

    def plan(self, turns: slice, worth: Worth) -> None:
        """Make the plans up to these turns; adds to what is known of floors on this past, whatever the kind."""
        moments = self._moments(turns)
        past, outlook, first = self._past, self._outlook, self._count
        if moments > self._planned.shape[1]:
            grown = np.zeros((len(self._prices), 2 * moments))
            grown[:, :first] = self._planned[:, :first]
            self._planned = grown
        at = outlook.rhythm.first_seconds + np.arange(first, moments) * outlook.rhythm.every_seconds
        self._lived = compiled()["plan"](
            past.demand_acu,
            past.like,
            np.ascontiguousarray(past.began[:, self._kind.burst]),
            past.newest_at(at),
            self._prices,
            outlook.floors,
            self._kind.likeness,
            outlook.rhythm,
            outlook.climb,
            worth,
            self._states,
            self._lived,
            first,
            self._planned,
        )
        self._count = moments

    def floors(self, turns: slice, price: float) -> Numbers:
        """The planned floors at these turns, (turns,): each kept until the next is made."""
        if self.lacks(turns):
            self.plan(turns, nothing_known(len(self._past), len(self._outlook.floors)))
        every, first = self._rhythm
        place = (np.arange(turns.start, turns.stop) - first) // every
        planned = self._planned[int(np.searchsorted(self._prices, price))]
        return np.where(place >= 0, planned[np.maximum(place, 0)], self._outlook.climb.min_acu)

    @property
    def _rhythm(self) -> tuple[int, int]:
        """Every how many turns a plan is made, and at which one the first."""
        rhythm, turn_seconds = self._outlook.rhythm, self._past.turn_seconds
        return round(rhythm.every_seconds / turn_seconds), round(rhythm.first_seconds / turn_seconds)

    def _moments(self, turns: slice) -> int:
        every, first = self._rhythm
        return len(range(first, turns.stop, every))


def nothing_known(samples: int, floors: int) -> Worth:
    """Nothing is known yet of what floors are worth; takes room only where something gets known."""
    return Worth(
        sums=np.zeros((2 * floors, samples, 2 * floors), np.float32),
        known=np.zeros((2 * floors, samples), np.bool_),
    )


class KeptWorth:
    """What floors are worth on a past that grows, as far as it was ever found out.

    Of samples a minute apart, 28 days of them, that takes some 85 MB: enough for one cluster in a backtest, too much
    for thousands in a service.
    """

    def __init__(self, floors: int) -> None:
        self._floors, self._worth = floors, nothing_known(0, floors)

    def __call__(self, samples: int) -> Worth:
        before = self._worth
        count = before.known.shape[1]
        if samples > count:
            self._worth = nothing_known(2 * samples, self._floors)
            self._worth.known[:, :count] = before.known
            self._worth.sums[:, :count][before.known] = before.sums[before.known]
        return self._worth


def outlook_of(past: Past, profile: Profile, *, min_acu: float, max_acu: float) -> Outlook:
    """How plans are made for a cluster with these samples."""
    turn, plan_seconds = past.turn_seconds, max(PLAN_SECONDS, past.sample_seconds)
    every = max(1, round(plan_seconds / turn)) * turn
    delay = -(-past.delay_seconds // turn) * turn
    # Where a floor has to be climbed to, it must be raised a change before it is needed.
    held_seconds = every if profile.changing.floor_jumps else 2 * every
    climb = climb_of(profile, min_acu=min_acu, max_acu=max_acu, held_seconds=held_seconds)
    return Outlook(
        climb=climb,
        rhythm=Rhythm(
            sample_seconds=past.sample_seconds,
            first_seconds=delay % every,
            every_seconds=every,
            delay_seconds=delay,
        ),
        floors=floors_between(climb),
    )


def floors_between(climb: Climb) -> Numbers:
    """The floors to weigh: from the least to the highest, each by a ratio above the one before, on the grain."""
    count = int(np.ceil(np.log(climb.max_acu / climb.min_acu) / np.log(FLOOR_RATIO))) + 1
    floors = np.minimum(climb.min_acu * FLOOR_RATIO ** np.arange(count), climb.max_acu)
    return np.unique(np.minimum(np.ceil(floors / climb.step_acu - 1e-9) * climb.step_acu, climb.max_acu))


def climb_of(profile: Profile, *, min_acu: float, max_acu: float, held_seconds: float) -> Climb:
    """A profile's dynamics as the planner takes them; a sized cluster is one that jumps to any size at once."""
    c = profile.dynamics if isinstance(profile.dynamics, Climbing) else Climbing(bucket_acu=0.0)
    return Climb(
        target_utilization=profile.dynamics.target_utilization,
        step_acu=profile.step_acu,
        bucket_acu=c.bucket_acu,
        refill_acu_per_second=c.refill_acu_per_second,
        refill_per_acu=c.refill_per_acu,
        descent_delay_per_acu_seconds=c.descent_delay_per_acu_seconds,
        shortest_descent_delay_seconds=c.shortest_descent_delay_seconds,
        longest_descent_delay_seconds=c.longest_descent_delay_seconds,
        halving_spacing_seconds=c.halving_spacing_seconds,
        floor_jumps=profile.changing.floor_jumps,
        min_acu=max(min_acu, profile.step_acu),
        max_acu=max_acu,
        seconds=PLAN_STEP_SECONDS,
        held_steps=round(held_seconds / PLAN_STEP_SECONDS),
        descent_steps=round(DESCENT_SECONDS / PLAN_STEP_SECONDS),
    )

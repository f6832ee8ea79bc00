"""Which way to sleep is in force for one price of a cold hit: the plan, or what has cost least of late."""

from collections.abc import Callable

import numpy as np

from autoscaler.core.activity import Dial
from autoscaler.core.sleeping import best_sleep
from autoscaler.errors import InvalidInput
from models.habits import NAMES, Flags
from models.state import Array, State, array_of, number_of

PLAN = "the plan"
WAYS = (PLAN, *NAMES)
# What a way has cost is forgotten gap by gap and day by day. Another one than the plan has to be a good deal cheaper,
# and the one in force is left only for one that is clearly cheaper: all fitted on the traces of docs/pausing.md.
KEPT, KEPT_A_DAY, PLAN_WEIGHT, CLEARLY = 0.99, 0.95, 0.8, 0.95
SECONDS_PER_DAY = 86_400.0
PLANNED_ANEW_SECONDS, SHORT_GAP_SECONDS = 1800.0, 300.0
Chances = Callable[[int], Array]
BestSleep = Callable[[Array, float, int, bool, Flags], float]


class Sleeper:
    """Keeps the account of every way on one database: the idle windows it was awake in, and its cold hits.

    Grows window by window, after the windows are over, from what each way said before them. ``price`` is what a cold
    hit is worth, in windows awake; it may change.
    """

    def __init__(self, dial: Dial, *, step_seconds: float, best: BestSleep = best_sleep) -> None:
        """``best`` may be the compiled one."""
        self.price = dial.cold_hit_windows(dial.idle_acu, step_seconds)
        self._hold = max(1, int(np.ceil(dial.held_awake_seconds / step_seconds)))
        self._kept_a_window = KEPT_A_DAY ** (step_seconds / SECONDS_PER_DAY)
        self._since = 0
        self._again = max(1, int(np.ceil(PLANNED_ANEW_SECONDS / step_seconds)))
        self.days_ahead = 2 if step_seconds <= 300.0 else 7
        self._ahead = round(self.days_ahead * 86_400 / step_seconds)
        self._short = SHORT_GAP_SECONDS / step_seconds
        self._best = best
        self._plan, self._planned_at = np.zeros(self._ahead, dtype=np.bool_), 0
        self._awake: Flags
        self._held: Array
        self._come_up()
        self._gap, self._costs = np.zeros((2, len(WAYS))), np.zeros((2, len(WAYS)))
        self.way = 0

    @property
    def totals(self) -> Array:
        """What each way has cost of late, in windows awake, (ways,)."""
        total: Array = self._costs[0] + self.price * self._costs[1]
        return total

    @property
    def why(self) -> str:
        """The way in force, and why it is."""
        if self.way == 0:
            return PLAN
        plan, own = self.totals[0], self.totals[self.way]
        return f"{WAYS[self.way]}, for here it would have cost {1 - own / plan:.0%} less than the plan of late"

    def take(self, use: float, said: Flags | None, idle: int, chances: Chances) -> Flags:
        """After one more window, see `Habits.take`; ``chances`` are those before it.

        Returns:
            whether each way was awake in it, (ways,).
        """
        self._since += 1
        if said is None:
            if self._gap.any():  # nobody knows any more: what was a gap until then is over
                self._settle()
            self._come_up()
            return self._awake
        flags = np.empty(len(WAYS), dtype=np.bool_)
        flags[0], flags[1:] = self._planned(idle, chances), said
        awake = self._with_holds(flags, idle)
        if use > 0.0:
            if idle > self._short:
                self._gap[1] += ~awake
            self._settle()
            self._come_up()
        else:
            self._gap[0] += awake
            self._awake = awake
        return awake

    def plan(self, chances: Array, *, asleep: bool) -> Flags:
        """The plan made anew, whoever is in force."""
        awake = np.zeros(len(chances), dtype=np.bool_)
        self._best(chances, self.price, self._hold, not asleep, awake)
        return awake

    def is_old(self, windows: int) -> bool:
        """Whether a plan that was made so many windows ago has to be made anew."""
        return not 0 <= windows < self._again

    def state(self) -> State:
        """What is stored of it; a plan is made anew."""
        arrays = {"awake": self._awake.astype(np.float64), "held": self._held, "gap": self._gap, "costs": self._costs}
        return {"way": self.way, "since": self._since, **arrays}

    def restore(self, state: State) -> None:
        """Go on after what was stored.

        Raises:
            InvalidInput: something is missing, or it is of a version that knew other ways.
        """
        for key in ("awake", "held", "gap", "costs"):
            if array_of(state, key).shape[-1] != len(WAYS):
                raise InvalidInput(f"the stored state has {key} of other ways to sleep; fit the model anew")
        way = int(number_of(state, "way"))
        self.way = way if 0 <= way < len(WAYS) else 0
        self._since = int(number_of(state, "since"))
        self._awake, self._held = array_of(state, "awake") > 0, array_of(state, "held")
        self._holding = bool((self._held > 0).any())
        self._gap, self._costs = array_of(state, "gap"), array_of(state, "costs")
        self._planned_at = -self._ahead

    def _come_up(self) -> None:
        """In use, or about to be, as far as anybody knows."""
        self._awake = np.ones(len(WAYS), dtype=np.bool_)
        self._held = np.zeros(len(WAYS))
        self._holding = False

    def _with_holds(self, flags: Flags, idle: int) -> Flags:
        """A way that wakes a database is charged for as long as the provider then holds it awake."""
        woke = flags > self._awake
        if idle == 0 or not (self._holding or woke.any()):
            return flags
        self._held = np.where(woke, self._hold, self._held - 1.0)
        holds = self._held > 0
        self._holding = bool(holds.any())
        return np.asarray(flags | holds, dtype=np.bool_)

    def _planned(self, idle: int, chances: Chances) -> bool:
        """Made anew in the first windows of a gap, and every half hour after that."""
        if idle == 0:
            return True
        if idle <= 3 or self.is_old(idle - self._planned_at):
            self._plan, self._planned_at = self.plan(chances(self._ahead), asleep=not self._awake[0]), idle
        return bool(self._plan[idle - self._planned_at])

    def _settle(self) -> None:
        """A gap is over: what it cost counts from the next one on."""
        self._costs = KEPT * self._kept_a_window**self._since * self._costs + self._gap
        self._gap, self._since = np.zeros_like(self._gap), 0
        weighed = self.totals * np.where(np.arange(len(WAYS)) == 0, PLAN_WEIGHT, 1.0)
        best = int(np.argmin(weighed))
        if weighed[best] < CLEARLY * weighed[self.way]:
            self.way = best

"""All that is learned of one cluster's use, window by window, for one dial."""

from autoscaler.core.activity import Dial
from autoscaler.core.sleeping import best_sleep
from models.activity import Activity, begin, restore
from models.habits import Flags, Habits
from models.sleeper import BestSleep, Sleeper
from models.state import State, number_of

SECONDS_PER_DAY = 86_400.0
# What an idle cluster costs is learned window by window; it seldom changes.
IDLE_LEARNED = 0.02


class Knowing:
    """The model of its next use, the simple ways beside it, and which of them is in force."""

    def __init__(self, dial: Dial, *, step_seconds: float, window: int, best: BestSleep = best_sleep) -> None:
        self.dial = dial
        self.model: Activity = begin(step_seconds=step_seconds, window=window)
        self.habits = Habits(step_seconds)
        self.sleeper = Sleeper(dial, step_seconds=step_seconds, best=best)
        self.idle_acu = dial.idle_acu
        self._plan: tuple[int, bool, Flags] | None = None

    @property
    def window(self) -> int:
        """The first window that is not known yet."""
        return self.model.window

    @property
    def step_seconds(self) -> float:
        """How long a window is."""
        return self.model.step_seconds

    @property
    def break_even_seconds(self) -> float:
        """How long it may idle awake for the price of a cold hit."""
        return self.sleeper.price * self.step_seconds

    def take(self, use: float) -> None:
        """After one more window: 1 where it was used, 0 where not, NaN where nobody measured."""
        idle, model = self.habits.idle, self.model
        self.sleeper.take(use, self.habits.take(use), idle, model.chances)
        self.model = model.update([use])
        if self.habits.idle <= 1:
            self._plan = None

    def cost(self, idle_acu: float) -> None:
        """What it had, awake and idle, in a window."""
        self._take_for(self.idle_acu + IDLE_LEARNED * (idle_acu - self.idle_acu))

    def ahead(self, *, asleep: bool) -> Flags:
        """In which of the windows ahead it is worth being awake while nobody comes, as the way in force has it."""
        number = round(self.sleeper.days_ahead * SECONDS_PER_DAY / self.step_seconds)
        if self.sleeper.way:
            return self.habits.ahead(self.sleeper.way - 1, number)
        at = self.window
        if self._plan is None or self._plan[1] != asleep or self.sleeper.is_old(at - self._plan[0]):
            self._plan = at, asleep, self.sleeper.plan(self.model.chances(number), asleep=asleep)
        return self._plan[2][at - self._plan[0] :]

    def state(self) -> State:
        """What is stored of it."""
        own = {"idle_acu": self.idle_acu}
        return {**self.model.state(), **self.habits.state(), **self.sleeper.state(), **own}

    def restore(self, state: State) -> None:
        """Go on after what was stored.

        Raises:
            InvalidInput: it is of another version, or something is missing or does not fit.
        """
        self.model = restore(state)
        self.habits.restore(state)
        self.sleeper.restore(state)
        self._take_for(float(number_of(state, "idle_acu")))

    def _take_for(self, idle_acu: float) -> None:
        self.idle_acu = idle_acu
        self.sleeper.price = self.dial.cold_hit_windows(self.idle_acu, self.step_seconds)

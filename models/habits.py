"""Simple ways to sleep, each of which says for a window whether to be awake in it while nobody comes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.gaps import Gaps
from models.logins import Logins
from models.state import State, array_of, number_of

Flags = NDArray[np.bool_]
# The first is to sleep at once, or as soon as the provider lets it.
OUT_HOURS = (0.0, 1 / 12, 1 / 6, 0.25, 1 / 3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0)
# How often a start must have been seen about then, and for how many hours it is waited for without a prediction.
CALENDARS = ((0.1, 7.0), (0.1, 1.0), (0.5, 3.0), (0.5, 0.01))
# Head and tail of the histogram of idle times.
HISTOGRAMS = ((0.05, 0.99), (0.1, 0.9), (0.25, 0.75), (0.0, 0.5))
NAMES = (
    "the shortest time-out",
    *(f"a time-out of {60 * hours:g} min" if hours < 1 else f"a time-out of {hours:g} h" for hours in OUT_HOURS[1:]),
    *(f"the calendar ({sure:.0%} of the days, {hours:g} h)" for sure, hours in CALENDARS),
    *(f"the usual idle time ({head:.0%} to {tail:.0%})" for head, tail in HISTOGRAMS),
)
CALENDARS_FROM, HISTOGRAMS_FROM = len(OUT_HOURS), len(OUT_HOURS) + len(CALENDARS)
# What the calendar says is looked at window by window for so many of them; after that only how long it is kept.
LOOKED_AT = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Of one moment: which calendars keep the database for now, and when each of them has a start due."""

    kept: tuple[bool, ...]
    due: tuple[float | None, ...]


class Habits:
    """What they go by; grows window by window. ``idle`` is how many known idle windows came last."""

    def __init__(self, step_seconds: float) -> None:
        self._outs = np.array(OUT_HOURS) * 3600.0 / step_seconds
        self._logical = [hours * 3600.0 / step_seconds for _, hours in CALENDARS]
        self._logins, self._gaps = Logins(step_seconds), Gaps(step_seconds)
        self._kept = tuple(False for _ in CALENDARS)
        self._used = False
        self.idle = 0

    def take(self, use: float) -> Flags | None:
        """After one more window: 1 where it was used, 0 where not, NaN where nobody measured.

        Returns:
            what each way had said for this window, where it mattered; made of what was known before it.
        """
        said = None
        if use == 0.0 or (use > 0.0 and self.idle > 0):
            now = self._predict(self._logins, self.idle, self._kept)
            said, self._kept = self._flags(self.idle, now), now.kept
        if use > 0.0 and self.idle > 0:
            self._gaps.take(self.idle)
        self._logins.take(use > 0.0 and not self._used)
        self._used = use > 0.0
        self.idle = self.idle + 1 if use == 0.0 else 0
        return said

    def ahead(self, way: int, number: int) -> Flags:
        """What a way says for the next windows if nobody comes, (number,)."""
        idle = self.idle + np.arange(number)
        if way < CALENDARS_FROM:
            return np.asarray(idle < self._outs[way], dtype=np.bool_)
        if way >= HISTOGRAMS_FROM:
            first, last = self._gaps.kept_between(*HISTOGRAMS[way - HISTOGRAMS_FROM])
            return np.asarray((first <= idle) & (idle < last), dtype=np.bool_)
        place, logins, kept = way - CALENDARS_FROM, self._logins, self._kept
        flags = np.zeros(number, dtype=np.bool_)
        for later in range(min(number, LOOKED_AT)):
            now = self._predict(logins, self.idle + later, kept)
            flags[later], kept, logins = self._flags(self.idle + later, now)[way], now.kept, logins.later()
        flags[LOOKED_AT:] = kept[place] & (idle[LOOKED_AT:] < self._logical[place])
        return flags

    def state(self) -> State:
        """What is stored of it."""
        return {
            "habit_idle": self.idle,
            "habit_used": int(self._used),
            "habit_kept": np.array(self._kept, dtype=np.float64),
            "logins": self._logins.state(),
            "gaps": self._gaps.state(),
        }

    def restore(self, state: State) -> None:
        """Go on after what was stored."""
        self.idle, self._used = int(number_of(state, "habit_idle")), bool(number_of(state, "habit_used"))
        self._kept = tuple((array_of(state, "habit_kept") > 0).tolist())
        self._logins.restore(array_of(state, "logins"))
        self._gaps.restore(array_of(state, "gaps"))

    def _predict(self, logins: Logins, idle: int, kept: tuple[bool, ...]) -> Prediction:
        due = {sure: logins.due(sure) for sure in {sure for sure, _ in CALENDARS}}
        dues = tuple(due[sure] for sure, _ in CALENDARS)
        if idle <= 1:  # at the end of its use it is settled whether to wait for the next one
            kept = tuple(d is None or d <= logical for d, logical in zip(dues, self._logical, strict=True))
        return Prediction(kept=kept, due=dues)

    def _flags(self, idle: int, now: Prediction) -> Flags:
        calendars = [
            (kept and idle < logical) or (due is not None and due < 1)
            for kept, due, logical in zip(now.kept, now.due, self._logical, strict=True)
        ]
        usual = [first <= idle < last for first, last in (self._gaps.kept_between(*one) for one in HISTOGRAMS)]
        return np.array([*(idle < self._outs), *calendars, *usual], dtype=np.bool_)

"""When will a database be used next: a mixture of calendar, idle time and fleet, its weights learned as it goes."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from autoscaler.errors import InvalidInput
from models.starts import EXPERTS, Starts, nothing_counted, opinions
from models.state import Array, State, array_of, check_version, frozen, number_of

MODEL, VERSION = "activity", 1
# Logistic mixing (Mattern 2012): the weights begin here, and each idle window moves them down its log-loss.
FIRST_WEIGHTS = np.array([0.05, 0.30, 0.15, 0.10, 0.15, 0.10, 0.10, 0.15])
LEARNING_RATE = 0.01
UNKNOWN = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Activity:
    """What is known of a database's use after the window before ``window`` (windows since 1970).

    ``idle`` is how many known idle windows came last: 0 while it is in use, ``UNKNOWN`` after a window nobody
    measured, for a metrics gap is not idleness. ``loss`` is the mean log-loss of late, of the mixture and then of
    each expert. Works from the first window on, and is never changed in place.
    """

    step_seconds: float
    window: int
    idle: int
    starts: Starts
    weights: Array
    loss: Array

    def update(self, used: ArrayLike) -> "Activity":
        """After the next windows: 1 where it was used, 0 where it was idle, NaN where nobody measured."""
        starts, weights, loss, idle = self.starts.copy(), self.weights.copy(), self.loss.copy(), self.idle
        news = np.asarray(used, dtype=np.float64)
        for window, use in enumerate(news.tolist(), start=self.window):
            if not (use >= 0.0):  # NaN, too
                idle = UNKNOWN
                continue
            if idle > 0:
                _learn(weights, loss, opinions(starts, first=window, idle=idle, number=1)[:, 0], use > 0.0)
            starts.count(window, max(idle, 0), use > 0.0)
            idle = 0 if use > 0.0 else max(idle, 0) + 1
        return replace(
            self,
            window=self.window + len(news),
            idle=idle,
            starts=starts.close(),
            weights=frozen(weights),
            loss=frozen(loss),
        )

    def chances(self, windows: int) -> Array:
        """The chance that use starts in each of the next windows if it has not started before, (windows,)."""
        said = opinions(self.starts, first=self.window, idle=max(self.idle, 1), number=windows)
        return np.asarray(_mixed(self.weights, said), dtype=np.float64)

    def state(self) -> State:
        return {
            "model": MODEL,
            "version": VERSION,
            "step_seconds": self.step_seconds,
            "window": self.window,
            "idle": self.idle,
            "age": self.starts.age,
            "day": self.starts.day,
            "week": self.starts.week,
            "weights": self.weights,
            "loss": self.loss,
        }


def begin(*, step_seconds: float, window: int) -> Activity:
    """Before the first window, which is the number ``window`` since 1970.

    Raises:
        InvalidInput: the windows do not divide a day.
    """
    if not step_seconds > 0 or 86_400 % step_seconds:
        raise InvalidInput(f"windows of {step_seconds} s do not divide a day; give 300, say")
    return Activity(
        step_seconds=step_seconds,
        window=window,
        idle=UNKNOWN,
        starts=nothing_counted(step_seconds).close(),
        weights=frozen(FIRST_WEIGHTS.copy()),
        loss=frozen(np.zeros(1 + len(EXPERTS))),
    )


def restore(state: State) -> Activity:
    """What ``state`` stored.

    Raises:
        InvalidInput: it is of another model or version, or something is missing or does not fit.
    """
    check_version(state, model=MODEL, version=VERSION)
    empty = begin(step_seconds=float(number_of(state, "step_seconds")), window=int(number_of(state, "window")))
    arrays = {key: array_of(state, key) for key in ("age", "day", "week", "weights", "loss")}
    for key, array in arrays.items():
        fresh = getattr(empty.starts, key, None)
        shape = (getattr(empty, key) if fresh is None else fresh).shape
        if array.shape != shape:
            raise InvalidInput(f"the stored state has {key} of shape {array.shape}, not {shape}; fit the model anew")
    starts = Starts(age=arrays["age"], day=arrays["day"], week=arrays["week"]).close()
    return replace(
        empty,
        idle=int(number_of(state, "idle")),
        starts=starts,
        weights=frozen(arrays["weights"]),
        loss=frozen(arrays["loss"]),
    )


def _learn(weights: Array, loss: Array, said: Array, used: bool) -> None:
    chance = _mixed(weights, said)
    weights += LEARNING_RATE * (float(used) - chance) * np.log(said / (1.0 - said))
    told = np.append(chance, said)
    loss += 0.01 * (-np.log(told if used else 1.0 - told) - loss)


def _mixed(weights: Array, said: Array) -> Array:
    """Logits added up by weight, kept away from certainty."""
    mixed: Array = 1.0 / (1.0 + np.exp(-np.clip(weights @ np.log(said / (1.0 - said)), -12.0, 6.0)))
    return mixed

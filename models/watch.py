"""Watches one cluster's samples for use and idleness, and keeps up to date when to be awake."""

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import nan

import numpy as np

from autoscaler.core.activity import Activity, Dial
from autoscaler.core.samples import Sample
from models.habits import LOOKED_AT
from models.housekeeping import Housekeeping
from models.knowing import Knowing
from models.state import State, array_of, number_of

SHORTEST_STEP_SECONDS, SECONDS_PER_DAY = 300.0, 86_400.0
# A window is told as unknown when so many of them have gone by without a sample: missing data is not idleness.
STALE_WINDOWS = 3
# Chances are journalled with every decision.
DIGITS = 5


class Watch:
    """Grows with every sample."""

    def __init__(self, dial: Dial | None = None) -> None:
        self._dial = dial or Dial()
        self._knowing: Knowing | None = None
        self._housekeeping = Housekeeping()
        self._use = nan
        self._idle_acu: deque[float] = deque()
        self._wakes: deque[datetime] = deque()
        self._asleep_since: float | None = None
        self._newest = nan
        self._told: tuple[bool, Activity] | None = None

    @property
    def newest_at(self) -> datetime | None:
        """The start of the newest sample that was taken in."""
        return None if self._knowing is None else datetime.fromtimestamp(self._newest, UTC)

    def observe(self, sample: Sample) -> None:
        """Take in one sample; they come oldest first, and what is known already is left out."""
        if sample.at.timestamp() <= self._newest:
            return
        self._newest = sample.at.timestamp()
        self._count_wakes(sample)
        if self._knowing is None:
            step = _step_seconds(sample)
            self._knowing = Knowing(self._dial, step_seconds=step, window=int(sample.at.timestamp() // step))
        knowing = self._knowing
        missed = int(sample.at.timestamp() / knowing.step_seconds) - knowing.window
        if missed > 0:
            self._close([self._use, *[nan] * (missed - 1)])
        used = self._housekeeping.take(sample)
        if used is not None:
            self._use = max(self._use, float(used)) if self._use >= 0 else float(used)
            if not used and sample.capacity_acu:
                self._idle_acu.append(sample.capacity_acu)
        if sample.end.timestamp() >= (knowing.window + 1) * knowing.step_seconds:
            self._close([self._use])

    def activity(self, at: datetime, *, asleep: bool = False) -> Activity | None:
        """What is expected at this moment; None before the first window and when nothing was measured of late."""
        knowing = self._knowing
        if knowing is None:
            return None
        start = datetime.fromtimestamp(knowing.window * knowing.step_seconds, UTC)
        if at - start > timedelta(seconds=STALE_WINDOWS * knowing.step_seconds):
            return None
        if self._told is None or self._told[0] != asleep:
            self._told = asleep, self._tell(knowing, start, asleep)
        wakes = sum(at - wake < timedelta(days=1) for wake in self._wakes)
        return self._told[1] if wakes == self._told[1].wakes else replace(self._told[1], wakes=wakes)

    def slept_seconds(self, at: datetime) -> float:
        """For how long it has slept, as far as samples tell; 0 while it is awake."""
        return 0.0 if self._asleep_since is None else max(0.0, at.timestamp() - self._asleep_since)

    def state(self) -> State | None:
        """What is stored of it, to go on with the samples after the newest one; None before the first."""
        if self._knowing is None:
            return None
        own: State = {
            "newest": self._newest,
            "use": self._use,
            "asleep_since": nan if self._asleep_since is None else self._asleep_since,
            "wakes": np.array([wake.timestamp() for wake in self._wakes]),
            "calm": self._housekeeping.state(),
        }
        return {**self._knowing.state(), **own}

    def restore(self, state: State) -> None:
        """Go on after what was stored.

        Raises:
            InvalidInput: it is of another version, or something is missing or does not fit.
        """
        knowing = Knowing(self._dial, step_seconds=float(number_of(state, "step_seconds")), window=0)
        knowing.restore(state)
        newest, use = float(number_of(state, "newest")), float(number_of(state, "use"))
        since, wakes = float(number_of(state, "asleep_since")), array_of(state, "wakes").tolist()
        self._housekeeping.restore(array_of(state, "calm"))
        self._knowing, self._newest, self._use = knowing, newest, use
        self._asleep_since = since if since >= 0 else None
        self._wakes = deque(datetime.fromtimestamp(wake, UTC) for wake in wakes)
        self._told = None

    def _tell(self, knowing: Knowing, start: datetime, asleep: bool) -> Activity:
        ahead = knowing.ahead(asleep=asleep)
        chances = knowing.model.chances(LOOKED_AT)
        stops = np.flatnonzero(~ahead)
        wakes = np.flatnonzero(ahead)
        return Activity(
            start=start,
            step_seconds=knowing.step_seconds,
            idle_seconds=0.0 if self._use > 0 else max(knowing.model.idle, 0) * knowing.step_seconds,
            chances=tuple(round(chance, DIGITS) for chance in chances.tolist()),
            awake_windows=int(stops[0]) if len(stops) else len(ahead),
            wake_window=int(wakes[0]) if len(wakes) else None,
            break_even_seconds=round(knowing.break_even_seconds, 1),
            way=knowing.sleeper.why,
            wakes=0,
        )

    def _close(self, used: list[float]) -> None:
        if self._knowing is not None:
            if self._idle_acu and self._use == 0.0:
                self._knowing.cost(sum(self._idle_acu) / len(self._idle_acu))
            for use in used:
                self._knowing.take(use)
        self._use, self._told = nan, None
        self._idle_acu.clear()

    def _count_wakes(self, sample: Sample) -> None:
        if sample.capacity_acu is None:
            return
        asleep = sample.capacity_acu <= 0
        if self._asleep_since is not None and not asleep:
            self._wakes.append(sample.at)
        self._asleep_since = (self._asleep_since or sample.at.timestamp()) if asleep else None
        while self._wakes and sample.at - self._wakes[0] > timedelta(days=1):
            self._wakes.popleft()


def _step_seconds(sample: Sample) -> float:
    """The shortest window that divides a day and holds a sample."""
    parts = int(SECONDS_PER_DAY // max(SHORTEST_STEP_SECONDS, sample.seconds))
    return SECONDS_PER_DAY / next((number for number in range(parts, 0, -1) if SECONDS_PER_DAY % number == 0), 1)

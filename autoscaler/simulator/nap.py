"""Pause and resume of the instances that sleep and wake together."""

from math import exp, log

from numpy.random import Generator

from autoscaler.core.capacity import Phase
from autoscaler.simulator.profiles import Sleeping


class Nap:
    """The sleep of one group: writer with its tier 0 and 1 readers, or one reader of a higher tier."""

    __slots__ = (
        "_awake_until_seconds",
        "_client_waits",
        "_idle_seconds",
        "_left_seconds",
        "_rng",
        "_settings",
        "_slept_seconds",
        "cold_hits",
        "cold_wait_seconds",
        "phase",
        "wakes",
    )

    def __init__(self, settings: Sleeping, rng: Generator) -> None:
        self._settings = settings
        self._rng = rng
        self.phase = Phase.AVAILABLE
        self._idle_seconds = self._left_seconds = self._slept_seconds = 0.0
        self._awake_until_seconds = 0.0
        self._client_waits = False
        self.wakes = self.cold_hits = 0
        self.cold_wait_seconds = 0.0

    def step(self, *, seconds: float, active: bool, pause_after_seconds: int | None, may_pause: bool) -> float:
        """One step; ``active`` when a client is or wants to be connected.

        Returns:
            the fraction of the step in which the group was up, 0 to 1.
        """
        if self.phase is Phase.AVAILABLE:
            self._doze(seconds, active, pause_after_seconds if may_pause else None)
            return 1.0
        if self.phase is Phase.PAUSING:
            return self._pausing(seconds, active)
        if self.phase is Phase.PAUSED:
            if not active:
                self._slept_seconds += seconds
                return 0.0
            self.wake()
        return self._resuming(seconds, active)

    def wake(self) -> None:
        """Start to resume, if asleep; keeps an awake group from dozing off at once."""
        self._idle_seconds = 0.0
        if self.phase is Phase.PAUSING:
            self.phase = Phase.AVAILABLE
        if self.phase is Phase.PAUSED:
            self.phase = Phase.RESUMING
            self._left_seconds = self._draw_resume_seconds()
            self._slept_seconds = 0.0
            self._client_waits = False
            self.wakes += 1

    def wake_by_an_administrator(self) -> None:
        """Like any wake, but the provider then waits long before it pauses again."""
        if self.phase in (Phase.PAUSED, Phase.PAUSING):
            self._awake_until_seconds = self._settings.awake_after_admin_seconds
        self.wake()

    def _doze(self, seconds: float, active: bool, pause_after_seconds: int | None) -> None:
        self._awake_until_seconds = max(0.0, self._awake_until_seconds - seconds)
        self._idle_seconds = 0.0 if active else self._idle_seconds + seconds
        if pause_after_seconds is None or self._awake_until_seconds > 0:
            return
        if self._idle_seconds >= pause_after_seconds:
            self.phase = Phase.PAUSING
            self._left_seconds = self._settings.pausing_seconds

    def _pausing(self, seconds: float, active: bool) -> float:
        if active:
            self.phase = Phase.AVAILABLE
            self._idle_seconds = 0.0
            return 1.0
        up = min(1.0, self._left_seconds / seconds)
        self._left_seconds -= seconds
        if self._left_seconds <= 0:
            self.phase = Phase.PAUSED
            self._slept_seconds = 0.0
        return up

    def _resuming(self, seconds: float, active: bool) -> float:
        down = min(1.0, self._left_seconds / seconds)
        self._left_seconds -= seconds
        if active:
            self.cold_wait_seconds += down * seconds
            self.cold_hits += not self._client_waits
            self._client_waits = True
        if self._left_seconds <= 0:
            self.phase = Phase.AVAILABLE
            self._idle_seconds = 0.0
        return 1.0 - down

    def _draw_resume_seconds(self) -> float:
        s = self._settings
        deep = self._slept_seconds > s.deep_after_seconds
        median = s.deep_resume_median_seconds if deep else s.resume_median_seconds
        return exp(log(median) + s.resume_sigma * float(self._rng.standard_normal()))

"""Pause and resume of the instances that sleep and wake together."""

from math import exp

from numpy.random import Generator

from autoscaler.core.capacity import Phase
from autoscaler.simulator.profiles import Sleeping


class Nap:
    """The sleep of one group: writer with its tier 0 and 1 readers, or one reader of a higher tier."""

    __slots__ = (
        "_client_waits",
        "_drawn_seconds",
        "_left_seconds",
        "_rng",
        "_settings",
        "_slept_seconds",
        "_waited_before",
        "cold_hits",
        "cold_wait_seconds",
        "held_awake_seconds",
        "idle_seconds",
        "phase",
        "resumed",
        "wakes",
    )

    def __init__(self, settings: Sleeping, rng: Generator) -> None:
        self._settings = settings
        self._rng = rng
        self.phase = Phase.AVAILABLE
        self.idle_seconds = self._left_seconds = self._slept_seconds = 0.0
        self.held_awake_seconds = 0.0  # still to go after an administrative wake
        self._client_waits = False
        self.wakes = self.cold_hits = 0
        self.cold_wait_seconds = self._waited_before = self._drawn_seconds = 0.0
        # How long it had slept, how long its latest resume took and a client waited, until somebody takes it.
        self.resumed: tuple[float, float, float] | None = None

    def step(self, *, seconds: float, active: bool, pause_after_seconds: int | None, may_pause: bool) -> float:
        """One step; ``active`` when a client is or wants to be connected.

        Returns:
            the fraction of the step in which the group was up, 0 to 1.
        """
        if self.phase is Phase.AVAILABLE:
            if active:
                self.idle_seconds = 0.0
            else:
                self.idle_seconds += seconds
            if self.held_awake_seconds > 0.0:
                self.held_awake_seconds = max(0.0, self.held_awake_seconds - seconds)
            if pause_after_seconds is not None and may_pause and self.idle_seconds >= pause_after_seconds:
                self._start_to_pause()
            return 1.0
        if self.phase is Phase.PAUSING:
            return self._pausing(seconds, active)
        if self.phase is Phase.PAUSED:
            if not active:
                self._slept_seconds += seconds
                return 0.0
            self.wake()
        return self._resuming(seconds, active)

    @property
    def resumes_in_seconds(self) -> float:
        """How long it takes until a resuming group is up; 0 for any other."""
        return self._left_seconds if self.phase is Phase.RESUMING else 0.0

    def wake(self) -> None:
        """Start to resume, if asleep; keeps an awake group from dozing off at once."""
        self.idle_seconds = 0.0
        if self.phase is Phase.PAUSING:
            self.phase = Phase.AVAILABLE
        if self.phase is Phase.PAUSED:
            self.phase = Phase.RESUMING
            self._left_seconds = self._drawn_seconds = self._draw_resume_seconds()
            self._waited_before = self.cold_wait_seconds
            self._client_waits = False
            self.wakes += 1

    def wake_by_an_administrator(self) -> None:
        """Like any wake, but the provider then waits long before it pauses again."""
        if self.phase in (Phase.PAUSED, Phase.PAUSING):
            self.held_awake_seconds = self._settings.awake_after_admin_seconds
        self.wake()

    def join(self, other: "Nap") -> None:
        """Be in the middle of whatever ``other`` is in the middle of: its instances were in that group until now."""
        self.phase, self._left_seconds = other.phase, other._left_seconds
        self._slept_seconds, self.held_awake_seconds = other._slept_seconds, other.held_awake_seconds

    def _start_to_pause(self) -> None:
        if self.held_awake_seconds <= 0.0:
            self.phase = Phase.PAUSING
            self._left_seconds = self._settings.pausing_seconds

    def _pausing(self, seconds: float, active: bool) -> float:
        if active:
            self.wake()
            return 1.0
        up = min(1.0, self._left_seconds / seconds)
        self._left_seconds -= seconds
        if self._left_seconds <= 0:
            self.phase = Phase.PAUSED
            self._slept_seconds = -self._left_seconds
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
            self.resumed = self._slept_seconds, self._drawn_seconds, self.cold_wait_seconds - self._waited_before
        return 1.0 - down

    def _draw_resume_seconds(self) -> float:
        s = self._settings
        luck = exp(s.resume_sigma * float(self._rng.standard_normal()))
        if self._slept_seconds > s.deep_after_seconds:
            return max(s.deep_resume_least_seconds, s.deep_resume_median_seconds * luck)
        return s.resume_median_seconds * luck

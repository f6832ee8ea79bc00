"""How the simulated AWS treats those who call: it throttles, fails, denies, and publishes metrics late or never."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import numpy as np

from autoscaler.awsapi.faults import NOT_ANSWERED, THROTTLED, denied
from autoscaler.errors import InvalidInput

MINUTE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moods:
    """What goes wrong, by chance or on purpose; fractions are probabilities.

    Args:
        failing_fraction: calls that are not answered.
        missing_fraction: minutes of metrics that are never published.
        least_delay_seconds, most_delay_seconds: from the end of a minute to its metrics, in cluster time.
        calls_per_second, burst: beyond these a call is throttled.
        denied: actions that nobody may call, such as ``rds:ModifyDBCluster``.
    """

    failing_fraction: float = 0.0
    missing_fraction: float = 0.0
    least_delay_seconds: float = 60.0
    most_delay_seconds: float = 120.0
    calls_per_second: float = 20.0
    burst: int = 100
    denied: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("failing_fraction", "missing_fraction"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidInput(f"{name} is {getattr(self, name)}; it lies between 0 and 1")
        if not 0 <= self.least_delay_seconds <= self.most_delay_seconds:
            delay = f"{self.least_delay_seconds:g} to {self.most_delay_seconds:g}"
            raise InvalidInput(f"the delay of metrics is {delay} s; give a least and a most, neither below 0")
        if not self.calls_per_second > 0 or self.burst < 1:
            raise InvalidInput("calls_per_second must be above 0, and burst at least 1")

    def shows(self, instance: str, minute: float, now: float) -> bool:
        """Whether the metrics of a minute are there yet; the same answer whoever asks, however often."""
        digest = sha256(f"{self.seed} {instance} {minute}".encode()).digest()
        lost, late = (int.from_bytes(part, "big") / 2**32 for part in (digest[:4], digest[4:8]))
        delay = self.least_delay_seconds + late * (self.most_delay_seconds - self.least_delay_seconds)
        return lost >= self.missing_fraction and now >= minute + MINUTE_SECONDS + delay


class Gate:
    """Lets calls in, or not. Its bucket fills with real time, however fast the clusters' time runs."""

    def __init__(self, moods: Moods, *, now: Callable[[], datetime], speed: float = 1.0) -> None:
        self.moods = moods
        self._now = now
        self._speed = speed
        self._tokens = float(moods.burst)
        self._filled_at = now()
        self._chance = np.random.default_rng(moods.seed)

    def admit(self, action: str) -> None:
        """Let a call in.

        Raises:
            Fault: it is throttled, denied, or not answered.
        """
        moods, now = self.moods, self._now()
        seconds = (now - self._filled_at).total_seconds() / self._speed
        self._tokens = min(moods.burst, self._tokens + seconds * moods.calls_per_second)
        self._filled_at = now
        if self._tokens < 1:
            raise THROTTLED
        self._tokens -= 1
        if action in moods.denied:
            raise denied(action)
        if self._chance.random() < moods.failing_fraction:
            raise NOT_ANSWERED

"""How the simulated AWS treats those who call: it throttles, fails, denies, and publishes metrics late or never."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import isfinite, nan

import numpy as np
from numpy.typing import NDArray

from autoscaler.awsapi.faults import NOT_ANSWERED, THROTTLED, denied, wrong_clock
from autoscaler.awsapi.recorder import Numbers, Points
from autoscaler.errors import InvalidInput, UnknownName

MINUTE_SECONDS = 60.0
BUSY_SECONDS = 300.0  # [I] how long a cluster is busy with something that nobody asked for
MOST_SKEW = timedelta(minutes=5)  # [D] beyond it a signature is refused
# What a wrong number looks like; the last two could be true.
WRONG: Mapping[str, Callable[[Numbers], Numbers]] = {
    "not-a-number": lambda values: values * nan,
    "negative": lambda values: -1.0 - values,
    "huge": lambda values: values * 0.0 + 1e12,
    "zero": lambda values: values * 0.0,
    "halved": lambda values: values / 2.0,
    "doubled": lambda values: values * 2.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moods:
    """What goes wrong, by chance or on purpose; fractions are probabilities.

    Args:
        failing_fraction: calls that are not answered.
        missing_fraction: minutes of metrics that are never published.
        least_delay_seconds, most_delay_seconds: from the end of a minute to its metrics, in cluster time.
        calls_per_second, burst: beyond these a call is throttled.
        denied: actions that nobody may call, such as ``rds:ModifyDBCluster``.
        torn_fraction: answers that end in the middle.
        left_out_fraction: entries of a list of clusters or instances that an answer lacks, although they are there.
        busy_fraction: stretches of five minutes in which a cluster is ``backing-up`` and takes no change.
        wrong_fraction, wrong: numbers of a metric that are wrong, and in which ways (``WRONG``).
        skew_seconds: how far the clock of AWS is ahead of the caller's.
    """

    failing_fraction: float = 0.0
    missing_fraction: float = 0.0
    torn_fraction: float = 0.0
    left_out_fraction: float = 0.0
    busy_fraction: float = 0.0
    wrong_fraction: float = 0.0
    wrong: tuple[str, ...] = tuple(WRONG)
    skew_seconds: float = 0.0
    least_delay_seconds: float = 60.0
    most_delay_seconds: float = 120.0
    calls_per_second: float = 20.0
    burst: int = 100
    denied: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        for what in ("failing", "missing", "torn", "left_out", "busy", "wrong"):
            fraction = getattr(self, f"{what}_fraction")
            if not 0 <= fraction <= 1:
                raise InvalidInput(f"{what}_fraction is {fraction}; it lies between 0 and 1")
        for way in self.wrong:
            if way not in WRONG:
                raise UnknownName("way to be wrong", way, WRONG)
        if not self.wrong or not isfinite(self.skew_seconds):
            raise InvalidInput(f"wrong is {self.wrong} and skew_seconds {self.skew_seconds}; give a way and a number")
        if not 0 <= self.least_delay_seconds <= self.most_delay_seconds:
            delay = f"{self.least_delay_seconds:g} to {self.most_delay_seconds:g}"
            raise InvalidInput(f"the delay of metrics is {delay} s; give a least and a most, neither below 0")
        if not self.calls_per_second > 0 or self.burst < 1:
            raise InvalidInput("calls_per_second must be above 0, and burst at least 1")

    def shows(self, instance: str, minutes: Numbers, now: float) -> NDArray[np.bool_]:
        """Whether the metrics of minutes are there yet; the same answer whoever asks, however often."""
        lost, late = luck((self.seed, instance), minutes)
        delay = self.least_delay_seconds + late * (self.most_delay_seconds - self.least_delay_seconds)
        return (lost >= self.missing_fraction) & (now >= minutes + MINUTE_SECONDS + delay)

    def is_busy(self, cluster: str, now: float) -> bool:
        """Whether a cluster has something else to do for some minutes."""
        if self.busy_fraction == 0:
            return False
        return bool(luck((self.seed, cluster), np.array([now // BUSY_SECONDS]))[0][0] < self.busy_fraction)

    def told(self, metric: str, instance: str, points: Points) -> Points:
        """The numbers that are told instead of the true ones."""
        if self.wrong_fraction == 0:
            return points
        wrong, which = luck((self.seed, metric, instance), points.at)
        ways = np.where(wrong < self.wrong_fraction, (which * len(self.wrong)).astype(np.int64), -1)
        for place, way in enumerate(self.wrong):
            points = points.altered(ways == place, WRONG[way])
        return points


def luck(about: tuple[object, ...], moments: Numbers) -> tuple[Numbers, Numbers]:
    """Two numbers in [0, 1) for each moment, always the same about the same.

    Source of the mixing: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    """
    begin = np.uint64(int.from_bytes(sha256(repr(about).encode()).digest()[:8], "big"))
    mixed = begin + moments.astype(np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(32)) / 2.0**32, (mixed & np.uint64(0xFFFFFFFF)) / 2.0**32


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
        if abs(skew := timedelta(seconds=moods.skew_seconds)) > MOST_SKEW:
            raise wrong_clock(now, skew=skew, most=MOST_SKEW)
        if self._chance.random() < moods.failing_fraction:
            raise NOT_ANSWERED

    def tears(self) -> bool:
        """Whether an answer ends in the middle."""
        return self._happens(self.moods.torn_fraction)

    def leaves_out(self) -> bool:
        """Whether an entry is missing from a list."""
        return self._happens(self.moods.left_out_fraction)

    def _happens(self, fraction: float) -> bool:
        return fraction > 0 and self._chance.random() < fraction

"""Seeded chance for generated workloads: any day can be drawn alone, and neighbouring days still join."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

MINUTES = 1440
ONE_DAY = timedelta(days=1)
# After six memories an autoregressive past weighs e^-6 = 0.2 %: what is cut off there nobody sees.
MEMORIES_KEPT = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Dice:
    """Chance that depends only on what is asked for: the seed, the workload, the stream and the day."""

    seed: int
    workload: str

    def on(self, day: date, stream: str) -> np.random.Generator:
        """The generator of one stream on one day, always at its beginning."""
        words = int.from_bytes(f"{self.workload}/{stream}".encode(), "little")
        sequence = np.random.SeedSequence((self.seed, words), spawn_key=(day.toordinal(),))
        return np.random.Generator(np.random.PCG64(sequence))


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Multiplicative, log-normal, with mean 1: what no calendar explains.

    ``minute_sigma``: relative swing within a day (0.1 = two thirds of all minutes are within about ±10 %).
    ``memory_minutes``: after this time a swing has faded to 1/e, at least 1 and at most 200.
    ``day_sigma``: relative swing of the level from day to day.
    """

    minute_sigma: float
    memory_minutes: float
    day_sigma: float

    def factor(self, day: date, dice: Dice) -> NDArray[np.float64]:
        """The factor in each minute of the UTC day, (1440,), positive; it has no seam at midnight."""
        before, today, after = (self._draw(day + offset * ONE_DAY, dice) for offset in (-1, 0, 1))
        swing = self.minute_sigma * self._autoregressive(np.concatenate((before[1:], today[1:])))
        level = self.day_sigma * (today[0] * _FROM + after[0] * _TO)
        variance = self.minute_sigma**2 + self.day_sigma**2
        return np.asarray(np.exp(swing + level - 0.5 * variance), dtype=np.float64)

    def _draw(self, day: date, dice: Dice) -> NDArray[np.float64]:
        """The level at midnight, then one shock a minute: (1441,), standard normal."""
        return dice.on(day, "noise").standard_normal(1 + MINUTES)

    def _autoregressive(self, shocks: NDArray[np.float64]) -> NDArray[np.float64]:
        """AR(1) of variance 1 as a finite moving average: the past of yesterday's shocks is all it needs."""
        kept = int(MEMORIES_KEPT * self.memory_minutes)
        weights = np.exp(-np.arange(kept) / self.memory_minutes)
        weights /= np.sqrt(np.sum(weights**2))
        return np.convolve(shocks[MINUTES - kept + 1 :], weights, mode="valid")


def ease(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 to 1 without corners (smoothstep) where ``share`` goes from 0 to 1; constant outside."""
    inside = np.clip(share, 0.0, 1.0)
    return inside * inside * (3.0 - 2.0 * inside)


# From one midnight's level to the next; the weights' squares add up to 1, so that noon varies as much as midnight.
_EASE = ease(np.arange(MINUTES) / MINUTES)
_FROM, _TO = np.array([1.0 - _EASE, _EASE]) / np.hypot(1.0 - _EASE, _EASE)

"""Where windows lie in time: numbered since the epoch, in chunks of an hour, days and weeks; and the leads learned."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.state import Array

DAY_SECONDS, WEEK_SECONDS, CHUNK_SECONDS = 86_400.0, 604_800.0, 3600.0
# More windows than a day and a half of minutes are not looked back for leads.
FURTHEST = 2048


@dataclass(frozen=True)
class Grid:
    """Windows of ``step_seconds``."""

    step_seconds: float

    @cached_property
    def day(self) -> int:
        """A day in windows."""
        return max(1, round(DAY_SECONDS / self.step_seconds))

    @cached_property
    def chunk(self) -> int:
        """An hour in windows: what is learned at once."""
        return max(1, min(self.day, round(CHUNK_SECONDS / self.step_seconds)))

    @cached_property
    def chunks_of_day(self) -> int:
        """A day in chunks."""
        return max(1, round(self.day / self.chunk))

    @cached_property
    def chunks_of_week(self) -> int:
        """A week in chunks."""
        return max(1, round(WEEK_SECONDS / (self.step_seconds * self.chunk)))

    @cached_property
    def leads(self) -> NDArray[np.intp]:
        """The leads in windows that are learned, each twice the one before.

        All shorter than a day by a chunk, so that what the day's profile said of a target was known at its origin.
        """
        furthest = max(1, min(self.day - self.chunk, FURTHEST))
        return 2 ** np.arange(int(np.log2(furthest)) + 1)

    @cached_property
    def kept(self) -> int:
        """How many windows back the learning looks, in whole chunks."""
        return -(-int(self.leads[-1]) // self.chunk) * self.chunk

    def number(self, timestamp: float) -> int:
        """Of the window that starts then."""
        return round(timestamp / self.step_seconds)

    def between(self, leads: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
        """The two learned leads that leads lie between, and how far on the way, in octaves; the last one stays."""
        place = np.minimum(np.log2(leads), len(self.leads) - 1.0)
        low = place.astype(np.intp)
        return low, np.minimum(low + 1, len(self.leads) - 1), place - low

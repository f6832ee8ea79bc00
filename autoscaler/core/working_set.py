"""What was learned of the memory that a cluster's pages in use need, and which floor for them pays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import floor, inf, isfinite, log, sqrt

from autoscaler.core.capacity import SECONDS_PER_HOUR
from autoscaler.core.cost import Prices
from autoscaler.core.samples import Sample

GIB_PER_ACU = 2.0
# Fewer hits than this, and pages that are needed are thrown out. Below so many reads the ratio says nothing.
WANTED_HITS, LEAST_READS_PER_SECOND = 0.99, 50.0
# Less than this, and nobody works: how much of nothing is cached says nothing.
LEAST_DEMAND_ACU = 0.1
# Memory of which this much is free is not what is short: it was restarted, or reads what no cache holds.
MOSTLY_FREE = 0.5
# Who has not worked for so long is kept no memory for.
IDLE_SECONDS = 3600.0
# Sizes are told apart by this factor, from the smallest on.
SMALLEST_ACU, RUNG = 0.5, sqrt(sqrt(2.0))
# Of one size so much must have been seen: one bad sample is no floor, nor is a cache that only warms up.
LEAST_SHORT_SECONDS, LEAST_ENOUGH_SECONDS = 1800.0, 900.0
# From this share of its time on a size is too small.
SHORT_SHARE = 0.25
# Larger sizes than those that were seen are hoped to spare so many times what the smaller ones let expect.
HOPE = 2.0
# Of the floors that save nearly the most it is the lowest.
NEARLY = 0.9


class Cached(StrEnum):
    """What an interval says of the cache that was there."""

    SHORT = "short"
    ENOUGH = "enough"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What was seen while the cache was of the sizes of one rung; all of it fades.

    For ``short_seconds`` of all ``seconds`` it was too small. ``missed_seconds`` is the part of the page reads that
    missed it, and ``acu_seconds`` the capacity there was meanwhile, over all of them.
    """

    rung: int
    seconds: float = 0.0
    short_seconds: float = 0.0
    missed_seconds: float = 0.0
    acu_seconds: float = 0.0

    @property
    def acu(self) -> float:
        """The capacity that it was on average."""
        return self.acu_seconds / self.seconds

    @property
    def missed_fraction(self) -> float:
        """The part of the page reads that missed the cache."""
        return self.missed_seconds / self.seconds

    @property
    def is_short(self) -> bool:
        """Whether it is known to be too small."""
        return self.short_seconds >= max(LEAST_SHORT_SECONDS, SHORT_SHARE * self.seconds)

    @property
    def is_enough(self) -> bool:
        """Whether it is known to hold the pages in use."""
        return self.seconds >= LEAST_ENOUGH_SECONDS and self.short_seconds < SHORT_SHARE * self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingSet:
    """What is known of one cluster's pages in use; journalled, so that a restart goes on from it.

    ``sizes`` are by their rung. Who has a demand of an ACU looks at ``pages`` / ``acu_seconds`` pages a second.
    ``used_at`` is when somebody last worked. The rest is when this quarter of an hour began, and the least capacity in
    it and in the one before.
    """

    sizes: tuple[Size, ...] = ()
    pages: float = 0.0
    acu_seconds: float = 0.0
    used_at: datetime | None = None
    began_at: datetime | None = None
    least_acu: float = 0.0
    least_before_acu: float = 0.0

    @property
    def short(self) -> Size | None:
        """The largest size that is known to be too small."""
        return max((one for one in self.sizes if one.is_short), key=lambda one: one.rung, default=None)

    @property
    def enough_acu(self) -> float | None:
        """The least capacity that was seen to hold the pages in use; None: none was, or none was too small."""
        short = self.short
        return None if short is None else min((one.acu for one in self._enough(short)), default=None)

    def used(self, at: datetime) -> bool:
        """Whether somebody worked lately."""
        return self.used_at is not None and at - self.used_at <= timedelta(seconds=IDLE_SECONDS)

    def reads_per_second(self, acu: float, demand_acu: float) -> float:
        """Pages that a demand reads from storage with a cache of such a size."""
        return self._missed_at(acu) * self.pages / self.acu_seconds * demand_acu if self.acu_seconds > 0.0 else 0.0

    def worth_usd_per_hour(self, acu: float, *, without_acu: float, demand_acu: float, prices: Prices) -> float:
        """What one instance saves by such a size, against what it has without: reads, less the capacity.

        Each instance pays its own floor and its own reads; they are taken for as busy as the busiest one.
        """
        known = self._next_smaller(without_acu)
        had_acu = without_acu if known is None else max(without_acu, known.acu)
        spared = self.reads_per_second(without_acu, demand_acu) - self.reads_per_second(acu, demand_acu)
        reads_usd = spared * SECONDS_PER_HOUR / 1e6 * prices.usd_per_million_reads
        return reads_usd - (acu - had_acu) * prices.usd_per_acu_hour

    def best_acu(self, *, without_acu: float, demand_acu: float, prices: Prices, most_acu: float = inf) -> float | None:
        """The size, up to ``most_acu``, that saves most against what there is without; None: none saves anything."""
        worth = {
            acu: self.worth_usd_per_hour(acu, without_acu=without_acu, demand_acu=demand_acu, prices=prices)
            for acu in self.tried()
            if without_acu < acu <= most_acu
        }
        most = max(worth.values(), default=0.0)
        return min(acu for acu, usd in worth.items() if usd >= NEARLY * most) if most > 0.0 else None

    def tried(self) -> Iterator[float]:
        """The sizes that are known, and the one above those too small, if it is not."""
        short = self.short
        if short is None:
            return
        yield from (one.acu for one in self.sizes if one.is_short)
        yield from (one.acu for one in self._enough(short))
        if all(one.rung != short.rung + 1 for one in self._enough(short)):
            yield acu_of(short.rung + 1)

    def _enough(self, short: Size) -> Iterator[Size]:
        return (one for one in self.sizes if one.rung > short.rung and one.is_enough)

    def _next_smaller(self, acu: float) -> Size | None:
        rung = rung_of(acu)
        return max((one for one in self.sizes if one.rung <= rung), key=lambda one: one.rung, default=None)

    def _missed_at(self, acu: float) -> float:
        """Measured; of a size that is larger than those that are known to be too small, what their slope gives to hope.

        With one size only, twice as much is hoped to be enough.
        """
        short, rung = self.short, rung_of(acu)
        if short is None or rung <= short.rung or any(one.rung == rung for one in self._enough(short)):
            return self._missed_without(acu)
        smallest = min((one for one in self.sizes if one.is_short), key=lambda one: one.rung)
        if short.acu > smallest.acu:
            gained = HOPE * (smallest.missed_fraction - short.missed_fraction) / (short.acu - smallest.acu)
        else:
            gained = short.missed_fraction / short.acu
        return max(0.0, short.missed_fraction - max(0.0, gained) * (acu - short.acu))

    def _missed_without(self, acu: float) -> float:
        """That of the next smaller size, or of the smallest that is known."""
        known = self._next_smaller(acu) or (self.sizes[0] if self.sizes else None)
        return 0.0 if known is None else known.missed_fraction


def cached(sample: Sample) -> Cached | None:
    """Whether the cache held what was read; None where that cannot be told, or nobody worked."""
    hits, reads, capacity = sample.cache_hit_fraction, sample.reads_per_second, sample.capacity_acu
    if hits is None or reads is None or capacity is None or not capacity > 0.0:
        return None
    if not (0.0 <= hits <= 1.0 and isfinite(reads) and reads >= 0.0 and isfinite(capacity)):
        return None
    if not (sample.demand_acu or 0.0) >= LEAST_DEMAND_ACU:
        return None
    if reads < LEAST_READS_PER_SECOND or hits >= WANTED_HITS:
        return Cached.ENOUGH
    return None if _is_mostly_free(sample, capacity) else Cached.SHORT


def rung_of(capacity_acu: float) -> int:
    """Which rung a capacity is on; below 0: smaller than any."""
    return floor(log(capacity_acu / SMALLEST_ACU) / log(RUNG) + 1e-9) if capacity_acu > 0.0 else -1


def acu_of(rung: int) -> float:
    """The least capacity of a rung."""
    return SMALLEST_ACU * RUNG**rung


def _is_mostly_free(sample: Sample, capacity: float) -> bool:
    free = sample.freeable_gib
    return free is not None and isfinite(free) and free > MOSTLY_FREE * GIB_PER_ACU * capacity

"""How little memory a cluster may have before it reads again and again what it had cached."""

from dataclasses import dataclass
from math import isfinite

GIB_PER_ACU = 2.0
# The share of its memory an engine caches pages in.
CACHE_SHARE = 0.75
# Fewer hits than this, and pages that are needed are thrown out. Below some reads the ratio says nothing.
WANTED_HIT_RATIO = 0.99
LEAST_READS_PER_SECOND = 50.0
# How misses fall as the cache grows: a fraction (size / working set) ** -SKEW. One look at most doubles or halves.
SKEW = 1.0
MOST_STEP = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheReading:
    """The cache over some minutes; None where unknown."""

    capacity_acu: float
    hit_ratio: float | None
    reads_per_second: float | None
    freeable_gib: float | None


def working_set_acu(reading: CacheReading) -> float | None:
    """The least capacity whose cache holds the pages in use; None when that cannot be told.

    With more misses than wanted the cache is too small, as the miss curve says. With fewer it may shrink along the
    same curve, but not below the memory in use: that is measured, the curve is a guess. While next to nothing is
    read from storage the ratio is chance, and only the memory in use counts.
    """
    capacity, hits, reads = reading.capacity_acu, reading.hit_ratio, reading.reads_per_second
    used = _in_use_acu(reading)
    if hits is None or reads is None or not all(map(_possible, (capacity, hits, reads))):
        return None
    if reads < LEAST_READS_PER_SECOND or hits > 1.0:
        return used
    factor: float = ((1.0 - hits) / (1.0 - WANTED_HIT_RATIO)) ** (1.0 / SKEW)
    wanted = capacity * min(max(factor, 1.0 / MOST_STEP), MOST_STEP)
    return wanted if used is None or wanted >= capacity else max(wanted, used)


def _possible(number: float) -> bool:
    return isfinite(number) and number >= 0


def _in_use_acu(reading: CacheReading) -> float | None:
    """What its memory in use comes to."""
    free = reading.freeable_gib
    if free is None or not isfinite(free) or free < 0:
        return None
    return max(0.0, reading.capacity_acu - free / GIB_PER_ACU)

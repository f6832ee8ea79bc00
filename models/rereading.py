"""How much memory a cluster's pages in use need, learned from what it read again at one size and not at another.

A curve of misses over sizes would be a guess, so that only sizes count that were seen. What no cache holds, as a scan,
misses them all alike, and becomes no floor.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite

from autoscaler.core.samples import Sample
from autoscaler.core.working_set import WANTED_HITS, Cached, Size, WorkingSet, cached, rung_of

# What was seen counts half after so much more was seen. While nothing is measured nothing fades.
HALF_LIFE_SECONDS = 2 * 86_400.0
# More is not counted, so that a size that is never seen again is forgotten within a week, and then tried anew.
MOST_SECONDS = 4 * 3600.0
# What a cache holds came in at the smallest size of so long ago.
WARMING = timedelta(seconds=900)
NOTHING_LEARNED = WorkingSet()


def learned(before: WorkingSet | None, sample: Sample) -> WorkingSet | None:
    """What is known after one more sample; None as long as no cache was ever measured.

    Pages that are missing now were thrown out by the smallest size of the last quarter of an hour, so that this one was
    too small; a cache that misses nothing is enough at the size it has.
    """
    capacity, seen = sample.capacity_acu, cached(sample)
    if before is None and sample.cache_hit_fraction is None:
        return None
    before = before or NOTHING_LEARNED
    if capacity is None or not isfinite(capacity) or capacity < 0.0:
        return before
    after = _through(before, capacity, sample.at)
    if seen is None:
        return after
    size_acu = capacity if seen is Cached.ENOUGH else min(after.least_acu, after.least_before_acu)
    keep, rung = 0.5 ** (sample.seconds / HALF_LIFE_SECONDS), rung_of(size_acu)
    sizes = {one.rung: _scaled(one, keep) for one in after.sizes}
    if rung >= 0:
        sizes[rung] = _counted(sizes.get(rung, Size(rung=rung)), sample, seen, capacity)
    pages, acu_seconds = _looked_at(sample, seen)
    return replace(
        after,
        used_at=sample.end,
        sizes=tuple(sizes[one] for one in sorted(sizes)),
        pages=keep * after.pages + pages,
        acu_seconds=keep * after.acu_seconds + acu_seconds,
    )


def _through(before: WorkingSet, capacity: float, at: datetime) -> WorkingSet:
    """The least capacities after one more: of this quarter of an hour, and of the one before."""
    if before.began_at is None:
        return replace(before, began_at=at, least_acu=capacity, least_before_acu=capacity)
    if at - before.began_at < WARMING:
        return replace(before, least_acu=min(before.least_acu, capacity))
    return replace(before, began_at=at, least_acu=capacity, least_before_acu=before.least_acu)


def _counted(size: Size, sample: Sample, seen: Cached, capacity: float) -> Size:
    seconds, hits = sample.seconds, sample.cache_hit_fraction or 0.0
    missed = 1.0 - hits if seen is Cached.SHORT else min(1.0 - hits, 1.0 - WANTED_HITS)
    more = Size(
        rung=size.rung,
        seconds=size.seconds + seconds,
        short_seconds=size.short_seconds + (seconds if seen is Cached.SHORT else 0.0),
        missed_seconds=size.missed_seconds + missed * seconds,
        acu_seconds=size.acu_seconds + capacity * seconds,
    )
    return _scaled(more, min(1.0, MOST_SECONDS / more.seconds))


def _scaled(size: Size, keep: float) -> Size:
    return Size(
        rung=size.rung,
        seconds=size.seconds * keep,
        short_seconds=size.short_seconds * keep,
        missed_seconds=size.missed_seconds * keep,
        acu_seconds=size.acu_seconds * keep,
    )


def _looked_at(sample: Sample, seen: Cached) -> tuple[float, float]:
    """Pages that were looked at, cached or not, and the demand that did; where misses tell how many."""
    if seen is Cached.ENOUGH:
        return 0.0, 0.0
    reads, hits = sample.reads_per_second or 0.0, sample.cache_hit_fraction or 0.0
    return reads / (1.0 - hits) * sample.seconds, (sample.demand_acu or 0.0) * sample.seconds

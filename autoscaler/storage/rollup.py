"""Many samples become one: what a planner, a forecaster and a bill still need of an older day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from autoscaler.core.samples import Sample
from autoscaler.storage.entries import SeenSample


@dataclass(frozen=True, slots=True, kw_only=True)
class Grain:
    """A length of samples, and the column of a cluster that tells up to when they all have it."""

    seconds: int
    column: str

    def floor(self, at: datetime) -> datetime:
        """Where the interval begins that ``at`` falls into."""
        return datetime.fromtimestamp(at.timestamp() // self.seconds * self.seconds, UTC)


FIVE_MINUTES = Grain(seconds=300, column="five_minutes_until")
HOUR = Grain(seconds=3600, column="hours_until")


def rolled_up(samples: Iterable[SeenSample], grain: Grain) -> list[SeenSample]:
    """One sample for each interval that has any; one that is as long already stays as it is.

    The forecasters' windows are peaks, so five-minute samples tell them the same as the minutes they were made of.
    """
    merged = []
    for start, group in groupby(samples, key=lambda one: grain.floor(one.sample.at)):
        members = list(group)
        alone = len(members) == 1 and members[0].sample.seconds >= grain.seconds
        merged.append(members[0] if alone else _merged(members, start, grain.seconds))
    return merged


def acu_hours(samples: Iterable[SeenSample]) -> float:
    """Capacity used in all of them."""
    return sum((one.sample.capacity_acu or 0.0) * one.sample.seconds for one in samples) / 3600


def _merged(members: Sequence[SeenSample], start: datetime, seconds: int) -> SeenSample:
    samples = [one.sample for one in members]
    whole = Sample(
        at=start,
        seconds=float(seconds),
        demand_acu=max((one.demand_acu for one in samples if one.demand_acu is not None), default=None),
        censored=any(one.censored for one in samples),
        capacity_acu=_mean((one.capacity_acu, one.seconds) for one in samples),
        connections=max((one.connections for one in samples if one.connections is not None), default=None),
        active_sessions=max((one.active_sessions for one in samples if one.active_sessions is not None), default=None),
        queries_per_second=_mean((one.queries_per_second, one.seconds) for one in samples),
        cache_hit_fraction=_mean((one.cache_hit_fraction, one.seconds) for one in samples),
        reads_per_second=_mean((one.reads_per_second, one.seconds) for one in samples),
        freeable_gib=_mean((one.freeable_gib, one.seconds) for one in samples),
    )
    return SeenSample(seen_at=max(one.seen_at for one in members), sample=whole)


def _mean(weighted: Iterable[tuple[float | None, float]]) -> float | None:
    """Over the time for which it is known."""
    known = [(value, seconds) for value, seconds in weighted if value is not None]
    total = sum(seconds for _, seconds in known)
    return sum(value * seconds for value, seconds in known) / total if total else None

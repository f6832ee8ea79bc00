"""CloudWatch's numbers as samples: absolute, aligned to minutes, and unknown where anything is missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite

from autoscaler.adapters.aurora_maxima import Maxima, agreed_maximum_acu
from autoscaler.core.samples import Sample, acu_of_maximum, infer_demand
from autoscaler.core.working_set import GIB_PER_ACU

MINUTE_SECONDS = 60
AVERAGE, MAXIMUM = "Average", "Maximum"
CAPACITY, OF_MAXIMUM, CPU, CONNECTIONS = (
    "ServerlessDatabaseCapacity",
    "ACUUtilization",
    "CPUUtilization",
    "DatabaseConnections",
)
METRICS = (CAPACITY, OF_MAXIMUM, CPU, CONNECTIONS)
QUERIES = "Queries"  # of MySQL only
# Of the cache, where they are asked for: three metrics more. A read is of a page, and is what storage is paid by.
HITS, READS, FREE = "BufferCacheHitRatio", "ReadIOPS", "FreeableMemory"
CACHE_METRICS = (HITS, READS, FREE)
GIB = 1024.0**3

# Values by metric, instance and the start of the minute in seconds since 1970.
Points = Mapping[tuple[str, str], Mapping[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which minutes, or longer periods, of which instances: those that begin in ``[start, end)``."""

    instances: tuple[str, ...]
    start: datetime
    end: datetime
    metrics: tuple[str, ...] = METRICS
    period_seconds: int = MINUTE_SECONDS
    statistic: str = AVERAGE

    def begins(self) -> Iterator[float]:
        """When each of its periods begins, in seconds since 1970."""
        at = self.start.timestamp()
        while at < self.end.timestamp():
            yield at
            at += self.period_seconds


def settled_window(
    instances: Sequence[str],
    *,
    now: datetime,
    after: datetime | None,
    settle_seconds: float,
    lookback: timedelta,
    period_seconds: int = MINUTE_SECONDS,
    metrics: tuple[str, ...] = METRICS,
) -> Window:
    """The periods after ``after`` that are over for long enough to be published, if they ever will be."""
    end = _begin(now.timestamp() - settle_seconds, period_seconds)
    oldest = end - lookback.total_seconds()
    start = oldest if after is None else max(oldest, _begin(after.timestamp(), period_seconds) + period_seconds)
    return Window(
        instances=tuple(instances),
        start=_utc(start),
        end=_utc(max(start, end)),
        metrics=metrics,
        period_seconds=period_seconds,
    )


def samples_in(window: Window, points: Points, maxima: Maxima | None = None) -> list[Sample]:
    """A sample for each period of the window, oldest first; ``maxima`` are those that were seen meanwhile."""
    seconds = float(window.period_seconds)
    return [sample_at(at, window.instances, points, points, seconds=seconds, maxima=maxima) for at in window.begins()]


def minute_of(at: datetime) -> datetime:
    """When the minute of a moment began."""
    return _utc(_begin(at.timestamp(), MINUTE_SECONDS))


def known_from_the_first(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Without those before the first measured one: there was nothing to know."""
    first = next((place for place, one in enumerate(samples) if one.demand_acu is not None), len(samples))
    return samples[first:]


def newest_capacity_acu(instance: str, points: Points) -> float | None:
    """The last capacity that was published; None when there is none that can be true."""
    told = points.get((CAPACITY, instance), {})
    known = [at for at, acu in told.items() if isfinite(acu) and acu >= 0]
    return told[max(known)] if known else None


def sample_at(
    at: float,
    instances: Sequence[str],
    points: Points,
    peaks: Points,
    *,
    seconds: float,
    maxima: Maxima | None = None,
) -> Sample:
    """The busiest instance's demand; as long as one instance is unknown nobody knows which one that is.

    Args:
        peaks: the largest values of a period that is longer than a minute; of a minute, the averages.
        maxima: those that were seen meanwhile.
    """
    moment = _utc(at)
    told = None if maxima is None else maxima.between(moment, moment + timedelta(seconds=seconds))
    served = ((_demand(at, one, points, peaks, seconds=seconds, told=told), one) for one in instances)
    known = [(*one, instance) for one, instance in served if one is not None]
    if not instances or len(known) < len(instances):
        return Sample(at=moment, seconds=seconds, demand_acu=None)
    demand_acu, censored, capacity_acu, busiest = max(known)
    hits = _known(HITS, at, busiest, points)
    connections = _total(CONNECTIONS, at, instances, peaks)
    return Sample(
        at=moment,
        seconds=seconds,
        demand_acu=demand_acu,
        censored=censored,
        capacity_acu=capacity_acu,
        connections=None if connections is None else round(connections),
        queries_per_second=_total(QUERIES, at, instances, points),
        cache_hit_fraction=None if hits is None or hits > 100.0 else hits / 100.0,
        reads_per_second=_known(READS, at, busiest, points),
        freeable_gib=_freeable_gib(at, busiest, points, capacity_acu=capacity_acu, told=told),
    )


def _freeable_gib(
    at: float, instance: str, points: Points, *, capacity_acu: float, told: tuple[float, float] | None
) -> float | None:
    """Free of the memory it has: it is told as if the instance had its maximum [D]."""
    free, of_maximum = _known(FREE, at, instance, points), points.get((OF_MAXIMUM, instance), {}).get(at)
    if free is None:
        return None
    maximum = agreed_maximum_acu(told, capacity_acu=capacity_acu, of_maximum_percent=of_maximum)
    return None if maximum is None else max(0.0, free / GIB - GIB_PER_ACU * (maximum - capacity_acu))


def _demand(
    at: float, instance: str, points: Points, peaks: Points, *, seconds: float, told: tuple[float, float] | None
) -> tuple[float, bool, float] | None:
    """Demand, whether it is a lower bound, and mean capacity; percentages are of the maximum in force just then."""
    capacity, of_maximum = (points.get((name, instance), {}).get(at) for name in (CAPACITY, OF_MAXIMUM))
    peak_capacity, cpu = (peaks.get((name, instance), {}).get(at) for name in (CAPACITY, CPU))
    if capacity is None or peak_capacity is None or cpu is None:
        return None
    if capacity == 0.0:
        return (0.0, False, 0.0) if cpu == 0.0 else None  # asleep, which is known
    maximum = agreed_maximum_acu(told, capacity_acu=capacity, of_maximum_percent=of_maximum)
    served_acu = None if maximum is None else acu_of_maximum(cpu, maximum)
    if served_acu is None or not peak_capacity > 0.0:
        return None
    # Nobody serves more than he has: what looks like more is a percentage of something else, and a full instance.
    utilization = min(1.0, served_acu / peak_capacity)
    demand = infer_demand(utilization=utilization, capacity_acu=peak_capacity, seconds=seconds)
    return None if demand is None else (demand.acu, demand.censored, capacity)


def _total(metric: str, at: float, instances: Sequence[str], points: Points) -> float | None:
    """Of those instances that tell it."""
    told = [value for one in instances if (value := _known(metric, at, one, points)) is not None]
    return sum(told) if told else None


def _known(metric: str, at: float, instance: str, points: Points) -> float | None:
    """What an instance told, if it can be true."""
    value = points.get((metric, instance), {}).get(at)
    return None if value is None or not isfinite(value) or value < 0 else value


def _begin(seconds: float, period_seconds: int) -> float:
    return seconds // period_seconds * period_seconds


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""The demand of one metric interval in ACU, from whatever its source offers."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import isfinite

from autoscaler.core.samples import Demand, acu_of_maximum, infer_demand
from autoscaler.errors import InvalidInput

# The documented size of an ACU: 2 GiB of memory and CPU of about a quarter of a core, as PostgreSQL reports it.
CORES_PER_ACU = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was measured in ``[at, at + seconds)``; None where the source does not offer it.

    Args:
        percent_of_maximum: CPU in percent of what the maximum of the range gives, as Aurora's CPUUtilization.
        percent_of_current: CPU in percent of the capacity it had.
        cores: CPU used, in cores.
        db_load_cores: average sessions running or waiting for CPU (DB load): one is worth one core.
        load: requests per second or active sessions, whatever the work model was taught with.
        capacity_acu: mean capacity over the interval.
        backlog_growth_acu_seconds: work waiting at its end less that at its start.
    """

    at: datetime
    seconds: float
    percent_of_maximum: float | None = None
    percent_of_current: float | None = None
    cores: float | None = None
    db_load_cores: float | None = None
    load: float | None = None
    capacity_acu: float | None = None
    backlog_growth_acu_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Maxima:
    """The maximum of the range over time: from ``since[i]`` on it was ``max_acu[i]``, oldest first."""

    since: tuple[datetime, ...]
    max_acu: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.since) != len(self.max_acu) or any(early >= late for early, late in pairwise(self.since)):
            raise InvalidInput(f"{len(self.max_acu)} maxima for {len(self.since)} moments, which must ascend")

    def during(self, at: datetime, seconds: float) -> float | None:
        """The one in force all the time; None where it changed meanwhile or is not known so far back.

        A percentage over a change is of neither: such an interval is unknown rather than wrong.
        """
        first = bisect_right(self.since, at) - 1
        last = bisect_right(self.since, at + timedelta(seconds=seconds) - timedelta(microseconds=1)) - 1
        return self.max_acu[first] if first == last and first >= 0 else None


def demand_of(
    reading: Reading, *, maxima: Maxima | None = None, acu_of_load: Callable[[float], float] | None = None
) -> Demand | None:
    """The demand behind a reading, by the best that it offers; None when it offers nothing that can be true.

    CPU comes first, in the order of ``Reading``: it is work done. Where the cluster was saturated it shows only what
    the capacity could do: then load that scaling does not change says how much more was wanted, and the answer stays
    marked as a lower bound. Without any CPU the load alone tells.
    """
    served = _served_acu(reading, maxima)
    told = _told_by_load(reading, acu_of_load)
    if served is None:
        return None if told is None else Demand(told, censored=False)
    if reading.capacity_acu is None or reading.capacity_acu <= 0:
        return Demand(served, censored=False)
    demand = infer_demand(
        utilization=served / reading.capacity_acu,
        capacity_acu=reading.capacity_acu,
        seconds=reading.seconds,
        backlog_growth_acu_seconds=reading.backlog_growth_acu_seconds,
    )
    if demand is None or not demand.censored:
        return demand
    return Demand(max(demand.acu, told or 0.0, _waiting_acu(reading) or 0.0), censored=True)


def _served_acu(reading: Reading, maxima: Maxima | None) -> float | None:
    """Work done, in ACU."""
    offers: Sequence[float | None] = (
        _of_current(reading),
        _of_maximum(reading, maxima),
        None if reading.cores is None else reading.cores / CORES_PER_ACU,
        _of_sessions(reading),
    )
    return next((offer for offer in offers if offer is not None and isfinite(offer) and offer >= 0), None)


def _of_current(reading: Reading) -> float | None:
    if reading.percent_of_current is None or reading.capacity_acu is None:
        return None
    return reading.percent_of_current / 100.0 * reading.capacity_acu


def _of_maximum(reading: Reading, maxima: Maxima | None) -> float | None:
    max_acu = None if maxima is None else maxima.during(reading.at, reading.seconds)
    if reading.percent_of_maximum is None or max_acu is None:
        return None
    return acu_of_maximum(reading.percent_of_maximum, max_acu)


def _told_by_load(reading: Reading, acu_of_load: Callable[[float], float] | None) -> float | None:
    if acu_of_load is None or reading.load is None or not isfinite(reading.load) or reading.load < 0:
        return None
    return acu_of_load(reading.load)


def _of_sessions(reading: Reading) -> float | None:
    """Sessions that wait for CPU are not served: no more than the capacity is."""
    waiting = _waiting_acu(reading)
    if waiting is None or reading.capacity_acu is None:
        return waiting
    return min(waiting, reading.capacity_acu)


def _waiting_acu(reading: Reading) -> float | None:
    """What the sessions that run or wait for CPU come to; it is not bounded by the capacity."""
    load = reading.db_load_cores
    return load / CORES_PER_ACU if load is not None and isfinite(load) and load >= 0 else None

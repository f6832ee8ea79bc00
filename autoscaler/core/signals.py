"""Which signals tell the demand, and how they combine: a sample becomes the demand that counts."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite

from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput


class Combine(StrEnum):
    """Several signals as one demand.

    ``largest``: whatever wants most counts. ``agree-to-shrink``: CPU alone makes a cluster grow; the others only keep
    it from shrinking, until all of them allow it.
    """

    LARGEST = "largest"
    AGREE_TO_SHRINK = "agree-to-shrink"


class Load(StrEnum):
    """What clients ask for, which scaling does not change."""

    QUERIES = "queries"
    CONNECTIONS = "connections"


# What counts beside the CPU, where somebody says what a unit of it is worth.
OTHERS = ("acu_per_connection", "acu_per_query_per_second", "acu_per_active_session")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a unit of load is worth on one cluster, as it was learned: demand = base + per unit × load, in ACU."""

    load: Load
    base_acu: float
    acu_per_unit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What tells the demand of a cluster.

    Args:
        cpu: the work of the processors counts: the demand as it is measured.
        acu_per_connection: capacity that each connection needs; left out, connections do not count.
        acu_per_query_per_second: capacity that each query a second needs; left out, queries do not count.
        acu_per_active_session: capacity that each session needs while it works or waits; left out, they do not count.
        combine: how they become one demand.
        learns: load by which the demand of a saturated cluster is told, once it is learned what a unit of it is worth;
            left out, none is learned.
    """

    cpu: bool = True
    acu_per_connection: float | None = None
    acu_per_query_per_second: float | None = None
    acu_per_active_session: float | None = None
    combine: Combine = Combine.LARGEST
    learns: Load | None = None

    def __post_init__(self) -> None:
        for name in OTHERS:
            acu = getattr(self, name)
            if acu is not None and not (isfinite(acu) and acu > 0):
                raise InvalidInput(f"{name} is {acu}; it must be above 0")
        if not self.cpu and not self._has_others:
            raise InvalidInput("cpu is false, and no other signal counts; name one")
        if self.combine is Combine.AGREE_TO_SHRINK and not self.cpu:
            raise InvalidInput("combine is agree-to-shrink, which grows by the CPU alone; cpu must be true")

    @property
    def combines(self) -> bool:
        """Whether anything but the CPU counts."""
        return not self.cpu or self._has_others

    @property
    def _has_others(self) -> bool:
        return any(getattr(self, name) is not None for name in OTHERS)


CPU_ONLY = Signals()
# However much load there is, a saturated cluster is believed to need no more than so many times what it had: clients
# that repeat what timed out are counted again and again.
MOST_TOLD = 4.0


def load_of(sample: Sample, load: Load) -> float | None:
    """How much of it there was; None where that is unknown or cannot be true."""
    count = sample.queries_per_second if load is Load.QUERIES else sample.connections
    return None if count is None or not isfinite(count) or count < 0 else float(count)


def counted(sample: Sample, signals: Signals, worth: Worth | None = None) -> Sample:
    """The sample with the demand that counts.

    A saturated sample's demand is a lower bound; where it was learned what load is ``worth``, the load says how much
    more was wanted, and it stays marked as a bound.

    A signal that is unknown is no zero: what the others say then only proves a need for more. Where that is more than
    the cluster had, it counts as a lower bound; where it is not, nobody knows whether less would do, and the demand
    is unknown. So an unknown signal may let a cluster grow, and never lets it shrink.
    """
    if worth is not None and worth.load is signals.learns:
        sample = _told_by_load(sample, worth)
    if not signals.combines:
        return sample
    cpu = [sample.demand_acu] if signals.cpu else []
    others = _others(sample, signals)
    known = [acu for acu in (*cpu, *others) if acu is not None]
    growth = [sample.demand_acu or 0.0] if signals.combine is Combine.AGREE_TO_SHRINK else known
    if len(known) == len(cpu) + len(others):
        return replace(sample, demand_acu=_combined(max(known), growth[0], sample, signals))
    had, proven = sample.capacity_acu, max(growth, default=0.0)
    if had is not None and proven > had:
        return replace(sample, demand_acu=proven, censored=True)
    return replace(sample, demand_acu=None, censored=False)


def _told_by_load(sample: Sample, worth: Worth) -> Sample:
    count = load_of(sample, worth.load)
    if count is None or not sample.censored or sample.demand_acu is None:
        return sample
    most = MOST_TOLD * max(sample.demand_acu, sample.capacity_acu or 0.0)
    told = min(worth.base_acu + worth.acu_per_unit * count, most)
    return replace(sample, demand_acu=told) if told > sample.demand_acu else sample


def _others(sample: Sample, signals: Signals) -> list[float | None]:
    pairs = (
        (sample.connections, signals.acu_per_connection),
        (sample.queries_per_second, signals.acu_per_query_per_second),
        (sample.active_sessions, signals.acu_per_active_session),
    )
    return [_times(count, acu) for count, acu in pairs if acu is not None]


def _times(count: float | None, acu: float) -> float | None:
    """A count that cannot be true is unknown."""
    return None if count is None or not isfinite(count) or count < 0 else count * acu


def _combined(largest: float, cpu: float, sample: Sample, signals: Signals) -> float:
    if signals.combine is Combine.LARGEST:
        return largest
    had = sample.capacity_acu
    return largest if had is None else max(cpu, min(largest, had))

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What tells the demand of a cluster.

    Args:
        cpu: the work of the processors counts: the demand as it is measured.
        acu_per_connection: capacity that each connection needs; left out, connections do not count.
        acu_per_query_per_second: capacity that each query a second needs; left out, queries do not count.
        combine: how they become one demand.
    """

    cpu: bool = True
    acu_per_connection: float | None = None
    acu_per_query_per_second: float | None = None
    combine: Combine = Combine.LARGEST

    def __post_init__(self) -> None:
        for name in ("acu_per_connection", "acu_per_query_per_second"):
            acu = getattr(self, name)
            if acu is not None and not (isfinite(acu) and acu > 0):
                raise InvalidInput(f"{name} is {acu}; it must be above 0")
        if not self.cpu and self.acu_per_connection is None and self.acu_per_query_per_second is None:
            raise InvalidInput("cpu is false, and no other signal counts; name one")
        if self.combine is Combine.AGREE_TO_SHRINK and not self.cpu:
            raise InvalidInput("combine is agree-to-shrink, which grows by the CPU alone; cpu must be true")


CPU_ONLY = Signals()


def counted(sample: Sample, signals: Signals) -> Sample:
    """The sample with the demand that counts.

    A signal that is unknown is no zero: what the others say then only proves a need for more. Where that is more than
    the cluster had, it counts as a lower bound; where it is not, nobody knows whether less would do, and the demand
    is unknown. So an unknown signal may let a cluster grow, and never lets it shrink.
    """
    if signals == CPU_ONLY:
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


def _others(sample: Sample, signals: Signals) -> list[float | None]:
    pairs = (
        (sample.connections, signals.acu_per_connection),
        (sample.queries_per_second, signals.acu_per_query_per_second),
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

"""Faults around a simulated cluster: metrics that get lost, late, doubled or wrong, and calls that are refused."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import nan

import numpy as np

from autoscaler.core.capacity import Range, Status
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError, ClusterThrottled, InvalidInput
from autoscaler.simulator.cluster import SimulatedCluster

HUGE_ACU = 1e12


class Corruption(StrEnum):
    """What a wrong metric looks like."""

    NOT_A_NUMBER = "not-a-number"
    NEGATIVE = "negative"
    HUGE = "huge"
    ZERO = "zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSettings:
    """How often what goes wrong; all fractions are probabilities, 0 to 1.

    Args:
        dropped_fraction: samples that never arrive.
        delayed_fraction: samples that arrive up to ``delay_seconds`` later than they would.
        duplicated_fraction: samples that are told twice.
        corrupted_fraction: samples whose demand is one of ``corruptions``.
        busy_fraction: changes refused because the cluster is busy.
        refused_fraction: calls of any kind that the provider does not answer.
        throttled_fraction: calls of any kind that it does not take for the moment.
    """

    dropped_fraction: float = 0.0
    delayed_fraction: float = 0.0
    delay_seconds: float = 600.0
    duplicated_fraction: float = 0.0
    corrupted_fraction: float = 0.0
    corruptions: tuple[Corruption, ...] = tuple(Corruption)
    busy_fraction: float = 0.0
    refused_fraction: float = 0.0
    throttled_fraction: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("dropped", "delayed", "duplicated", "corrupted", "busy", "refused", "throttled"):
            fraction = getattr(self, f"{name}_fraction")
            if not 0 <= fraction <= 1:
                raise InvalidInput(f"{name}_fraction is {fraction}; it lies between 0 and 1")
        if not self.delay_seconds >= 0 or self.seed < 0:
            raise InvalidInput(f"delay_seconds is {self.delay_seconds} and seed {self.seed}; both are 0 or more")
        if not self.corruptions:
            raise InvalidInput("corruptions is empty; set corrupted_fraction to 0 for no corrupted samples")


class FaultyCluster:
    """A simulated cluster behind an unreliable provider.

    What happens to a sample depends on the seed and its time alone, however often it is asked for; whether a
    call is refused is drawn anew for each call.
    """

    def __init__(self, cluster: SimulatedCluster, settings: FaultSettings) -> None:
        self._cluster = cluster
        self._settings = settings
        self._rng = np.random.default_rng(settings.seed)

    @property
    def now(self) -> datetime:
        """The cluster's own time."""
        return self._cluster.now

    def status(self) -> Status:
        """What the provider would answer now.

        Raises:
            ClusterError: it does not.
        """
        self._may_refuse("status")
        return self._cluster.status()

    def samples_since(self, after: datetime | None) -> list[Sample]:
        """What is left of the samples visible by now that start after ``after``, oldest first.

        Raises:
            ClusterError: the provider does not answer.
        """
        self._may_refuse("samples")
        return [told for sample in self._cluster.samples_since(after) for told in self._suffer(sample)]

    def apply(self, wanted: Range) -> None:
        """Change the range.

        Raises:
            ClusterBusy: an earlier change is being worked off, or so it says.
            ClusterError: the provider has no such range, or does not answer.
        """
        self._may_refuse("change")
        if self._happens(self._settings.busy_fraction):
            raise ClusterBusy(f"{self._cluster.spec.cluster_id} says it is still busy; try again later")
        self._cluster.apply(wanted)

    def step(self, demand_acu: float, *, seconds: float, measured: bool = True) -> None:
        """Live on; faults are about what is told and asked, not about what happens."""
        self._cluster.step(demand_acu, seconds=seconds, measured=measured)

    def _suffer(self, sample: Sample) -> Iterator[Sample]:
        settings = self._settings
        rng = np.random.default_rng((settings.seed, int(sample.at.timestamp())))
        dropped, delayed, doubled, corrupted, late = rng.random(5)
        if dropped < settings.dropped_fraction:
            return
        if delayed < settings.delayed_fraction and self.now < self._due(sample, late):
            return
        if corrupted < settings.corrupted_fraction:
            sample = corrupt(sample, settings.corruptions[rng.integers(len(settings.corruptions))])
        yield sample
        if doubled < settings.duplicated_fraction:
            yield sample

    def _due(self, sample: Sample, late: float) -> datetime:
        regular = self._cluster.spec.profile.measuring.delay_seconds
        return sample.end + timedelta(seconds=regular + late * self._settings.delay_seconds)

    def _may_refuse(self, call: str) -> None:
        if self._happens(self._settings.refused_fraction):
            raise ClusterError(f"{self._cluster.spec.cluster_id} did not answer the {call} call; try again later")
        if self._happens(self._settings.throttled_fraction):
            raise ClusterThrottled(f"too many {call} calls for {self._cluster.spec.cluster_id}; try again in a moment")

    def _happens(self, fraction: float) -> bool:
        return fraction > 0 and self._rng.random() < fraction


def corrupt(sample: Sample, how: Corruption) -> Sample:
    """The sample with a demand that is wrong, and with its cache wrong where that is told."""
    match how:
        case Corruption.NOT_A_NUMBER:
            return _with(sample, demand_acu=nan, cache=nan)
        case Corruption.NEGATIVE:
            return _with(sample, demand_acu=-1.0 - (sample.demand_acu or 0.0), cache=-1.0)
        case Corruption.HUGE:
            return _with(sample, demand_acu=HUGE_ACU, cache=HUGE_ACU)
        case Corruption.ZERO:
            return _with(sample, demand_acu=0.0, cache=0.0)


def _with(sample: Sample, *, demand_acu: float, cache: float) -> Sample:
    if sample.reads_per_second is None:
        return replace(sample, demand_acu=demand_acu)
    return replace(sample, demand_acu=demand_acu, cache_hit_fraction=cache, reads_per_second=cache, freeable_gib=cache)

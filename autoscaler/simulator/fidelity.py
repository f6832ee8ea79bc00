"""How far the simulator can be believed about a cluster: its own recorded capacity, lived again from its demand."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from autoscaler.core.capacity import SECONDS_PER_HOUR, Range
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.spec import ClusterSpec

LONGEST_STEP_SECONDS = 15.0
# Of the mean capacity. Beyond it, what backtests and twins say of a cluster is not what it would do.
MOST_ERROR_FRACTION = 0.25
# With less than this nobody can say.
LEAST_HOURS = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """``mean_error_acu`` is the mean distance of the simulated from the recorded capacity of the busiest instance,
    ``bias_acu`` how much larger the simulated one is on average; over the hours in which both are known.
    """

    seen_hours: float
    mean_acu: float
    mean_error_acu: float
    bias_acu: float

    @property
    def error_fraction(self) -> float | None:
        """The error as a part of the mean capacity; None: too little was seen to say."""
        return self.mean_error_acu / self.mean_acu if self.seen_hours >= LEAST_HOURS and self.mean_acu > 0 else None

    @property
    def doubtful(self) -> bool:
        """Whether the error is known, and too large."""
        return self.error_fraction is not None and self.error_fraction > MOST_ERROR_FRACTION

    @property
    def sentence(self) -> str:
        """What came out."""
        seen = f"over {self.seen_hours:.1f} h"
        if self.error_fraction is None:
            return f"how far the simulator can be believed is not known {seen}; {LEAST_HOURS:g} h are needed"
        off = f"{self.mean_error_acu:.2f} ACU on average, {self.error_fraction:.0%} of its capacity"
        return f"the simulator is off by {off}, {seen}; up to {MOST_ERROR_FRACTION:.0%} it is believed"


def lived_again(spec: ClusterSpec, samples: Sequence[Sample], changes: Iterable[tuple[datetime, Range]]) -> Fidelity:
    """Live through recorded demand under the ranges that were in force from their moments on, and compare capacities.

    Where the demand is unknown the last one goes on, and nothing is compared. A saturated sample tells less demand than
    there was, so that the simulated cluster climbs less than the real one did.

    Args:
        spec: the cluster; its range is the first one in force.
        samples: oldest first.
        changes: oldest first.
    """
    if not samples:
        return Fidelity(seen_hours=0.0, mean_acu=0.0, mean_error_acu=0.0, bias_acu=0.0)
    waiting, demand_acu = deque(changes), samples[0].demand_acu or 0.0
    first = waiting[0][1] if waiting else spec.range
    cluster = SimulatedCluster(replace(spec, range=first), at=samples[0].at, demand_acu=demand_acu)
    seconds = total = error = bias = 0.0
    for sample in samples:
        demand_acu = demand_acu if sample.demand_acu is None else sample.demand_acu
        _live_until(cluster, sample.at, demand_acu, waiting)
        simulated_acu = _live_until(cluster, sample.end, demand_acu, waiting)
        if sample.demand_acu is None or sample.capacity_acu is None or simulated_acu is None:
            continue
        seconds += sample.seconds
        total += sample.capacity_acu * sample.seconds
        error += abs(simulated_acu - sample.capacity_acu) * sample.seconds
        bias += (simulated_acu - sample.capacity_acu) * sample.seconds
    if seconds == 0.0:
        return Fidelity(seen_hours=0.0, mean_acu=0.0, mean_error_acu=0.0, bias_acu=0.0)
    return Fidelity(
        seen_hours=seconds / SECONDS_PER_HOUR,
        mean_acu=total / seconds,
        mean_error_acu=error / seconds,
        bias_acu=bias / seconds,
    )


def _live_until(
    cluster: SimulatedCluster, until: datetime, demand_acu: float, waiting: deque[tuple[datetime, Range]]
) -> float | None:
    """The writer's mean capacity on the way; None: there was no way to go."""
    seconds = (until - cluster.now).total_seconds()
    if seconds <= 0:
        return None
    steps = ceil(seconds / LONGEST_STEP_SECONDS)
    total = 0.0
    for _ in range(steps):
        _obey(cluster, waiting)
        cluster.step(demand_acu, seconds=seconds / steps)
        total += cluster.writer.mean_acu
    return total / steps


def _obey(cluster: SimulatedCluster, waiting: deque[tuple[datetime, Range]]) -> None:
    while waiting and waiting[0][0] <= cluster.now:
        try:
            cluster.apply(waiting[0][1])
        except ClusterBusy:  # its control plane is not free yet
            return
        except ClusterError:  # the real one took it, so its kind is not quite this one
            pass
        waiting.popleft()

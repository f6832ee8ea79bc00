"""Tells use from housekeeping: monitoring, health checks, and connections that a pooler keeps open."""

from collections import deque
from datetime import UTC, datetime, timedelta

import numpy as np

from autoscaler.core.samples import Sample
from models.state import Array

# Monitoring and health checks take this much at most on top of what a cluster takes when it is at its calmest ...
HOUSEKEEPING_ACU = 0.02
# ... which is housekeeping up to here: a database that never takes less is in use around the clock.
MOST_HOUSEKEEPING_ACU = 0.1
CALM = timedelta(days=1)


class Housekeeping:
    """What one cluster has at its calmest, of the last day, while it is awake.

    A connection that is there the whole day is a pooler's or a monitor's, and no use, unless there is work besides. A
    cluster that slept within the day has no such connection, for on Aurora it would have kept it awake.
    """

    def __init__(self) -> None:
        self._hours: deque[tuple[datetime, float, float]] = deque()

    def take(self, sample: Sample) -> bool | None:
        """Whether an interval saw use; None where nobody knows. Samples come oldest first."""
        if sample.demand_acu is None and not sample.connections:
            return None
        self._learn(sample)
        whole = bool(self._hours) and self._hours[-1][0] - self._hours[0][0] >= CALM - timedelta(hours=1)
        usual = min((connections for _, _, connections in self._hours), default=0.0) if whole else 0.0
        if sample.connections is not None and sample.connections > usual:
            return True
        if sample.demand_acu is None:
            return None
        calm = min((demand for _, demand, _ in self._hours), default=0.0) if whole else 0.0
        return sample.demand_acu > HOUSEKEEPING_ACU + (calm if calm <= MOST_HOUSEKEEPING_ACU else 0.0)

    def state(self) -> Array:
        """The calmest moments, (3, hours): when, demand and connections."""
        return np.array([(at.timestamp(), demand, connections) for at, demand, connections in self._hours]).T

    def restore(self, state: Array) -> None:
        """Go on after what was stored."""
        self._hours = deque((datetime.fromtimestamp(at, UTC), demand, few) for at, demand, few in state.T.tolist())

    def _learn(self, sample: Sample) -> None:
        """The calmest moment of each hour."""
        asleep = sample.capacity_acu is not None and sample.capacity_acu <= 0
        demand = 0.0 if asleep or sample.demand_acu is None else sample.demand_acu
        connections = 0.0 if asleep or sample.connections is None else float(sample.connections)
        hour = sample.at.replace(minute=0, second=0, microsecond=0)
        if self._hours and self._hours[-1][0] == hour:
            _, least, fewest = self._hours.pop()
            demand, connections = min(demand, least), min(connections, fewest)
        self._hours.append((hour, demand, connections))
        while hour - self._hours[0][0] >= CALM:
            self._hours.popleft()

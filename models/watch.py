"""Watches one cluster's samples for use and idleness, and keeps its activity model up to date."""

from collections import deque
from datetime import UTC, datetime, timedelta
from math import nan

from autoscaler.core.activity import Activity
from autoscaler.core.samples import Sample
from models.activity import Activity as Model
from models.activity import begin

# Monitoring and health checks take this much at most; what is above it is use, and so is a connection kept open, for
# it keeps the cluster awake.
HOUSEKEEPING_ACU = 0.02
SHORTEST_STEP_SECONDS, SECONDS_PER_DAY, DAYS_AHEAD = 300.0, 86_400.0, 2
# A window is told as unknown when so many of them have gone by without a sample: missing data is not idleness.
STALE_WINDOWS = 3


class Watch:
    """Grows with every sample."""

    def __init__(self) -> None:
        self._model: Model | None = None
        self._use = nan
        self._wakes: deque[datetime] = deque()
        self._slept = False
        self._chances: tuple[float, ...] | None = None

    def observe(self, sample: Sample) -> None:
        """Take in one sample; they come oldest first."""
        self._count_wakes(sample)
        if self._model is None:
            step = _step_seconds(sample)
            self._model = begin(step_seconds=step, window=int(sample.at.timestamp() // step))
        missed = int(sample.at.timestamp() // self._model.step_seconds) - self._model.window
        if missed > 0:
            self._close([self._use, *[nan] * (missed - 1)])
        used = use_of(sample)
        if used is not None:
            self._use = max(self._use, float(used)) if self._use >= 0 else float(used)
        if sample.end.timestamp() >= (self._model.window + 1) * self._model.step_seconds:
            self._close([self._use])

    def activity(self, at: datetime) -> Activity | None:
        """What is expected at this moment; None before the first window and when nothing was measured of late."""
        model = self._model
        if model is None:
            return None
        start = datetime.fromtimestamp(model.window * model.step_seconds, UTC)
        if at - start > timedelta(seconds=STALE_WINDOWS * model.step_seconds):
            return None
        if self._chances is None:
            ahead = model.chances(round(DAYS_AHEAD * SECONDS_PER_DAY / model.step_seconds))
            self._chances = tuple(ahead.tolist())
        return Activity(
            start=start,
            step_seconds=model.step_seconds,
            idle_seconds=0.0 if self._use > 0 else max(model.idle, 0) * model.step_seconds,
            chances=self._chances,
            wakes=sum(at - wake < timedelta(days=1) for wake in self._wakes),
        )

    def _close(self, used: list[float]) -> None:
        if self._model is not None:
            self._model = self._model.update(used)
        self._use, self._chances = nan, None

    def _count_wakes(self, sample: Sample) -> None:
        if sample.capacity_acu is None:
            return
        asleep = sample.capacity_acu <= 0
        if self._slept and not asleep:
            self._wakes.append(sample.at)
        self._slept = asleep
        while self._wakes and sample.at - self._wakes[0] > timedelta(days=1):
            self._wakes.popleft()


def use_of(sample: Sample) -> bool | None:
    """Whether the interval saw use; None where nobody knows."""
    if sample.connections:
        return True
    return None if sample.demand_acu is None else sample.demand_acu > HOUSEKEEPING_ACU


def _step_seconds(sample: Sample) -> float:
    """The shortest window that divides a day and holds a sample."""
    parts = int(SECONDS_PER_DAY // max(SHORTEST_STEP_SECONDS, sample.seconds))
    return SECONDS_PER_DAY / next((number for number in range(parts, 0, -1) if SECONDS_PER_DAY % number == 0), 1)

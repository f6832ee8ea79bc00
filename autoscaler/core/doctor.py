"""Why a cluster does not pause, as values: findings with their evidence, and what a pause would save."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from autoscaler.core.capacity import SECONDS_PER_HOUR
from autoscaler.core.cost import acu_hours
from autoscaler.core.samples import Sample

# Below this somebody may be connected, but hardly anything is asked for.
QUIET_ACU = 0.05
HOURS_OF_A_MONTH = 730.0


class Verdict(StrEnum):
    """What a finding says of pauses."""

    BLOCKS = "blocks"
    MAY_BLOCK = "may-block"
    MIND = "mind"  # no obstacle, but a pause has a consequence there, or it costs otherwise
    CLEAR = "clear"
    UNSEEN = "unseen"


class Confidence(StrEnum):
    """How it is known that such a thing keeps a cluster awake."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; ``advice`` is empty where there is nothing to do."""

    name: str
    verdict: Verdict
    confidence: Confidence
    evidence: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSaving:
    """What sleeping would have saved in the hours seen, per instance; unknown minutes save nothing.

    ``idle``: nobody was connected. ``quiet``: hardly any work, whoever was connected: what there is to win once idle
    connections are closed. Both without what must pass before a pause.
    """

    seen_hours: float
    idle_hours: float
    idle_acu_hours: float
    quiet_hours: float
    quiet_acu_hours: float

    def of_a_month(self, seen: float) -> float:
        """As much in a month as in the hours seen; 0 where nothing was seen."""
        return seen * HOURS_OF_A_MONTH / self.seen_hours if self.seen_hours else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that was looked at, the worst first."""

    findings: tuple[Finding, ...]
    instances: int
    pause_after_seconds: int

    @property
    def sentence(self) -> str:
        """What came out."""
        blocking = [one.name for one in self.findings if one.verdict is Verdict.BLOCKS]
        doubtful = [one.name for one in self.findings if one.verdict is Verdict.MAY_BLOCK]
        if blocking:
            return f"it does not pause: {', '.join(blocking)}"
        if doubtful:
            return f"it may be kept from pausing: {', '.join(doubtful)}"
        return "nothing was found that keeps it from pausing"


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first, and otherwise as they were."""
    order = list(Verdict)
    return tuple(sorted(findings, key=lambda one: order.index(one.verdict)))


def pause_saving(samples: Iterable[Sample], *, pause_after_seconds: float) -> PauseSaving:
    """What sleeping would have saved; ``samples`` are in their order."""
    seen = list(samples)
    idle = list(_asleep([(one, _idle(one)) for one in seen], pause_after_seconds))
    quiet = list(_asleep([(one, _idle(one) or _quiet(one)) for one in seen], pause_after_seconds))
    return PauseSaving(
        seen_hours=sum(one.seconds for one in seen if one.capacity_acu is not None) / SECONDS_PER_HOUR,
        idle_hours=sum(seconds for seconds, _ in idle) / SECONDS_PER_HOUR,
        idle_acu_hours=sum(acu_hours(acu, seconds) for seconds, acu in idle),
        quiet_hours=sum(seconds for seconds, _ in quiet) / SECONDS_PER_HOUR,
        quiet_acu_hours=sum(acu_hours(acu, seconds) for seconds, acu in quiet),
    )


def _idle(sample: Sample) -> bool:
    """A paused instance publishes no connections."""
    return sample.connections == 0 or sample.capacity_acu == 0.0


def _quiet(sample: Sample) -> bool:
    return sample.demand_acu is not None and sample.demand_acu <= QUIET_ACU


def _asleep(samples: Iterable[tuple[Sample, bool]], pause_after_seconds: float) -> Iterator[tuple[float, float]]:
    """Seconds in which it would have slept, and the capacity that it had then."""
    still_for = 0.0
    for sample, still in samples:
        if not still:
            still_for = 0.0
            continue
        before, still_for = still_for, still_for + sample.seconds
        seconds = min(sample.seconds, still_for - pause_after_seconds)
        if seconds > 0 and before + sample.seconds > pause_after_seconds and sample.capacity_acu is not None:
            yield seconds, sample.capacity_acu

"""Neon's rule, as a policy: the size is what the load of the last minutes asks for, and nothing else is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

from autoscaler.core.capacity import round_up
from autoscaler.core.decision import Advice
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from policies.checks import check_number, check_pause
from policies.reactive import grown_acu
from policies.wish import left_alone, wished_range

MINUTE_SECONDS, FIVE_MINUTES_SECONDS = 60.0, 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysJustEnough:
    """Floor and ceiling at what is needed now: a baseline.

    Our re-implementation of the processor part of the goal that Neon's autoscaler computes (`pkg/agent/core/goalcu.go`
    of its open source): the load of the last minute, or where that is close to it the load of the last five, over a
    target. For clusters that somebody else has to size; it moves the ceiling, so it needs its owner's consent to that.
    Different here: means of the measured demand stand for load averages, which count waiting work; memory and file
    cache are left out; and the goal is rounded up.

    Args:
        target_utilization: how full the cluster may be with that load. Up to 1.
        stable_zone: up to this part of the five minutes' load, a difference of the last minute's does not count.
        mixed_zone: over this further part of it, the last minute counts more and more, and beyond it alone.
        censored_growth: factor on the newest demand when the cluster was saturated.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    target_utilization: float = 0.9
    stable_zone: float = 0.0
    mixed_zone: float = 0.0
    censored_growth: float = 1.5
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_number("target_utilization", self.target_utilization, above=0, at_most=1)
        check_number("stable_zone", self.stable_zone, at_least=0, at_most=10)
        check_number("mixed_zone", self.mixed_zone, at_least=0, at_most=10)
        check_number("censored_growth", self.censored_growth, at_least=1, at_most=10)
        check_pause("pause_after_seconds", self.pause_after_seconds)

    @property
    def recent_seconds(self) -> float:
        return FIVE_MINUTES_SECONDS

    @property
    def looks_ahead(self) -> bool:
        return False

    def advise(self, snapshot: Snapshot) -> Advice:
        if snapshot.prices.throttling_price == 0:
            return left_alone(snapshot)
        five_minutes_acu = _mean_demand_acu(snapshot.recent, FIVE_MINUTES_SECONDS)
        if five_minutes_acu is None:
            reason = "no demand has been measured in the last five minutes"
            return Advice(range=snapshot.status.range, reason=reason, known=False)
        minute_acu = _mean_demand_acu(snapshot.recent, MINUTE_SECONDS)
        load_acu = five_minutes_acu if minute_acu is None else self._blended_acu(minute_acu, five_minutes_acu)
        load_acu = max(load_acu, grown_acu(snapshot.recent, self.censored_growth))
        limits = snapshot.limits
        needed_acu = round_up(min(load_acu / self.target_utilization, limits.max_acu), limits.step_acu)
        goal_acu = min(max(needed_acu, limits.step_acu, limits.min_acu), limits.max_acu)
        wanted = wished_range(
            snapshot,
            floor_acu=goal_acu,
            ceiling_acu=goal_acu,
            pause_after_seconds=self.pause_after_seconds or limits.pause_after_seconds,
        )
        reason = f"{goal_acu:.3g} ACU are just enough for a load of {load_acu:.3g} ACU at {self.target_utilization:.0%}"
        return Advice(range=wanted, reason=reason)

    def _blended_acu(self, minute_acu: float, five_minutes_acu: float) -> float:
        apart, stable = abs(minute_acu - five_minutes_acu), self.stable_zone * five_minutes_acu
        mixed = self.mixed_zone * five_minutes_acu
        if apart <= stable:
            return five_minutes_acu
        weight = 1.0 if apart >= stable + mixed else (apart - stable) / mixed
        return weight * minute_acu + (1.0 - weight) * five_minutes_acu


def _mean_demand_acu(recent: Sequence[Sample], seconds: float) -> float | None:
    """The mean of the known demands of the samples that reach into the last ``seconds``; None when there is none."""
    if not recent:
        return None
    since, work, known_seconds = recent[-1].end - timedelta(seconds=seconds), 0.0, 0.0
    for sample in reversed(recent):
        if sample.end <= since:
            break
        if sample.demand_acu is not None and isfinite(sample.demand_acu) and sample.demand_acu >= 0.0:
            work += sample.demand_acu * sample.seconds
            known_seconds += sample.seconds
    return work / known_seconds if known_seconds else None

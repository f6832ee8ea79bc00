"""A percentile of demand that forgets, with a margin: what Google's Autopilot gives serving jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from autoscaler.core.decision import Advice
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from policies.checks import check_number, check_pause, check_window
from policies.wish import left_alone, spoken, wished_range


@dataclass(frozen=True, slots=True, kw_only=True)
class DecayedPercentile:
    """A fading percentile of demand with a margin: a baseline.

    Our re-implementation of the moving window of Autopilot (Rzadca et al., EuroSys 2020) for the processors of serving
    jobs: the percentile of the load, whose weight halves every half-life. The samples themselves are ranked, not bins
    of them; what is older than two half-lives has no weight; and a recommendation is not held for an hour, since the
    safety rules let no floor come down fast.

    Args:
        percentile: the part of the load that came at a demand of the floor or less, the margin aside.
        margin: how much larger the floor is than that demand, as a part of it.
        half_life_seconds: the age at which a sample counts half.
        pause_after_seconds: idle time before it pauses; left out, what its owner allows.
    """

    percentile: float = 0.95
    margin: float = 0.15
    half_life_seconds: float = 43_200.0
    pause_after_seconds: int | None = None

    def __post_init__(self) -> None:
        check_number("percentile", self.percentile, above=0, at_most=1)
        check_number("margin", self.margin, at_least=0, at_most=4)
        check_window("half_life_seconds", self.half_life_seconds)
        check_pause("pause_after_seconds", self.pause_after_seconds)

    @property
    def recent_seconds(self) -> float:
        return 2.0 * self.half_life_seconds

    @property
    def looks_ahead(self) -> bool:
        return False

    def advise(self, snapshot: Snapshot) -> Advice:
        if snapshot.prices.throttling_price == 0:
            return left_alone(snapshot)
        current, demand_acu = snapshot.status.range, self._percentile_acu(snapshot.recent)
        if demand_acu is None:
            reason = f"no demand has been measured in the last {spoken(self.recent_seconds)}"
            return Advice(range=current, reason=reason, known=False)
        wanted = wished_range(
            snapshot,
            floor_acu=demand_acu * (1.0 + self.margin),
            ceiling_acu=current.ceiling_acu,
            pause_after_seconds=self.pause_after_seconds or snapshot.limits.pause_after_seconds,
        )
        reason = f"{self.percentile:.3g} of the load came at {demand_acu:.3g} ACU or less, half forgotten every"
        return Advice(range=wanted, reason=f"{reason} {spoken(self.half_life_seconds)}; {self.margin:.0%} on top")

    def _percentile_acu(self, recent: Sequence[Sample]) -> float | None:
        """The least demand up to which this part of the faded load came; None where nothing is known."""
        if not recent:
            return None
        newest = recent[-1].at.timestamp() + recent[-1].seconds
        told = [
            (demand, sample.seconds, newest - sample.at.timestamp() - sample.seconds)
            for sample in recent
            if (demand := sample.demand_acu) is not None and 0.0 <= demand < inf
        ]
        table = np.array(told, dtype=np.float64).reshape(-1, 3)
        table = table[table[:, 2] < self.recent_seconds]
        if not len(table):
            return None
        demands, seconds, ages = table[np.argsort(table[:, 0], kind="stable")].T
        loads = demands * seconds * np.exp2(-ages / self.half_life_seconds)
        sums = np.cumsum(loads)
        return float(demands[np.searchsorted(sums, self.percentile * sums[-1])])

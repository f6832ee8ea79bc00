"""How much capacity a unit of load is worth on one cluster, learned from what was served; robust, and never refitted.

Load is what scaling does not change: requests per second, or active sessions. So capacity can be forecast from a
forecast of load, and a saturated interval says how much was wanted.
"""

from dataclasses import dataclass, replace

import numpy as np

from autoscaler.core.samples import Sample
from autoscaler.core.signals import Load, Worth, load_of
from autoscaler.errors import InvalidInput
from models.state import Array, frozen

# What was seen counts half after so many intervals: a day of five minutes.
HALF_LIFE = 288.0
# An interval further off than so many usual misses counts no more than one that far off (Huber).
CUT = 2.5
# The model is used from so many intervals on, when its misses are less than this share of the demand.
LEAST_INTERVALS, MOST_MISS = 24, 0.25
BASE, SLOPE = 0, 1
DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """``demand = base + slope × load``, neither below 0, from decayed ``moments`` (2, 3): XᵀX and Xᵀy, rows (1, load).

    ``scores`` holds, decayed: the number of intervals, their absolute misses, and their demand.
    """

    moments: Array
    scores: Array

    @property
    def coefficients(self) -> tuple[float, float]:
        """ACU at no load, and ACU per unit of load."""
        normal, effect = self.moments[:, :2], self.moments[:, 2]
        if normal[SLOPE, SLOPE] <= 0.0:
            return (float(effect[BASE] / max(normal[BASE, BASE], 1.0)), 0.0)
        spread = normal[BASE, BASE] * normal[SLOPE, SLOPE] - normal[BASE, SLOPE] ** 2
        through_zero = (0.0, max(float(effect[SLOPE] / normal[SLOPE, SLOPE]), 0.0))
        if spread <= 1e-9 * normal[BASE, BASE] * normal[SLOPE, SLOPE]:
            return through_zero  # always the same load: there is no telling the base from the slope
        base, slope = np.linalg.solve(normal, effect).tolist()
        if slope < 0.0:
            return (float(effect[BASE] / normal[BASE, BASE]), 0.0)
        return (base, slope) if base >= 0.0 else through_zero

    @property
    def trusted(self) -> bool:
        """Whether load tells the demand: enough was seen, and it was nearly right."""
        count, missed, demand = self.scores.tolist()
        return bool(count >= LEAST_INTERVALS and missed <= MOST_MISS * demand)

    def acu_of(self, load: float) -> float:
        """The demand at such a load, ACU."""
        base, slope = self.coefficients
        return base + slope * load

    def update(self, load: Array, demand_acu: Array) -> "Work":
        """After more intervals (n,), in their order; those unknown or impossible are left out.

        Leave out saturated intervals, too: their demand is only a lower bound.
        """
        if load.shape != demand_acu.shape:
            raise InvalidInput(f"{len(load)} loads for {len(demand_acu)} demands; they belong together one by one")
        possible = np.isfinite(load) & np.isfinite(demand_acu) & (load >= 0) & (demand_acu >= 0)
        work = self
        for one, demand in zip(load[possible].tolist(), demand_acu[possible].tolist(), strict=True):
            work = work._after(one, demand)
        return work

    def _after(self, load: float, demand_acu: float) -> "Work":
        keep = 0.5 ** (1.0 / HALF_LIFE)
        count, missed, total = self.scores.tolist()
        told = self.acu_of(load)
        miss = abs(demand_acu - told)
        reach = CUT * missed / count if count >= LEAST_INTERVALS else np.inf
        believed = told + np.clip(demand_acu - told, -reach, reach)
        row = np.array((1.0, load))
        rows = np.outer(row, np.array((1.0, load, believed)))
        scores = np.array((count, missed, total)) * keep + (1.0, min(miss, 2.0 * reach), demand_acu)
        return replace(self, moments=frozen(self.moments * keep + rows), scores=frozen(scores))


NOTHING_LEARNED = Work(moments=frozen(np.zeros((2, 3))), scores=frozen(np.zeros(3)))


class LoadMeter:
    """What a unit of one cluster's load is worth, kept up to date with every sample.

    ``worth`` is None until it can be trusted. It is rounded, so that it stays the same while nothing much changes.
    """

    def __init__(self, load: Load) -> None:
        self._load, self._work = load, NOTHING_LEARNED
        self.worth: Worth | None = None

    def observe(self, sample: Sample) -> None:
        """Learn from one more sample; what a saturated one served is no measure of what was asked."""
        count = load_of(sample, self._load)
        if count is None or sample.demand_acu is None or sample.censored:
            return
        self._work = self._work.update(np.array([count]), np.array([sample.demand_acu]))
        base, slope = (float(f"{number:.{DIGITS}g}") for number in self._work.coefficients)
        trusted = self._work.trusted and slope > 0.0
        self.worth = Worth(load=self._load, base_acu=base, acu_per_unit=slope) if trusted else None

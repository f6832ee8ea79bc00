"""All that one decision may know, in one value."""

from dataclasses import dataclass
from datetime import datetime

from autoscaler.core.activity import Activity
from autoscaler.core.budget import Spending, Spent, spent_of
from autoscaler.core.capacity import Limits, Phase, Status
from autoscaler.core.control import NO_CONTROL, Control, Drift
from autoscaler.core.cost import Prices
from autoscaler.core.fleet import FleetAllowance
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from autoscaler.core.signals import Worth
from autoscaler.core.tuning import Tuning
from autoscaler.core.working_set import WorkingSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A cluster at one moment; ``at`` is the only clock a decision has.

    ``recent`` holds the newest visible samples, oldest first. ``blind_seconds`` is the age of the newest
    usable one beyond its own length (infinite when there is none); a paused cluster's zero capacity is
    known zero demand, not blindness. ``drift`` is the latest change from outside that still matters;
    ``fleet`` is what its caps leave to this cluster, ``spending`` what was spent where there is
    a budget, and ``activity`` when use is expected, for policies that ask for it. ``worth`` is what load was learned to
    be worth, where ``recent`` was counted by it. ``working_set`` is what was learned of its memory, where that is
    measured.
    """

    cluster_id: str
    at: datetime
    limits: Limits
    status: Status
    recent: tuple[Sample, ...]
    blind_seconds: float
    prices: Prices
    forecast: Forecast | None = None
    control: Control = NO_CONTROL
    tuning: Tuning | None = None
    drift: Drift | None = None
    fleet: FleetAllowance | None = None
    spending: Spending | None = None
    activity: Activity | None = None
    worth: Worth | None = None
    working_set: WorkingSet | None = None

    @property
    def asleep(self) -> bool:
        """Whether the cluster is paused."""
        return self.status.phase is Phase.PAUSED

    @property
    def spent(self) -> tuple[Spent, ...]:
        """How the owner's budget stands, for each period that it limits."""
        budget, price = self.prices.budget, self.prices.usd_per_acu_hour
        return () if budget is None or self.spending is None else spent_of(budget, self.spending, price)

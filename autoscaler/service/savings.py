"""What the service saves, told straight: what was metered, beside the same cluster left alone, less our own costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from autoscaler.core.cost import Prices
from autoscaler.core.tally import Tally
from autoscaler.storage.scores import ACTING, LEFT_ALONE, MEASURED

# Metered capacity counts when it covers about the time that the twins lived through.
LEAST_COVERED = 0.9
NOTHING = Tally()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One of those compared: ``policy`` is a shadow's name, or `measured`, `acting` or `left-alone`."""

    policy: str
    tally: Tally
    cost_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What one cluster cost and saved since a day; negative where it would have been cheaper left alone.

    ``metered`` tells whether the cost is the provider's meter, or a twin's for want of one. ``twin_error_fraction`` is
    how much more the twin under the ranges in force cost than the meter said; None without a meter.
    """

    cluster_id: str
    acu_hours: float
    left_alone_acu_hours: float
    metrics_usd: float
    saved_usd: float
    metered: bool
    twin_error_fraction: float | None
    throttled_work_fraction: float | None
    left_alone_throttled_work_fraction: float | None
    scores: tuple[Scored, ...]

    @property
    def saved_acu_hours(self) -> float:
        """What was not used."""
        return self.left_alone_acu_hours - self.acu_hours

    @property
    def saved_fraction(self) -> float | None:
        """Of what it would have used left alone."""
        return self.saved_acu_hours / self.left_alone_acu_hours if self.left_alone_acu_hours > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSaving:
    """The savings of a fleet over so many days, and each cluster's, the largest first."""

    days: int
    acu_hours: float
    left_alone_acu_hours: float
    saved_acu_hours: float
    saved_usd: float
    clusters: tuple[Saving, ...]


def saving_of(
    cluster_id: str, scores: Mapping[str, Tally], prices: Prices, *, metrics_usd_per_hour: float = 0.0
) -> Saving:
    """The saving of a cluster from its scores by name."""
    acting, alone = scores.get(ACTING, NOTHING), scores.get(LEFT_ALONE, NOTHING)
    meter = scores.get(MEASURED, NOTHING)
    metered = meter.seconds >= LEAST_COVERED * acting.seconds > 0
    cost = meter.acu_hours if metered else acting.acu_hours
    hours = timedelta(seconds=acting.seconds) / timedelta(hours=1)
    metrics_usd = hours * metrics_usd_per_hour
    return Saving(
        cluster_id=cluster_id,
        acu_hours=cost,
        left_alone_acu_hours=alone.acu_hours,
        metrics_usd=metrics_usd,
        saved_usd=(alone.acu_hours - cost) * prices.usd_per_acu_hour - metrics_usd,
        metered=metered,
        twin_error_fraction=acting.acu_hours / meter.acu_hours - 1 if metered and meter.acu_hours > 0 else None,
        throttled_work_fraction=acting.throttled_work_fraction,
        left_alone_throttled_work_fraction=alone.throttled_work_fraction,
        scores=tuple(
            Scored(policy=name, tally=tally, cost_usd=tally.acu_hours * prices.usd_per_acu_hour)
            for name, tally in sorted(scores.items())
        ),
    )


def fleet_saving(savings: Iterable[Saving], *, days: int) -> FleetSaving:
    """All of them together."""
    clusters = tuple(sorted(savings, key=lambda one: (-one.saved_usd, one.cluster_id)))
    return FleetSaving(
        days=days,
        acu_hours=sum(one.acu_hours for one in clusters),
        left_alone_acu_hours=sum(one.left_alone_acu_hours for one in clusters),
        saved_acu_hours=sum(one.saved_acu_hours for one in clusters),
        saved_usd=sum(one.saved_usd for one in clusters),
        clusters=clusters,
    )

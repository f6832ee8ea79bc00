"""What an owner wants to spend at most, and what has been spent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import isfinite

from autoscaler.core.capacity import SECONDS_PER_HOUR
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput

# Need is looked for over five weeks, so that a month's largest job is among it.
KEPT_DAYS = 35
# What a day costs is taken from so many whole days before.
USUAL_DAYS = 7
HOURS_PER_DAY = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Amounts for a day and a calendar month, UTC; of ACU-hours and USD whichever is less counts.

    Args:
        acu_hours_per_day: ACU-hours of a day.
        acu_hours_per_month: ACU-hours of a month.
        usd_per_day: the same in USD.
        usd_per_month: the same in USD.
        alert_at: parts of an amount at which somebody is told.
        clamp: whether a budget that is used up, or will be, also keeps the floor from rising above the need of the
            last 35 days.
    """

    acu_hours_per_day: float | None = None
    acu_hours_per_month: float | None = None
    usd_per_day: float | None = None
    usd_per_month: float | None = None
    alert_at: tuple[float, ...] = (0.5, 0.8, 1.0)
    clamp: bool = False

    def __post_init__(self) -> None:
        amounts = {
            name: getattr(self, name)
            for name in ("acu_hours_per_day", "acu_hours_per_month", "usd_per_day", "usd_per_month")
        }
        for name, amount in amounts.items():
            if amount is not None and not (isfinite(amount) and amount > 0):
                raise InvalidInput(f"{name} is {amount}; give a number above 0")
        if all(amount is None for amount in amounts.values()):
            raise InvalidInput(f"a budget needs an amount; give one of {', '.join(amounts)}")
        ascending = all(low < high for low, high in pairwise((0.0, *self.alert_at)))
        if not ascending or not all(isfinite(part) for part in self.alert_at):
            raise InvalidInput(f"alert_at is {self.alert_at}; give ascending parts of the budget, such as 0.5, 0.8, 1")

    def day_acu_hours(self, usd_per_acu_hour: float) -> float | None:
        """What may be used in a day; None: anything."""
        return _least(self.acu_hours_per_day, self.usd_per_day, usd_per_acu_hour)

    def month_acu_hours(self, usd_per_acu_hour: float) -> float | None:
        """What may be used in a month; None: anything."""
        return _least(self.acu_hours_per_month, self.usd_per_month, usd_per_acu_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """ACU-hours of this day and this month so far, what they will come to, and the highest demand of 35 days."""

    day_acu_hours: float
    month_acu_hours: float
    projected_day_acu_hours: float
    projected_month_acu_hours: float
    highest_demand_acu: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """How a budget stands for one ``period``, day or month; ``reached`` is the last part to tell of, or 0."""

    period: str
    allowed_acu_hours: float
    spent_acu_hours: float
    projected_acu_hours: float
    reached: float = 0.0

    @property
    def part(self) -> float:
        """How much of it is used."""
        return self.spent_acu_hours / self.allowed_acu_hours

    @property
    def projected_part(self) -> float:
        """How much of it will be used."""
        return self.projected_acu_hours / self.allowed_acu_hours

    @property
    def runs_out(self) -> bool:
        """Whether it is used up, or will be."""
        return self.projected_acu_hours >= self.allowed_acu_hours


def spent_of(budget: Budget, spending: Spending, usd_per_acu_hour: float) -> tuple[Spent, ...]:
    """How a budget stands, for each period that it limits."""
    periods = (
        ("day", budget.day_acu_hours(usd_per_acu_hour), spending.day_acu_hours, spending.projected_day_acu_hours),
        (
            "month",
            budget.month_acu_hours(usd_per_acu_hour),
            spending.month_acu_hours,
            spending.projected_month_acu_hours,
        ),
    )
    return tuple(
        Spent(
            period=period,
            allowed_acu_hours=allowed,
            spent_acu_hours=spent,
            projected_acu_hours=projected,
            reached=max((part for part in budget.alert_at if spent >= part * allowed), default=0.0),
        )
        for period, allowed, spent, projected in periods
        if allowed is not None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUse:
    """One day, UTC: what was used, and the highest demand; None where none was known."""

    day: date
    acu_hours: float = 0.0
    highest_demand_acu: float | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """The last days of one cluster, oldest first; a value that grows with every sample and forgets old days.

    Samples are of the busiest instance. All ``instances`` are taken for as large: rather too much is counted than that
    a budget ends unseen.
    """

    days: tuple[DayUse, ...] = ()
    instances: int = 1

    def with_samples(self, samples: Iterable[Sample]) -> "Use":
        """The same and these samples, oldest first; a sample counts for the day it begins in."""
        days = list(self.days)
        for sample in samples:
            day = sample.at.astimezone(UTC).date()
            if not days or days[-1].day < day:
                days.append(DayUse(day=day))
            days[-1] = _with(days[-1], sample, self.instances)
        return replace(self, days=tuple(one for one in days if days[-1].day - one.day < timedelta(days=KEPT_DAYS)))

    def spending(self, at: datetime) -> Spending:
        """What it comes to at this moment."""
        today = at.astimezone(UTC)
        begin = today.replace(hour=0, minute=0, second=0, microsecond=0)
        left = 1 - (today - begin) / timedelta(days=1)
        day = sum(one.acu_hours for one in self.days if one.day == begin.date())
        month = sum(one.acu_hours for one in self.days if (one.day.year, one.day.month) == (begin.year, begin.month))
        usual = self._usual_day_acu_hours(begin.date(), day, 1 - left)
        following = (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
        known = [one.highest_demand_acu for one in self.days if one.highest_demand_acu is not None]
        return Spending(
            day_acu_hours=day,
            month_acu_hours=month,
            projected_day_acu_hours=day + left * usual,
            projected_month_acu_hours=month + usual * ((following - today) / timedelta(days=1)),
            highest_demand_acu=max(known, default=None),
        )

    def _usual_day_acu_hours(self, today: date, spent: float, passed: float) -> float:
        """The mean of the last whole days; on the first day what it has shown so far, taken as an hour at least."""
        before = [one.acu_hours for one in self.days if one.day < today][-USUAL_DAYS:]
        return sum(before) / len(before) if before else spent / max(passed, 1 / HOURS_PER_DAY)


def _with(day: DayUse, sample: Sample, instances: int) -> DayUse:
    used = (sample.capacity_acu or 0.0) * instances * sample.seconds / SECONDS_PER_HOUR
    known = [acu for acu in (day.highest_demand_acu, sample.demand_acu) if acu is not None]
    return DayUse(day=day.day, acu_hours=day.acu_hours + used, highest_demand_acu=max(known, default=None))


def _least(acu_hours: float | None, usd: float | None, usd_per_acu_hour: float) -> float | None:
    amounts = [acu_hours, None if usd is None or not usd_per_acu_hour else usd / usd_per_acu_hour]
    return min((amount for amount in amounts if amount is not None), default=None)

"""What was spent, what it will come to, and what a budget makes of that."""

from datetime import UTC, date, datetime, timedelta

import pytest

from autoscaler.core.budget import Budget, DayUse, Spending, Use, spent_of
from autoscaler.core.cost import Prices
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput
from tests.core.story import WATCHED, acu, decided, waited_for
from tests.fakes import MONDAY, make_snapshot

MIDNIGHT = MONDAY.replace(hour=0)
HOUR = 3600.0
AMOUNTS = "acu_hours_per_day, acu_hours_per_month, usd_per_day, usd_per_month"
NO_AMOUNT = f"^a budget needs an amount; give one of {AMOUNTS}$"


def used(capacity_acu: float | None, *, hours_after_midnight: float, demand_acu: float | None = None) -> Sample:
    """An hour with this capacity."""
    at = MIDNIGHT + timedelta(hours=hours_after_midnight)
    return Sample(at=at, seconds=HOUR, demand_acu=demand_acu, capacity_acu=capacity_acu)


def test_each_day_keeps_its_acu_hours_and_its_highest_demand() -> None:
    use = Use().with_samples(
        [
            used(4, hours_after_midnight=22, demand_acu=3),
            used(None, hours_after_midnight=23),
            used(2, hours_after_midnight=24, demand_acu=1),
            used(6, hours_after_midnight=25, demand_acu=5),
            used(6, hours_after_midnight=26, demand_acu=4),
        ]
    )
    assert use.days == (
        DayUse(day=date(2026, 3, 2), acu_hours=4, highest_demand_acu=3),
        DayUse(day=date(2026, 3, 3), acu_hours=14, highest_demand_acu=5),
    )
    assert Use().with_samples([]) == Use()


def test_every_instance_costs_and_the_demand_is_that_of_the_busiest() -> None:
    use = Use(instances=3).with_samples([used(4, hours_after_midnight=1, demand_acu=3)])
    use = use.with_samples([used(2, hours_after_midnight=2, demand_acu=1)])
    assert use == Use((DayUse(day=date(2026, 3, 2), acu_hours=18, highest_demand_acu=3),), instances=3)


def test_after_five_weeks_a_day_is_forgotten() -> None:
    use = Use().with_samples([used(1, hours_after_midnight=24 * day, demand_acu=40 - day) for day in range(36)])
    assert (len(use.days), use.days[0].day) == (35, date(2026, 3, 3))
    assert use.spending(MIDNIGHT + timedelta(days=35)).highest_demand_acu == 39


def test_what_a_day_and_a_month_will_come_to_follows_from_the_days_before() -> None:
    use = Use().with_samples([used(24, hours_after_midnight=24 * day) for day in range(-3, 1)])
    assert use.spending(MIDNIGHT + timedelta(hours=12)) == Spending(
        day_acu_hours=24,
        month_acu_hours=48,
        projected_day_acu_hours=36,
        projected_month_acu_hours=48 + 29.5 * 24,
        highest_demand_acu=None,
    )


def test_only_the_last_seven_days_tell_what_is_usual() -> None:
    use = Use().with_samples([used(1000 if day < -7 else 24, hours_after_midnight=24 * day) for day in range(-9, 0)])
    assert use.spending(MIDNIGHT).projected_day_acu_hours == 24


@pytest.mark.parametrize(("hours", "projected"), [(0, 48), (0.5, 2 + 23.5 * 2), (12, 2 + 2)])
def test_the_first_day_is_judged_by_what_it_has_shown(hours: float, projected: float) -> None:
    use = Use().with_samples([used(2, hours_after_midnight=0)])
    told = use.spending(MIDNIGHT + timedelta(hours=hours)).projected_day_acu_hours
    assert told == pytest.approx(2 + 48 if hours == 0 else projected)


def test_a_new_day_or_month_begins_at_nothing() -> None:
    use = Use().with_samples([used(24, hours_after_midnight=0)])
    tomorrow = use.spending(MIDNIGHT + timedelta(days=1))
    assert (tomorrow.day_acu_hours, tomorrow.month_acu_hours) == (0, 24)
    april = use.spending(datetime(2026, 4, 1, tzinfo=UTC))
    assert (april.day_acu_hours, april.month_acu_hours, april.projected_month_acu_hours) == (0, 0, 30 * 24)
    december = use.spending(datetime(2026, 12, 31, tzinfo=UTC))
    assert december.projected_month_acu_hours == 24
    assert Use().spending(MONDAY) == Spending(
        day_acu_hours=0,
        month_acu_hours=0,
        projected_day_acu_hours=0,
        projected_month_acu_hours=0,
        highest_demand_acu=None,
    )


def test_of_two_amounts_the_smaller_counts() -> None:
    budget = Budget(acu_hours_per_day=100, usd_per_day=6, usd_per_month=120)
    assert (budget.day_acu_hours(0.12), budget.month_acu_hours(0.12)) == (50, 1000)
    assert (budget.day_acu_hours(0.01), budget.month_acu_hours(0.0)) == (100, None)
    assert Budget(acu_hours_per_month=9).day_acu_hours(0.12) is None


def test_a_budget_stands_for_each_period_that_it_limits() -> None:
    spending = Spending(
        day_acu_hours=25,
        month_acu_hours=900,
        projected_day_acu_hours=60,
        projected_month_acu_hours=999,
        highest_demand_acu=None,
    )
    day, month = spent_of(Budget(acu_hours_per_day=50, acu_hours_per_month=1000), spending, 0.12)
    assert (day.period, day.part, day.projected_part, day.runs_out, day.reached) == ("day", 0.5, 1.2, True, 0.5)
    assert (month.period, month.part, month.projected_part, month.runs_out) == ("month", 0.9, 0.999, False)
    assert month.reached == 0.8
    assert [one.period for one in spent_of(Budget(usd_per_month=1), spending, 0.12)] == ["month"]
    assert [one.allowed_acu_hours for one in spent_of(Budget(usd_per_day=6), spending, 0.12)] == [50]


def test_what_is_left_of_a_day_is_known_to_the_microsecond() -> None:
    use = Use().with_samples([used(24, hours_after_midnight=24 * day) for day in range(-3, 1)])
    passed = timedelta(hours=12, seconds=36, microseconds=864)
    told = use.spending(MIDNIGHT + passed).projected_day_acu_hours
    assert told == pytest.approx(24 + 24 * (1 - passed / timedelta(days=1)), rel=1e-13)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, NO_AMOUNT),
        ({"usd_per_day": 0}, "usd_per_day is 0; give a number above 0"),
        ({"acu_hours_per_month": float("nan")}, "acu_hours_per_month is nan"),
        ({"usd_per_day": 1, "alert_at": (0.8, 0.5)}, "alert_at is"),
        ({"usd_per_day": 1, "alert_at": (0.0,)}, "alert_at is"),
        ({"usd_per_day": 1, "alert_at": (float("inf"),)}, "alert_at is"),
    ],
)
def test_a_budget_that_cannot_be_is_refused(given: dict[str, float], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Budget(**given)  # type: ignore[arg-type]


def spending(*, day: float = 0.0, month: float = 0.0, demand: float | None = 9.0) -> Spending:
    return Spending(
        day_acu_hours=0,
        month_acu_hours=0,
        projected_day_acu_hours=day,
        projected_month_acu_hours=month,
        highest_demand_acu=demand,
    )


@pytest.mark.parametrize(
    ("budget", "spent", "floor_acu"),
    [
        (Budget(acu_hours_per_day=100, clamp=True), spending(day=100), 10),
        (Budget(acu_hours_per_month=100, clamp=True), spending(month=100), 10),
        (Budget(acu_hours_per_day=100, clamp=True), spending(day=99, month=1e6), 16),
        (Budget(acu_hours_per_day=100), spending(day=100), 16),
        (Budget(acu_hours_per_day=100, clamp=True), spending(day=100, demand=None), 16),
        (Budget(acu_hours_per_day=100, clamp=True), spending(day=100, demand=0.1), 8),
        (Budget(acu_hours_per_day=100, clamp=True), None, 16),
        (None, spending(day=100), 16),
    ],
)
def test_a_clamp_is_for_those_who_asked_for_it_and_whose_budget_runs_out(
    budget: Budget | None, spent: Spending | None, floor_acu: float
) -> None:
    snapshot = make_snapshot(in_force=acu(8), prices=Prices(budget=budget), spending=spent)
    assert decided(snapshot, acu(16)).after == acu(floor_acu)


def test_a_clamp_never_lowers_the_ceiling_but_does_not_raise_it_either() -> None:
    prices = Prices(budget=Budget(acu_hours_per_day=1, clamp=True))
    for ceiling, after in ((6.0, 10.0), (16.0, 16.0)):
        snapshot = make_snapshot(in_force=acu(2, ceiling), prices=prices, spending=spending(day=1))
        assert decided(snapshot, acu(4, 64), WATCHED).after == acu(4, after)


def test_a_clamp_takes_away_as_gently_as_any_wish() -> None:
    prices = Prices(budget=Budget(acu_hours_per_day=1, clamp=True))
    snapshot = make_snapshot(in_force=acu(32, 32), prices=prices, spending=spending(day=1))
    assert not decided(snapshot, acu(32)).changes
    assert decided(snapshot, acu(32), waited_for(acu(10))).after == acu(16)

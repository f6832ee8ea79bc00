"""Each generated workload has the character it claims."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from autoscaler.simulator.scenarios import (
    SCENARIOS,
    demand_per_minute,
    find_scenario,
    scenario_trace,
)

MONDAY = date(2026, 1, 5)
SEEDS = range(3)


def week(name: str, *, seed: int = 0, first: date = MONDAY) -> NDArray[np.float64]:
    """Seven days from ``first`` on: (7, 1440)."""
    dates = [first + timedelta(days=index) for index in range(7)]
    return np.array([demand_per_minute(find_scenario(name), seed=seed, day=day) for day in dates])


def between(name: str, start: datetime, end: datetime, *, seed: int = 0) -> NDArray[np.float64]:
    """Demand from one moment to another, given in any zone."""
    midnight = datetime.combine(start.astimezone(UTC).date(), time(0), UTC)
    trace = scenario_trace(find_scenario(name), seed=seed, start=midnight, days=(end - midnight).days + 1)
    first, last = ((at - midnight) // timedelta(minutes=1) for at in (start, end))
    return trace.demand_acu[first:last]


def local(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone))


def idle_share(demand: NDArray[np.float64]) -> float:
    return float(np.mean(demand == 0.0))


def smoothed(demand: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of each hour."""
    return np.asarray(demand.reshape(-1, 60).mean(axis=1), dtype=np.float64)


def steepest_minute(demand: NDArray[np.float64]) -> int:
    """When demand rose most within five minutes."""
    return int(np.argmax(demand[5:] - demand[:-5]))


@pytest.mark.parametrize("seed", SEEDS)
def test_gamers_play_in_the_evening_and_most_at_weekends(seed: int) -> None:
    hours = [smoothed(_berlin_day(MONDAY + timedelta(days=index), seed)) for index in range(7)]

    assert all(19 <= int(np.argmax(day)) <= 22 for day in hours)
    assert all(day[20] > 6 * day[5] for day in hours)
    assert np.mean(hours[5:]) > 1.25 * np.mean(hours[:4])


def _berlin_day(day: date, seed: int) -> NDArray[np.float64]:
    midnights = (local(at, time(0), "Europe/Berlin") for at in (day, day + timedelta(days=1)))
    return between("online-gaming", *midnights, seed=seed)


@pytest.mark.parametrize("patch", [date(2026, 1, 14), date(2026, 1, 28), date(2026, 7, 1)])
def test_gamers_rush_in_after_a_patch(patch: date) -> None:
    before, after = (local(patch, time(hour), "Europe/Berlin") for hour in (10, 11))
    rush = between("online-gaming", after, after + timedelta(hours=1)).max()

    assert rush > 5 * between("online-gaming", before, after).mean()
    assert rush > 3 * between("online-gaming", after - timedelta(days=7), after - timedelta(days=6)).min()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("sale", [date(2026, 1, 15), date(2026, 2, 5), date(2026, 4, 9)])
def test_a_flash_sale_multiplies_demand_within_a_quarter_of_an_hour(sale: date, seed: int) -> None:
    seven = local(sale, time(7), "Europe/London")
    demand = between("e-commerce", seven - timedelta(minutes=5), seven + timedelta(minutes=10), seed=seed)
    day_before = between("e-commerce", seven - timedelta(days=1), seven - timedelta(hours=23), seed=seed)

    assert demand[-1] > 10 * demand[0]
    assert demand.max() > 15 * demand[0]
    assert day_before.max() < 3 * day_before.min()


@pytest.mark.parametrize("seed", SEEDS)
def test_shoppers_come_in_the_evening_and_on_sundays(seed: int) -> None:
    shop = week("e-commerce", seed=seed)
    hours = smoothed(shop.mean(axis=0))

    assert 18 <= int(np.argmax(hours)) <= 21
    assert int(np.argmin(hours)) in (2, 3, 4)
    assert shop[6].mean() > shop[1:5].mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_tenants_work_in_office_hours_most_on_mondays_and_hardly_at_weekends(seed: int) -> None:
    offices = np.mean([week("multi-tenant-saas", seed=seed + 100 * run) for run in range(8)], axis=0)
    by_day = offices.mean(axis=1)

    assert int(np.argmax(by_day[:5])) == 0
    assert by_day[5:].max() < 0.4 * by_day[:5].min()


@pytest.mark.parametrize("seed", SEEDS)
def test_tenants_have_three_regions_and_lunch(seed: int) -> None:
    tuesdays = [week("multi-tenant-saas", seed=seed + 100 * run)[1] for run in range(8)]
    hours = smoothed(np.mean(tuesdays, axis=0))
    singapore, europe, lunch_in_berlin, both_coasts = hours[2], hours[8], hours[11], hours[14]

    assert singapore < europe < both_coasts
    assert lunch_in_berlin < 0.85 * europe
    assert singapore > 0.2 * both_coasts


@pytest.mark.parametrize("seed", SEEDS)
def test_the_market_opens_an_hour_earlier_in_utc_after_the_clocks_change(seed: int) -> None:
    friday, monday = (
        demand_per_minute(SCENARIOS["financial-services"], seed=seed, day=day)
        for day in (date(2026, 3, 6), date(2026, 3, 9))
    )

    assert steepest_minute(friday[12 * 60 : 18 * 60]) + 12 * 60 == pytest.approx(14 * 60 + 30, abs=3)
    assert steepest_minute(monday[12 * 60 : 18 * 60]) + 12 * 60 == pytest.approx(13 * 60 + 30, abs=3)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_market_has_two_spikes_and_quiet_weekends(seed: int) -> None:
    market = week("financial-services", seed=seed)
    opening = market[:5, 14 * 60 + 30 : 15 * 60].max(axis=1)
    noon = np.median(market[:5, 17 * 60 : 19 * 60], axis=1)
    closing = market[:5, 20 * 60 + 45 : 21 * 60 + 15].max(axis=1)

    assert (opening > 2 * noon).all()
    assert (closing > 1.5 * noon).all()
    assert market[5:, 120:].max() < 0.1 * opening.min()  # Friday's settlement ends after midnight in UTC


@pytest.mark.parametrize("month_end", [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 31)])
def test_the_books_are_closed_on_the_evening_of_the_last_workday(month_end: date) -> None:
    evening = local(month_end, time(20), "America/New_York")
    closing = between("financial-services", evening, evening + timedelta(hours=3))
    usual = between("financial-services", evening - timedelta(days=7), evening - timedelta(days=6, hours=21))

    assert closing.mean() > 10 * usual.mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_clinics_are_open_on_workdays_and_closed_at_weekends(seed: int) -> None:
    clinic = week("healthcare", seed=seed)
    in_hours = clinic[:, 15 * 60 : 22 * 60].mean(axis=1)  # nine to four in Chicago

    assert in_hours[:5].min() > 3 * in_hours[5:].max()
    assert clinic.min() > 0.0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("first", [date(2026, 1, 5), date(2026, 7, 6)])
def test_claims_are_processed_every_night_at_one(first: date, seed: int) -> None:
    for day in (first + timedelta(days=index) for index in range(7)):
        one = local(day, time(1), "America/Chicago")
        before = between("healthcare", one - timedelta(minutes=30), one, seed=seed)
        batch = between("healthcare", one + timedelta(minutes=10), one + timedelta(minutes=40), seed=seed)

        assert batch.min() > 3 * before.mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_global_application_is_fairly_flat_with_three_bumps(seed: int) -> None:
    hours = smoothed(np.mean(week("global-application", seed=seed), axis=0))
    bumps = [int(hour) for hour in np.flatnonzero((hours > np.roll(hours, 1)) & (hours > np.roll(hours, -1)))]
    tall = [hour for hour in bumps if hours[hour] > hours[(hour + 4) % 24] and hours[hour] > hours[hour - 4]]

    assert hours.max() < 1.6 * hours.min()
    assert len(tall) == 3
    assert all(6 <= (after - before) % 24 <= 10 for before, after in pairwise([*tall, tall[0]]))


@pytest.mark.parametrize("seed", SEEDS)
def test_analytics_loads_on_the_hour_and_works_at_night(seed: int) -> None:
    warehouse = week("analytics", seed=seed)
    peak = SCENARIOS["analytics"].peak_acu
    by_hour = warehouse[:5].reshape(5, 24, 60)

    assert (by_hour[:, 6:23, 4:7].min(axis=2) > 0.1 * peak).all()  # loads
    assert (by_hour[:, 6:23, 40:].max(axis=2) < 0.05 * peak).all()  # and their pauses
    assert (warehouse[:, 70:150].min(axis=1) > 0.5 * peak).all()  # every night from one to half past two
    assert (warehouse[:, :60] == 0.0).all()
    assert (warehouse[5:, 6 * 60 :] == 0.0).all()
    assert 0.35 < idle_share(warehouse) < 0.7


@pytest.mark.parametrize("seed", SEEDS)
def test_developers_leave_their_database_idle_most_of_the_time(seed: int) -> None:
    demand = scenario_trace(SCENARIOS["development-test"], seed=seed).demand_acu
    weekends = np.concatenate((demand[5 * 1440 + 360 : 7 * 1440], demand[12 * 1440 + 360 :]))
    nights = demand.reshape(14, 1440)[:, 6 * 60 : 13 * 60]  # one to eight in New York

    assert 0.5 < idle_share(demand) < 0.97
    assert idle_share(weekends) == 1.0
    assert idle_share(nights) == 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_developers_come_at_odd_moments(seed: int) -> None:
    office = week("development-test", seed=seed)[:5]
    starts = [np.flatnonzero((day[1:] > 0.0) & (day[:-1] == 0.0)) for day in office]

    assert all(len(day) > 0 for day in starts)
    assert len({int(minute) for day in starts for minute in day}) > 10

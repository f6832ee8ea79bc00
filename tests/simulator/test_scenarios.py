"""The generated workloads: reproducible, seamless, and each of the character it claims."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.simulator.noise import Dice
from autoscaler.simulator.scenarios import (
    DEFAULT_DAYS,
    DEFAULT_START,
    SCENARIOS,
    Scenario,
    demand_per_minute,
    find_scenario,
    scenario_trace,
)
from autoscaler.simulator.shapes import Appointments, Every, Form, Surprises, every_day, last_workday_of_month

NAMES = (
    "online-gaming",
    "e-commerce",
    "multi-tenant-saas",
    "financial-services",
    "healthcare",
    "global-application",
    "analytics",
    "development-test",
)
MONDAY = date(2026, 1, 5)
SEEDS = range(3)

all_scenarios = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
scenarios = st.sampled_from(list(SCENARIOS.values()))
seeds = st.integers(0, 2**63)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


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


# What holds for all of them


def test_there_are_the_eight_of_them() -> None:
    assert tuple(SCENARIOS) == NAMES
    assert [find_scenario(name).name for name in NAMES] == list(NAMES)


def test_an_unknown_name_is_answered_with_all_there_are() -> None:
    with pytest.raises(UnknownName) as error:
        find_scenario("gaming")

    assert str(error.value) == f"no scenario named 'gaming'; there are: {', '.join(sorted(NAMES))}"


@given(scenario=scenarios, seed=seeds, day=days)
def test_demand_is_finite_and_never_negative(scenario: Scenario, seed: int, day: date) -> None:
    demand = demand_per_minute(scenario, seed=seed, day=day)

    assert demand.shape == (1440,)
    assert demand.dtype == np.float64
    assert np.isfinite(demand).all()
    assert (demand >= 0.0).all()


@given(scenario=scenarios, seed=seeds, day=days, other=days)
def test_a_day_is_the_same_whatever_was_asked_before(scenario: Scenario, seed: int, day: date, other: date) -> None:
    first = demand_per_minute(scenario, seed=seed, day=day)
    demand_per_minute(scenario, seed=seed, day=other)
    again = demand_per_minute(scenario, seed=seed, day=day)

    np.testing.assert_array_equal(first, again)


@given(scenario=scenarios, seed=seeds, day=days)
def test_a_caller_may_write_into_a_day_without_changing_the_next(scenario: Scenario, seed: int, day: date) -> None:
    first = demand_per_minute(scenario, seed=seed, day=day)
    kept = first.copy()
    first[:] = -1.0

    np.testing.assert_array_equal(demand_per_minute(scenario, seed=seed, day=day), kept)


@given(scenario=scenarios, seed=seeds, day=days, shorter=st.integers(1, 3), more=st.integers(1, 3))
def test_a_longer_trace_begins_with_the_shorter_one(
    scenario: Scenario, seed: int, day: date, shorter: int, more: int
) -> None:
    start = datetime.combine(day, time(0), UTC)
    short = scenario_trace(scenario, seed=seed, start=start, days=shorter)
    long = scenario_trace(scenario, seed=seed, start=start, days=shorter + more)

    np.testing.assert_array_equal(long.demand_acu[: len(short.demand_acu)], short.demand_acu)
    np.testing.assert_array_equal(long.offset_seconds[: len(short.demand_acu)], short.offset_seconds)


@given(scenario=scenarios, seed=seeds, day=days)
def test_noise_has_no_seam_at_midnight(scenario: Scenario, seed: int, day: date) -> None:
    noise = scenario.noise
    today, next_day = (noise.factor(at, _dice(scenario, seed)) for at in (day, day + timedelta(days=1)))
    # The deviation of one AR(1) step; six of them come once in a thousand years of minutes.
    step_sigma = noise.minute_sigma * np.sqrt(2.0 - 2.0 * np.exp(-1.0 / noise.memory_minutes))

    assert abs(np.log(next_day[0] / today[-1])) < 6.0 * step_sigma + 0.001


@given(seed=seeds, day=days)
def test_a_batch_that_runs_over_midnight_has_no_seam(seed: int, day: date) -> None:
    late = Appointments(
        name="late",
        zone="UTC",
        at=(time(23, 30),),
        on=every_day,
        height=1.0,
        form=Form(rise_minutes=5, hold_minutes=120, fall_minutes=30),
    )
    dice = Dice(seed=seed, workload="any")
    demand = np.concatenate([late.fraction(day + timedelta(days=index), dice) for index in range(2)])
    batch = demand[1410:1500]

    assert batch[0] == 0.0
    np.testing.assert_allclose(batch[5:], batch[5], rtol=1e-12)
    assert batch[5] > 0.0


@all_scenarios
def test_minutes_are_as_alike_across_midnight_as_at_any_other_time(scenario: Scenario) -> None:
    demand = scenario_trace(scenario, days=120).demand_acu.reshape(-1, 1440)
    both_busy = (demand[:-1, -1] > 0.0) & (demand[1:, 0] > 0.0)
    across = np.log(demand[1:, 0][both_busy] / demand[:-1, -1][both_busy])
    within = np.log(demand[1:, 1][both_busy] / demand[1:, 0][both_busy])

    assert np.std(across) <= 1.5 * np.std(within) if both_busy.any() else idle_share(demand) > 0.3


@all_scenarios
def test_a_trace_is_the_days_in_a_row(scenario: Scenario) -> None:
    trace = scenario_trace(scenario, seed=7)

    assert (trace.name, trace.start, trace.step_seconds) == (scenario.name, DEFAULT_START, 60.0)
    assert trace.end == DEFAULT_START + timedelta(days=DEFAULT_DAYS)
    assert set(np.diff(trace.offset_seconds)) == {60.0}
    for index, day in enumerate(trace.demand_acu.reshape(DEFAULT_DAYS, 1440)):
        expected = demand_per_minute(scenario, seed=7, day=MONDAY + timedelta(days=index))
        np.testing.assert_array_equal(day, expected)


@all_scenarios
def test_another_seed_is_another_database_with_the_same_habits(scenario: Scenario) -> None:
    one, other = (scenario_trace(scenario, seed=seed, days=28).demand_acu for seed in (1, 2))

    assert not np.array_equal(one, other)
    assert np.mean(one) == pytest.approx(np.mean(other), rel=0.35)


@given(seed=seeds, day=days)
def test_scenarios_do_not_share_their_noise(seed: int, day: date) -> None:
    noises = [scenario.noise.factor(day, _dice(scenario, seed)) for scenario in SCENARIOS.values()]
    alike = np.corrcoef(np.diff(np.log(noises), axis=1)) - np.eye(len(noises))

    assert np.abs(alike).max() < 0.3


@all_scenarios
def test_noise_swings_around_one_and_remembers_for_a_while(scenario: Scenario) -> None:
    dice = _dice(scenario, 0)
    factor = np.concatenate([scenario.noise.factor(MONDAY + timedelta(days=index), dice) for index in range(60)])
    swing = np.log(factor) - np.log(factor).mean()
    neighbours = np.corrcoef(swing[1:], swing[:-1])[0, 1]

    assert factor.mean() == pytest.approx(1.0, abs=0.05)
    assert factor.min() > 0.0
    assert neighbours > np.exp(-1.0 / scenario.noise.memory_minutes) - 0.05


@all_scenarios
def test_the_peak_and_the_ceiling_are_what_a_quarter_of_a_year_shows(scenario: Scenario) -> None:
    for seed in SEEDS:
        demand = scenario_trace(scenario, seed=seed, days=91).demand_acu
        workdays = np.arange(91) % 7 < 5
        usual_peak = np.median(demand.reshape(91, 1440)[workdays].max(axis=1))

        assert 0.75 * scenario.peak_acu <= usual_peak <= 1.25 * scenario.peak_acu
        assert np.quantile(demand, 0.9999) <= 0.8 * scenario.ceiling_acu
        assert demand.max() <= scenario.ceiling_acu


@all_scenarios
def test_its_numbers_are_plausible_and_its_streams_are_its_own(scenario: Scenario) -> None:
    streams = [part.name for part in scenario.parts + scenario.bursts if isinstance(part, Appointments | Surprises)]

    assert 2.0 <= scenario.peak_acu <= 24.0
    assert scenario.ceiling_acu % 0.5 == 0.0
    assert 0.0 <= scenario.reader_share <= 1.0
    assert scenario.working_set_gib >= 0.0
    assert scenario.connections_per_acu > 0.0
    assert len({*streams, "noise"}) == len(streams) + 1
    assert scenario.title
    assert scenario.description.endswith(".")


@pytest.mark.parametrize("scenario", [SCENARIOS[name] for name in ("analytics", "development-test")])
def test_what_is_idle_for_hours_keeps_no_connection_open(scenario: Scenario) -> None:
    assert scenario.idle_connections == 0


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 1, 5, 1, tzinfo=UTC),
        datetime(2026, 1, 5),  # noqa: DTZ001 - a naive time is what must be refused
        datetime(2026, 1, 5, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_a_start_that_is_no_utc_midnight_is_refused(start: datetime) -> None:
    with pytest.raises(InvalidInput, match="give a midnight in UTC"):
        scenario_trace(SCENARIOS["analytics"], start=start)


def test_no_days_and_negative_seeds_are_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot last 0 days"):
        scenario_trace(SCENARIOS["analytics"], days=0)
    with pytest.raises(InvalidInput, match="the seed -1 is negative"):
        demand_per_minute(SCENARIOS["analytics"], seed=-1, day=MONDAY)


def _dice(scenario: Scenario, seed: int) -> Dice:
    return Dice(seed=seed, workload=scenario.name)


# What each of them claims


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


def test_every_month_has_one_last_workday() -> None:
    every_date = [date(2026, 1, 1) + timedelta(days=index) for index in range(365)]
    found = [day for day in every_date if last_workday_of_month(day)]

    assert [day.month for day in found] == list(range(1, 13))
    assert all(day.weekday() < 5 for day in found)
    assert found[4] == date(2026, 5, 29)


def test_every_so_many_days_counts_in_both_directions() -> None:
    fortnightly = Every(since=date(2026, 1, 14), days=14)

    assert [day for day in range(1, 32) if fortnightly(date(2026, 1, day))] == [14, 28]
    assert fortnightly(date(2025, 12, 31))


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

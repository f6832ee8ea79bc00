"""What holds for every generated workload."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.simulator.scenarios import (
    DEFAULT_DAYS,
    DEFAULT_START,
    SCENARIOS,
    Scenario,
    demand_per_minute,
    find_scenario,
    scenario_trace,
)
from autoscaler.simulator.shapes import Appointments, Surprises

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
IDLE_AT_MIDNIGHT = {"analytics", "development-test"}
MONDAY = date(2026, 1, 5)
SEEDS = range(3)

all_scenarios = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
scenarios = st.sampled_from(list(SCENARIOS.values()))
seeds = st.integers(0, 2**63)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


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


@pytest.mark.parametrize("name", [name for name in NAMES if name not in IDLE_AT_MIDNIGHT])
def test_minutes_are_as_alike_across_midnight_as_right_after(name: str) -> None:
    demand = np.log(scenario_trace(SCENARIOS[name], days=120).demand_acu.reshape(-1, 1440))
    across = demand[1:, 0] - demand[:-1, -1]
    after = demand[1:, 1] - demand[1:, 0]

    assert np.std(across) <= 1.5 * np.std(after)


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

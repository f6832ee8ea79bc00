"""What a unit of load is worth: learned robustly, and not used where it does not fit."""

from math import nan

import numpy as np
import pytest

from autoscaler.core.capacity import Phase, Status
from autoscaler.core.cost import Prices
from autoscaler.core.samples import Sample
from autoscaler.core.signals import Load, Signals, Worth
from autoscaler.errors import InvalidInput
from models.last_value import LastValue
from models.outlook import Outlook, OutlookSettings
from models.work import NOTHING_LEARNED, LoadMeter
from tests.fakes import WIDE_LIMITS, later, make_range

STATUS = Status(phase=Phase.AVAILABLE, ready_acu=4.0, range=make_range(1, 16))
CHANCE = np.random.default_rng(5)
LOAD = CHANCE.uniform(10.0, 500.0, 600)
DEMAND = 0.7 + 0.02 * LOAD + CHANCE.normal(0.0, 0.2, 600)


def test_learns_what_a_request_is_worth() -> None:
    work = NOTHING_LEARNED.update(LOAD, DEMAND)
    assert work.coefficients == pytest.approx((0.7, 0.02), rel=0.1)
    assert work.trusted
    assert work.acu_of(1000.0) == pytest.approx(20.7, rel=0.05)


def test_intervals_of_bad_data_do_not_bend_it() -> None:
    demand = DEMAND.copy()
    demand[300::40] = 400.0
    work = NOTHING_LEARNED.update(LOAD, demand)
    assert work.acu_of(250.0) == pytest.approx(5.7, rel=0.2)
    assert work.trusted


def test_follows_a_release_that_made_requests_cheaper() -> None:
    work = NOTHING_LEARNED.update(LOAD, DEMAND).update(np.tile(LOAD, 3), np.tile(0.5 * DEMAND, 3))
    assert work.acu_of(400.0) == pytest.approx(4.35, rel=0.1)


def test_is_not_trusted_where_load_tells_nothing_or_too_little_was_seen() -> None:
    assert not NOTHING_LEARNED.trusted
    assert not NOTHING_LEARNED.update(LOAD[:10], DEMAND[:10]).trusted
    assert not NOTHING_LEARNED.update(LOAD, CHANCE.permutation(DEMAND)).trusted


def test_a_load_that_never_changes_is_worth_what_it_took() -> None:
    work = NOTHING_LEARNED.update(np.full(50, 100.0), np.full(50, 5.0))
    assert work.acu_of(200.0) == pytest.approx(10.0)


def test_unknown_intervals_are_left_out() -> None:
    load, demand = np.array([nan, 10.0, -1.0, 20.0]), np.array([1.0, nan, 1.0, 2.0])
    np.testing.assert_array_equal(
        NOTHING_LEARNED.update(load, demand).moments, NOTHING_LEARNED.update(load[3:], demand[3:]).moments
    )
    with pytest.raises(InvalidInput, match="4 loads for 3 demands"):
        NOTHING_LEARNED.update(load, demand[1:])


def sample(number: int, demand_acu: float | None, queries: float | None, *, censored: bool = False) -> Sample:
    return Sample(
        at=later(60.0 * number),
        seconds=60.0,
        demand_acu=demand_acu,
        censored=censored,
        capacity_acu=4.0,
        queries_per_second=queries,
    )


def lived(count: int = 100) -> list[Sample]:
    """Half an ACU, and one for each hundred queries a second."""
    return [sample(number, 0.5 + 0.01 * number, float(number)) for number in range(count)]


def test_a_meter_is_silent_until_it_can_be_trusted() -> None:
    meter, told = LoadMeter(Load.QUERIES), []
    for one in lived(30):
        meter.observe(one)
        told.append(meter.worth)
    assert told[20] is None
    assert told[-1] == Worth(load=Load.QUERIES, base_acu=0.5, acu_per_unit=0.01)


def test_a_meter_learns_nothing_of_what_was_throttled_or_is_unknown() -> None:
    meter = LoadMeter(Load.QUERIES)
    for one in [*lived(), sample(100, 4.0, 2000.0, censored=True), sample(101, None, 9.0), sample(102, 1.0, None)]:
        meter.observe(one)
    assert meter.worth == Worth(load=Load.QUERIES, base_acu=0.5, acu_per_unit=0.01)


def test_a_saturated_cluster_is_known_by_what_its_clients_ask_for() -> None:
    outlook = Outlook(LastValue(), OutlookSettings(signals=Signals(learns=Load.QUERIES), recent_seconds=60.0))
    outlook.observe(
        [*lived(), sample(100, 4.0, 950.0, censored=True), *(sample(n, 1.0, 50.0) for n in range(101, 105))]
    )
    history = outlook.fit_due()
    seen = outlook.snapshot(cluster_id="orders", at=later(6300.0), limits=WIDE_LIMITS, status=STATUS, prices=Prices())
    assert history is not None
    assert history.demand_acu.tolist()[-2:] == pytest.approx([1.49, 10.0], abs=0.01)
    assert seen.worth == Worth(load=Load.QUERIES, base_acu=0.5, acu_per_unit=0.01)

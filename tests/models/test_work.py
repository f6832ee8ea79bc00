"""What a unit of load is worth, and how throughput scales: learned robustly, and not used where it does not fit."""

from math import nan

import numpy as np
import pytest

from autoscaler.errors import InvalidInput
from models.scalability import Scalability, learn_scalability
from models.work import NOTHING_LEARNED, work_from
from tests.models.forecasters import through_files

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


def test_work_comes_back_from_disk() -> None:
    work = NOTHING_LEARNED.update(LOAD, DEMAND)
    back = work_from(through_files(work.state()))
    assert back.update(LOAD[:5], DEMAND[:5]).coefficients == work.update(LOAD[:5], DEMAND[:5]).coefficients


def test_finds_the_law_of_a_system_that_contends() -> None:
    law = Scalability(gamma=50.0, sigma=0.05, kappa=0.001)
    n = CHANCE.uniform(1.0, 60.0, 200)
    x = np.array([law.throughput(one) for one in n]) * CHANCE.normal(1.0, 0.02, 200)
    x[::25] *= 0.2  # some backups ran meanwhile
    found = learn_scalability(n, x)
    assert found is not None
    assert found.throughput(30.0) == pytest.approx(law.throughput(30.0), rel=0.05)
    assert found.most_concurrency == pytest.approx(law.most_concurrency, rel=0.2)


def test_no_law_where_a_line_does_as_well_or_little_was_seen() -> None:
    n = CHANCE.uniform(1.0, 60.0, 200)
    assert learn_scalability(n, 50.0 * n * CHANCE.normal(1.0, 0.05, 200)) is None
    assert learn_scalability(n[:5], n[:5]) is None
    assert learn_scalability(np.full(50, 7.0), np.full(50, 300.0)) is None
    assert Scalability(gamma=1.0, sigma=0.1, kappa=0.0).most_concurrency == float("inf")

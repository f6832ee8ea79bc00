"""Use and housekeeping are told apart."""

from datetime import timedelta

import numpy as np

from autoscaler.core.samples import Sample
from models.housekeeping import Housekeeping
from tests.fakes import MONDAY


def sample(
    demand_acu: float | None, *, minute: int = 0, connections: int | None = None, capacity_acu: float = 0.5
) -> Sample:
    at = MONDAY + timedelta(minutes=minute)
    return Sample(at=at, seconds=60, demand_acu=demand_acu, connections=connections, capacity_acu=capacity_acu)


def after_a_day(demand_acu: float, connections: int, *, asleep_at: int | None = None) -> Housekeeping:
    """A day of this in every quarter of an hour."""
    housekeeping = Housekeeping()
    for minute in range(0, 1440, 15):
        asleep = minute == asleep_at
        housekeeping.take(
            sample(0.0, minute=minute, connections=0, capacity_acu=0.0)
            if asleep
            else sample(demand_acu, minute=minute, connections=connections)
        )
    return housekeeping


def test_a_little_work_is_none_and_a_connection_is_use() -> None:
    assert Housekeeping().take(sample(0.01)) is False
    assert Housekeeping().take(sample(0.05)) is True
    assert Housekeeping().take(sample(0.0, connections=1)) is True
    assert Housekeeping().take(sample(None)) is None
    assert Housekeeping().take(sample(None, connections=1)) is True


def test_connections_that_a_pooler_keeps_open_all_day_are_no_use_and_one_more_is() -> None:
    assert after_a_day(0.01, 3).take(sample(0.01, minute=1440, connections=3)) is False
    assert after_a_day(0.01, 3).take(sample(0.01, minute=1440, connections=4)) is True
    assert after_a_day(0.01, 3).take(sample(0.5, minute=1440, connections=3)) is True


def test_the_same_on_the_first_day_is_use_for_nobody_knows_better() -> None:
    assert Housekeeping().take(sample(0.01, connections=3)) is True


def test_a_cluster_that_slept_has_no_connections_of_a_pooler() -> None:
    assert after_a_day(0.01, 3, asleep_at=600).take(sample(0.01, minute=1440, connections=1)) is True


def test_a_small_constant_load_is_a_monitor_and_a_large_one_is_use() -> None:
    assert after_a_day(0.08, 0).take(sample(0.09, minute=1440)) is False
    assert after_a_day(0.08, 0).take(sample(0.2, minute=1440)) is True
    assert after_a_day(0.5, 0).take(sample(0.5, minute=1440)) is True


def test_it_comes_back_from_disk_as_it_was() -> None:
    housekeeping, back = after_a_day(0.08, 3), Housekeeping()
    back.restore(housekeeping.state())
    assert np.array_equal(back.state(), housekeeping.state())
    assert back.take(sample(0.09, minute=1440, connections=3)) is False

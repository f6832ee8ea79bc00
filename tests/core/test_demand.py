"""Demand from what each source offers: the best offer counts, saturation is marked, nonsense is unknown."""

from dataclasses import replace
from math import inf, nan

import pytest

from autoscaler.core.demand import Maxima, Reading, demand_of
from autoscaler.core.samples import Demand
from autoscaler.errors import InvalidInput
from tests.fakes import MONDAY, later

MINUTE = Reading(at=MONDAY, seconds=60.0, capacity_acu=8.0)
MAXIMA = Maxima(since=(later(-86_400), later(3600)), max_acu=(32.0, 64.0))


@pytest.mark.parametrize(
    ("offer", "acu"),
    [
        ({"percent_of_current": 50.0}, 4.0),
        ({"percent_of_maximum": 12.5}, 4.0),
        ({"cores": 1.0}, 4.0),
        ({"db_load_cores": 1.0}, 4.0),
        ({"load": 200.0}, 4.0),
    ],
)
def test_each_source_tells_the_same_demand(offer: dict[str, float], acu: float) -> None:
    reading = replace(MINUTE, **offer)  # type: ignore[arg-type]
    assert demand_of(reading, maxima=MAXIMA, acu_of_load=lambda load: load / 50.0) == Demand(acu, censored=False)


def test_cpu_that_was_used_comes_before_what_load_lets_expect() -> None:
    reading = replace(MINUTE, percent_of_current=25.0, load=500.0)
    assert demand_of(reading, acu_of_load=lambda load: load / 50.0) == Demand(2.0, censored=False)


def test_a_saturated_interval_is_a_lower_bound_that_load_and_waiting_sessions_raise() -> None:
    full = replace(MINUTE, percent_of_current=100.0)
    assert demand_of(full) == Demand(8.0, censored=True)
    assert demand_of(replace(full, load=600.0), acu_of_load=lambda load: load / 50.0) == Demand(12.0, censored=True)
    assert demand_of(replace(full, db_load_cores=5.0)) == Demand(20.0, censored=True)
    assert demand_of(replace(full, backlog_growth_acu_seconds=120.0)) == Demand(10.0, censored=True)


def test_waiting_sessions_alone_show_saturation() -> None:
    assert demand_of(replace(MINUTE, db_load_cores=5.0)) == Demand(20.0, censored=True)


def test_a_percentage_of_the_maximum_is_of_the_one_in_force_then() -> None:
    early, late = (replace(MINUTE, percent_of_maximum=10.0, at=later(after)) for after in (3540.0, 3600.0))
    assert demand_of(early, maxima=MAXIMA) == Demand(3.2, censored=False)
    assert demand_of(late, maxima=MAXIMA) == Demand(6.4, censored=False)


def test_a_percentage_over_a_change_of_the_maximum_is_unknown() -> None:
    reading = replace(MINUTE, percent_of_maximum=10.0)
    assert demand_of(replace(reading, at=later(3570.0)), maxima=MAXIMA) is None
    assert demand_of(replace(reading, at=later(-90_000.0)), maxima=MAXIMA) is None
    assert demand_of(reading) is None


@pytest.mark.parametrize("odd", [nan, inf, -1.0])
def test_numbers_that_cannot_be_true_are_unknown(odd: float) -> None:
    for name in ("percent_of_current", "percent_of_maximum", "cores", "db_load_cores", "load"):
        assert demand_of(replace(MINUTE, **{name: odd}), maxima=MAXIMA, acu_of_load=lambda load: load) is None  # type: ignore[arg-type]


def test_nothing_offered_is_unknown() -> None:
    assert demand_of(MINUTE, maxima=MAXIMA, acu_of_load=lambda load: load) is None


def test_the_maxima_must_ascend() -> None:
    with pytest.raises(InvalidInput, match="must ascend"):
        Maxima(since=(MONDAY, MONDAY), max_acu=(1.0, 2.0))
    with pytest.raises(InvalidInput, match="1 maxima for 2 moments"):
        Maxima(since=(MONDAY, later(1)), max_acu=(1.0,))

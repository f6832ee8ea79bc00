"""What capacity costs, and the least that would do."""

import pytest

from autoscaler.core.cost import Prices, acu_hours, needed_acu


@pytest.mark.parametrize(("acu", "seconds", "hours"), [(0, 3600, 0), (2, 1800, 1), (0.5, 86_400, 12), (8, 0, 0)])
def test_capacity_held_for_a_time_makes_acu_hours(acu: float, seconds: float, hours: float) -> None:
    assert acu_hours(acu, seconds) == hours


@pytest.mark.parametrize(
    ("demand", "need"), [(0, 1), (0.9, 1), (0.91, 1.5), (1.8, 2), (7.2, 8), (7.21, 8.5), (100, 111.5)]
)
def test_the_need_is_the_demand_at_nine_tenths_on_the_grain(demand: float, need: float) -> None:
    assert needed_acu(demand, 1.0, 0.5) == need


def test_the_default_price_is_that_of_aurora_standard() -> None:
    assert Prices() == Prices(usd_per_acu_hour=0.12, throttling_price=50.0)

"""The policy that follows whatever would have cost least."""

from dataclasses import replace

import pytest

from autoscaler.core.cost import Prices
from autoscaler.core.tuning import Tuning
from policies.auto import Auto
from tests.fakes import MONDAY, make_range
from tests.policies.builders import seen

TUNED = Tuning(chosen_at=MONDAY, family="static", low_acu=8.0, high_acu=8.0, reason="a static floor of 8 ACU")


@pytest.mark.parametrize(
    ("prices", "floor_acu"),
    [
        (Prices(throttling_price=20.0), 8.0),
        (Prices(throttling_price=0.0), 0.5),
        (Prices(throttling_price=0.0, max_throttled_fraction=0.01), 8.0),
    ],
)
def test_throttling_that_costs_nothing_is_let_be_unless_it_is_limited(prices: Prices, floor_acu: float) -> None:
    snapshot = replace(seen(3.0, floor_acu=4.0), tuning=TUNED, prices=prices)
    assert Auto().advise(snapshot).range == make_range(floor_acu, 64.0)

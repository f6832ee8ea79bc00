"""What is recommended was chosen on one half of the past, and measured on the other."""

from dataclasses import replace

import numpy as np
import pytest

from autoscaler.backtest.recommend import Advice, rank, recommend
from autoscaler.errors import InvalidInput
from tests.backtest.builders import make_plan, make_trace

SAMPLES_A_DAY = 288


def loads(days: int, *, calm: float, busy: float) -> list[float]:
    """Busy for two hours of each day."""
    day = np.full(SAMPLES_A_DAY, calm)
    day[120:144] = busy
    return [float(acu) for acu in np.tile(day, days)]


def advice_for(demand: list[float], today_acu: float | None = None) -> Advice:
    return recommend(make_plan(make_trace(demand, step_seconds=300.0)), today_acu=today_acu)


@pytest.mark.slow
def test_a_minimum_that_is_far_too_high_is_told_to_come_down() -> None:
    advice = advice_for(loads(6, calm=1.0, busy=2.0), today_acu=16.0)
    assert advice.min_acu < 4.0
    assert advice.best != "today"
    assert advice.saving_usd_per_month > 500.0
    assert advice.confidence == "high"
    assert advice.pause_after_seconds is None


@pytest.mark.slow
def test_a_daily_rush_is_worth_a_policy_that_knows_the_clock() -> None:
    advice = advice_for(loads(8, calm=1.0, busy=24.0))
    options = {option.name: option for option in advice.options}
    assert [option.name for option in advice.options][:2] == ["today", "left alone"]
    assert options["auto"].priced_usd_per_month < 0.8 * options["reactive"].priced_usd_per_month
    assert advice.max_acu == 32.0


@pytest.mark.slow
def test_what_happens_in_the_second_half_chooses_no_setting() -> None:
    calm = loads(4, calm=1.0, busy=2.0)
    first, second = (advice_for(calm + loads(4, calm=1.0, busy=busy)) for busy in (2.0, 30.0))
    settings = [{one.name: one.setting for one in advice.options} for advice in (first, second)]
    assert settings[0] == settings[1]


def test_a_trace_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has 2 whole days; give at least 4"):
        advice_for(loads(2, calm=1.0, busy=2.0))


def test_a_fleet_begins_with_the_largest_saving() -> None:
    one = Advice(
        trace="orders",
        days=8,
        throttling_price=50.0,
        options=(),
        best="auto",
        saving_usd_per_month=10.0,
        confidence="low",
        min_acu=1.0,
        max_acu=8.0,
        pause_after_seconds=None,
    )
    two = replace(one, trace="users", saving_usd_per_month=90.0)
    assert [found.trace for found in rank([one, two])] == ["users", "orders"]

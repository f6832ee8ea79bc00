"""What is recommended was chosen on the first days, and measured on the others."""

from dataclasses import replace

import numpy as np
import pytest

from autoscaler.backtest.advice import Advice, Confidence, interval_of_mean
from autoscaler.backtest.attempts import Case
from autoscaler.backtest.recommend import recommend
from autoscaler.core.capacity import FULL_CONSENT, NO_CONSENT, Consent, Limits, Range
from autoscaler.documents.pricing import find_prices
from autoscaler.errors import InvalidInput
from tests.backtest.builders import LIMITS, make_plan, make_trace

SAMPLES_A_DAY = 288


def loads(days: int, *, calm: float, busy: float) -> list[float]:
    """Busy for two hours of each day."""
    day = np.full(SAMPLES_A_DAY, calm)
    day[120:144] = busy
    return [float(acu) for acu in np.tile(day, days)]


def advice_for(
    demand: list[float],
    *,
    today_acu: float = 0.5,
    today_max_acu: float = 32.0,
    limits: Limits = LIMITS,
    region: str = "us-east-1",
) -> Advice:
    today = Range(floor_acu=today_acu, ceiling_acu=today_max_acu, pause_after_seconds=limits.pause_after_seconds)
    plan = make_plan(
        make_trace(demand, step_seconds=300.0), limits=limits, pause_after_seconds=limits.pause_after_seconds
    )
    return recommend(Case(plan=plan, today=today, prices=find_prices(region))).advice


@pytest.mark.slow
def test_a_minimum_that_is_far_too_high_is_told_to_come_down() -> None:
    advice = advice_for(loads(14, calm=1.0, busy=2.0), today_acu=16.0)
    assert (advice.days, advice.measured_days, advice.confidence) == (14, 7, Confidence.HIGH)
    assert advice.min_acu < 4.0
    assert advice.best != "today"
    assert advice.saving_usd_per_month > 500.0
    assert advice.option("today").usd_per_month == pytest.approx(16 * 0.12 * 730.5)
    assert advice.pause_after_seconds is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("consent", "today_acu", "least"), [(NO_CONSENT, 4.0, 1.0), (FULL_CONSENT, 4.0, 0.5), (NO_CONSENT, 0.5, 0.5)]
)
def test_a_floor_that_caps_the_connections_is_only_advised_to_who_agreed_to_it(
    consent: Consent, today_acu: float, least: float
) -> None:
    limits = replace(LIMITS, consent=consent)
    advice = advice_for(loads(4, calm=0.1, busy=0.2), today_acu=today_acu, limits=limits)
    assert advice.min_acu == least
    alone = advice.option("left alone")
    assert alone.usd_per_month == pytest.approx(least * 0.12 * 730.5)


@pytest.mark.slow
def test_a_daily_rush_is_worth_a_policy_that_knows_the_clock() -> None:
    advice = advice_for(loads(8, calm=1.0, busy=24.0))
    assert [option.name for option in advice.options][:2] == ["today", "left alone"]
    auto, reactive = (advice.option(name).priced_usd_per_month for name in ("auto", "reactive"))
    assert auto < 0.8 * reactive
    assert advice.max_acu == 32.0
    assert advice.confidence is not Confidence.HIGH  # four days know no weekend


@pytest.mark.slow
def test_what_happens_on_the_other_days_chooses_no_setting() -> None:
    calm = loads(3, calm=1.0, busy=2.0)
    first, second = (advice_for(calm + loads(3, calm=1.0, busy=busy)) for busy in (2.0, 30.0))
    settings = [{one.name: one.setting for one in advice.options} for advice in (first, second)]
    assert settings[0] == settings[1]


@pytest.mark.slow
def test_what_saved_nothing_on_the_other_days_is_not_recommended() -> None:
    spikes = ([1.0] * 5 + [30.0]) * (3 * SAMPLES_A_DAY // 6)
    advice = advice_for(loads(3, calm=1.0, busy=1.0) + spikes, today_acu=24.0)
    assert (advice.best, advice.saving_usd_per_month, advice.confidence) == ("today", 0.0, Confidence.LOW)


@pytest.mark.slow
def test_a_class_costs_its_price_and_serves_what_it_can() -> None:
    advice = advice_for(loads(4, calm=12.0, busy=12.0))
    provisioned = {one.name: (one.setting, round(one.usd_per_month, 2)) for one in advice.options[-3:]}
    assert provisioned == {
        "provisioned t4g": ("db.t4g.medium, on demand", round(0.073 * 730.5, 2)),
        "provisioned r6g": ("db.r6g.xlarge, on demand", round(0.519 * 730.5, 2)),
        "provisioned r7g": ("db.r7g.xlarge, on demand", round(0.553 * 730.5, 2)),
    }
    assert advice.option("provisioned r6g").throttled_work_fraction == 0.0
    assert advice.option("provisioned t4g").throttled_work_fraction > 0.5


@pytest.mark.slow
def test_todays_maximum_throttles_and_the_pause_is_chosen_where_one_is_allowed() -> None:
    idle, limits = loads(4, calm=0.0, busy=6.0), Limits(min_acu=0.5, max_acu=32.0, may_pause=True)
    advice = advice_for(idle, today_max_acu=3.0, limits=limits, region="eu-west-1")
    assert advice.option("today").throttled_work_fraction > 0.3
    assert advice.pause_after_seconds == 300
    assert not any(one.name.startswith("provisioned") for one in advice.options)


def test_a_trace_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"made has 2\.0 days of history; at least 4 whole days are needed"):
        advice_for(loads(2, calm=1.0, busy=2.0))


def test_days_that_are_alike_leave_no_doubt_and_a_single_good_one_does() -> None:
    assert interval_of_mean(np.full(9, 2.0)) == (2.0, 2.0)
    low, high = interval_of_mean(np.array([-1.0] * 8 + [12.0]))
    assert (low, high) == interval_of_mean(np.array([-1.0] * 8 + [12.0]))
    assert low < 0 < high

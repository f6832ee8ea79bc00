"""Keeping room for the demand to come, with a guard that watches the demand that is."""

from dataclasses import replace

import pytest

from autoscaler.core.decision import Advice, Grounds
from autoscaler.errors import InvalidInput
from policies.quantile import Quantile
from policies.reactive import Reactive
from tests.fakes import WIDE_LIMITS, later, make_range
from tests.policies.builders import forecast_of, seen

FULL = Quantile(
    quantile=0.95,
    target_utilization=1.0,
    guard=Reactive(target_utilization=1.0, up_window_seconds=120, down_window_seconds=600),
)
CALM = (2.0,) * 20
COMING = forecast_of({0.5: (2.0, 3.0, 3.0, 9.0), 0.95: (2.5, 6.2, 4.0, 30.0), 0.99: (3.0, 12.0, 5.0, 40.0)})


def test_the_floor_rises_to_the_forecasts_peak_before_it_comes() -> None:
    assert FULL.advise(seen(*CALM, floor_acu=2.0, forecast=COMING)) == Advice(
        range=make_range(6.5, 64.0),
        reason="the 0.95 quantile of demand over the next 15 min is 6.2 ACU (seasonal-naive)",
        grounds=Grounds.FORECAST,
    )


def test_the_target_leaves_room_above_the_forecast() -> None:
    policy = replace(FULL, target_utilization=0.8)
    assert policy.advise(seen(*CALM, forecast=COMING)).range == make_range(8.0, 64.0)


def test_what_comes_after_the_horizon_does_not_matter_yet() -> None:
    soon = replace(seen(*CALM, forecast=COMING), at=later(1.0))
    assert FULL.advise(soon).range == make_range(30.0, 64.0)
    assert replace(FULL, horizon_seconds=300).advise(seen(*CALM, forecast=COMING)).range == make_range(2.5, 64.0)


def test_the_forecast_alone_does_not_lower_a_floor_that_the_guard_keeps() -> None:
    assert FULL.advise(seen(8.0, *(2.0,) * 9, floor_acu=8.0, forecast=COMING)) == Advice(
        range=make_range(8.0, 64.0),
        reason="the 0.95 quantile of demand over the next 15 min is 6.2 ACU (seasonal-naive),"
        " less than the guard keeps: demand reached 8 ACU in the last 10 min",
        unmeasured=make_range(6.5, 64.0),
    )


def test_a_forecast_that_is_not_trusted_is_no_ground_for_growing_blind() -> None:
    doubted = replace(COMING, trusted=False)
    for demand in (CALM, (8.0, *(2.0,) * 9)):
        trusting = FULL.advise(seen(*demand, floor_acu=2.0, forecast=COMING))
        doubting = FULL.advise(seen(*demand, floor_acu=2.0, forecast=doubted))
        assert (trusting.range, trusting.without_sight) == (doubting.range, make_range(6.5, 64.0))
        assert (doubting.grounds, doubting.without_sight) == (Grounds.MEASURED, None)


def test_the_floor_comes_down_to_the_forecast_when_the_guard_agrees() -> None:
    assert FULL.advise(seen(8.0, *(2.0,) * 10, floor_acu=8.0, forecast=COMING)).range == make_range(6.5, 64.0)


def test_the_guard_grows_where_the_forecast_is_wrong() -> None:
    assert FULL.advise(seen(*CALM, 20.0, censored=True, forecast=COMING)).range == make_range(30.0, 64.0)


def test_without_a_forecast_the_guard_decides() -> None:
    assert FULL.advise(seen(*CALM, 5.0)) == Advice(
        range=make_range(5.0, 64.0),
        reason="there is no forecast: demand reached 5 ACU in the last 2 min",
    )


@pytest.mark.parametrize("minutes", [-1, 6, 20, 1000])
def test_a_forecast_that_does_not_cover_the_horizon_is_none(minutes: float) -> None:
    snapshot = replace(seen(*CALM, forecast=COMING), at=later(60.0 * minutes))
    assert FULL.advise(snapshot) == Advice(
        range=make_range(2.0, 64.0),
        reason="the forecast does not cover the next 15 min: demand reached 2 ACU in the last 2 min",
    )


def test_with_neither_forecast_nor_samples_it_knows_nothing() -> None:
    snapshot = seen(floor_acu=4.0, pause_after_seconds=600)
    assert FULL.advise(snapshot) == Advice(
        range=snapshot.status.range,
        reason="there is no forecast: no demand has been measured yet",
        known=False,
    )


def test_blind_the_forecast_may_raise_a_floor_but_not_lower_it() -> None:
    assert FULL.advise(seen(floor_acu=1.0, forecast=COMING)).range == make_range(6.5, 64.0)
    assert FULL.advise(seen(floor_acu=16.0, forecast=COMING)).range == make_range(16.0, 64.0)


@pytest.mark.parametrize(
    ("throttling_price", "floor_acu"),
    [
        (0.0, 0.5),  # throttling costs the owner nothing: left alone
        (1.0, 3.0),  # never below the median
        (3.0, 3.0),  # exactly 0.5
        (6.0, 6.5),  # 2/3: the nearest level above it
        (57.0, 6.5),  # exactly 0.95
        (60.0, 12.0),
        (1e9, 12.0),  # never above 0.995, and here never above the highest level there is
        (float("inf"), 12.0),
    ],
)
def test_without_a_quantile_the_throttling_price_names_it(throttling_price: float, floor_acu: float) -> None:
    policy = replace(FULL, quantile=None)
    advice = policy.advise(seen(*CALM, forecast=COMING, throttling_price=throttling_price))
    assert advice.range == make_range(floor_acu, 64.0)


def test_a_price_without_bound_does_not_ask_for_more_than_a_history_can_say() -> None:
    policy = replace(FULL, quantile=None)
    forecast = forecast_of({0.99: (4.0,) * 3, 0.995: (5.0,) * 3, 0.999: (50.0,) * 3})
    assert policy.advise(seen(*CALM, forecast=forecast, throttling_price=1e9)).range == make_range(5.0, 64.0)


def test_the_reason_names_the_level_that_stands_in_for_the_quantile() -> None:
    advice = replace(FULL, quantile=0.999).advise(seen(*CALM, forecast=COMING))
    assert advice.reason == "the 0.99 quantile of demand over the next 15 min is 12 ACU (seasonal-naive)"


def test_its_pause_holds_with_and_without_a_forecast() -> None:
    policy = replace(FULL, pause_after_seconds=900)
    assert policy.advise(seen(*CALM, forecast=COMING, limits=WIDE_LIMITS)).range == make_range(6.5, 64.0, 900)
    assert policy.advise(seen(*CALM, limits=WIDE_LIMITS)).range == make_range(2.0, 64.0, 900)


def test_the_ceiling_stays_and_the_floor_stops_there() -> None:
    assert FULL.advise(seen(*CALM, ceiling_acu=4.0, forecast=COMING)).range == make_range(4.0, 4.0)


def test_it_looks_as_far_back_as_its_guard() -> None:
    assert FULL.recent_seconds == 600


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"quantile": 1.0}, "quantile is 1.0; give a number at least 0.001 and at most 0.999"),
        ({"target_utilization": -1}, "target_utilization is -1; give a number above 0 and at most 4"),
        ({"horizon_seconds": 0}, "horizon_seconds is 0; give a number above 0 and at most 2.592e+06"),
        (
            {"guard": Reactive(pause_after_seconds=600)},
            (
                "guard.pause_after_seconds is 600; leave it out and give pause_after_seconds to the quantile policy,"
                " which holds with and without a forecast"
            ),
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Quantile(**settings)  # type: ignore[arg-type]
    assert str(refusal.value) == message

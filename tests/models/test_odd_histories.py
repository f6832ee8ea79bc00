"""What every forecaster promises on histories that are short, constant, odd or full of holes."""

from datetime import timedelta
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.core.ports import Forecaster
from autoscaler.errors import InvalidInput
from tests.models.forecasters import (
    DAY,
    DAYS,
    ask,
    assert_keeps_its_promises,
    daily,
    every_forecaster,
    history,
    rows,
    tail_of,
)


@every_forecaster
class TestOnAnOddHistory:
    def test_works_from_one_window(self, forecaster: Forecaster) -> None:
        forecast = ask(forecaster.fit(history([3.7])), steps=3)
        assert_keeps_its_promises(forecast, steps=3)
        assert rows(forecast) == pytest.approx(3.7)

    @pytest.mark.parametrize("level", [0.0, 1e-9, 2.5, 1e9])
    @pytest.mark.parametrize("windows", [2, 30, DAYS * DAY])
    def test_a_constant_stays_what_it_is(self, forecaster: Forecaster, windows: int, level: float) -> None:
        assert rows(ask(forecaster.fit(history(np.full(windows, level))))) == pytest.approx(level, rel=1e-6, abs=1e-12)

    @pytest.mark.parametrize("demand", [[], [nan], [nan] * 40, [inf, -1.0]])
    def test_refuses_a_history_without_a_known_window(self, forecaster: Forecaster, demand: list[float]) -> None:
        with pytest.raises(InvalidInput, match=f"none of the {len(demand)} windows"):
            forecaster.fit(history(demand))

    def test_unknown_windows_are_not_zeros(self, forecaster: Forecaster) -> None:
        demand = np.full(DAYS * DAY, 5.0)
        demand[10:40] = demand[100:160:2] = demand[-3:] = nan
        seen = history(demand)
        forecast = ask(forecaster.fit(seen))
        assert rows(forecast) == pytest.approx(5.0)
        assert forecast.start == seen.end

    def test_learns_from_what_is_known_around_gaps(self, forecaster: Forecaster) -> None:
        demand = daily()
        demand[np.random.default_rng(3).random(len(demand)) < 0.3] = nan
        demand[DAY : DAY + 20] = nan
        forecast = ask(forecaster.fit(history(demand)), steps=DAY)
        assert_keeps_its_promises(forecast, steps=DAY)
        assert 4.0 < rows(forecast)[-1].max() < 25.0

    def test_impossible_values_are_unknown(self, forecaster: Forecaster) -> None:
        odd, holes = daily(), daily()
        odd[[20, 50, -1]] = inf, -3.0, -inf
        holes[[20, 50, -1]] = nan
        assert ask(forecaster.fit(history(odd))) == ask(forecaster.fit(history(holes)))

    def test_an_outage_does_not_make_it_forget(self, forecaster: Forecaster) -> None:
        whole = np.full(3 * DAY, 4.0)
        fitted = forecaster.fit(history(whole))
        for _ in range(3):
            whole = np.append(whole, np.full(60 * DAY, nan))
            fitted = fitted.update(tail_of(whole, len(whole) - 60 * DAY))
            assert rows(ask(fitted)) == pytest.approx(4.0)
        assert ask(fitted).start == history(whole).end

    def test_an_unknown_window_is_a_window_to_look_further(self, forecaster: Forecaster) -> None:
        whole = np.append(daily(), [nan, nan])
        fitted = forecaster.fit(history(whole[:-2]))
        blind = fitted.update(tail_of(whole, len(whole) - 2))
        further = rows(ask(fitted, steps=DAY + 2))[:, 2:]
        np.testing.assert_array_equal(rows(ask(blind, steps=DAY)), further)
        assert (np.ptp(further, axis=0) > 0.0).all()

    def test_windows_left_out_are_unknown_windows(self, forecaster: Forecaster) -> None:
        whole = daily()
        whole[-6:-2] = nan
        fitted = forecaster.fit(history(whole[:-6]))
        assert ask(fitted.update(tail_of(whole, len(whole) - 2))) == ask(fitted.update(tail_of(whole, len(whole) - 6)))

    def test_refuses_news_that_do_not_follow(self, forecaster: Forecaster) -> None:
        whole = daily(8)
        fitted = forecaster.fit(history(whole))
        for early in (
            tail_of(whole, 7),
            history([1.0]),
            history([1.0], start=history(whole).end + timedelta(seconds=60)),
        ):
            with pytest.raises(InvalidInput, match="does not follow"):
                fitted.update(early)
        with pytest.raises(InvalidInput, match=r"windows of 1800.0 s cannot go on with windows of 60.0 s"):
            fitted.update(history([1.0], start=history(whole).end, step=60.0))

    @pytest.mark.parametrize("factor", [2.0**-40, 2.0**30])
    def test_knows_no_size_but_the_cluster_s_own(self, forecaster: Forecaster, factor: float) -> None:
        whole = daily()
        small, large = forecaster.fit(history(whole)), forecaster.fit(history(whole * factor))
        assert rows(ask(large)) == pytest.approx(factor * rows(ask(small)), rel=1e-6)
        small, large = (
            fitted.update(tail_of(np.append(whole, 2.0) * size, len(whole)))
            for fitted, size in ((small, 1.0), (large, factor))
        )
        assert rows(ask(large)) == pytest.approx(factor * rows(ask(small)), rel=1e-6)

    @pytest.mark.parametrize("size", [1e-12, 1e12])
    def test_stays_finite_at_any_size(self, forecaster: Forecaster, size: float) -> None:
        forecast = ask(forecaster.fit(history(daily() * size)), steps=DAY)
        assert_keeps_its_promises(forecast, steps=DAY)
        usual = rows(ask(forecaster.fit(history(daily())), steps=DAY))
        assert rows(forecast) == pytest.approx(size * usual, rel=1e-3, abs=1e-3 * size)

    @given(
        demand=st.lists(st.floats(0.0, 256.0, allow_subnormal=False) | st.just(nan), max_size=60),
        known=st.floats(0.0, 256.0, allow_subnormal=False),
        news=st.lists(st.floats(0.0, 1e4) | st.just(nan), max_size=8),
        steps=st.integers(1, 70),
    )
    @settings(max_examples=40)
    def test_keeps_its_promises_on_any_short_history(
        self, forecaster: Forecaster, demand: list[float], known: float, news: list[float], steps: int
    ) -> None:
        begin = history([*demand, known])
        fitted = forecaster.fit(begin).update(history(news, start=begin.end))
        assert_keeps_its_promises(ask(fitted, steps=steps), steps=steps)

    @given(seed=st.integers(0, 2**32 - 1))
    @settings(max_examples=6)
    def test_keeps_its_promises_on_any_kind_of_week(self, forecaster: Forecaster, seed: int) -> None:
        chance = np.random.default_rng(seed)
        demand = daily(7 * DAY, seed=seed) * chance.choice((0.0, 0.1, 1.0), size=7).repeat(DAY)
        demand += chance.choice((0.0, 40.0), size=7 * DAY, p=(0.99, 0.01))
        demand[chance.random(7 * DAY) < chance.random()] = nan
        demand[0] = 1.0
        assert_keeps_its_promises(ask(forecaster.fit(history(demand)), steps=DAY + 5), steps=DAY + 5)

"""What every forecaster promises, whatever it learned from."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError, fields
from datetime import datetime, timedelta
from importlib.metadata import entry_points
from io import BytesIO
from itertools import pairwise
from math import inf, isfinite, nan
from typing import Any, Protocol, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.errors import InvalidInput
from models.gradient_boosting import GradientBoosting
from models.holt_winters import HoltWinters
from models.last_value import LastValue
from models.seasonal_naive import SeasonalNaive
from models.state import Array, State
from tests.fakes import MONDAY

# Add a forecaster here and the whole suite runs over it.
FORECASTERS: dict[str, Forecaster] = {
    "last-value": LastValue(),
    "seasonal-naive": SeasonalNaive(),
    "holt-winters": HoltWinters(),
    "gradient-boosting": GradientBoosting(),
}
LEVELS = (0.05, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995)
STEP_SECONDS = 1800.0
DAY = 48
DAYS = 6
HEAVY = {"sklearn", "statsmodels", "scipy", "pandas"}

every_forecaster = pytest.mark.parametrize("forecaster", FORECASTERS.values(), ids=FORECASTERS)


class Stored(Protocol):
    """What can be kept without a pickle."""

    def state(self) -> State: ...


def daily(windows: int = DAYS * DAY, *, seed: int = 7) -> Array:
    """A working day with noise: some ACU at noon, next to nothing at night."""
    hours = np.arange(windows) * 24 / DAY
    chance = np.random.default_rng(seed)
    return 3.0 - 2.5 * np.cos(2 * np.pi * hours / 24) + chance.gamma(1.0, 0.4, windows)


def history(demand_acu: Array | Sequence[float], *, start: datetime = MONDAY, step: float = STEP_SECONDS) -> History:
    return History(start=start, step_seconds=step, demand_acu=np.asarray(demand_acu, dtype=np.float64))


def tail_of(demand_acu: Array, first: int) -> History:
    """The windows from index ``first`` on, at their place in time."""
    return history(demand_acu[first:], start=MONDAY + timedelta(seconds=STEP_SECONDS * first))


def ask(fitted: FittedForecaster, *, steps: int = 6, levels: tuple[float, ...] = LEVELS) -> Forecast:
    return fitted.forecast(made_at=MONDAY, steps=steps, levels=levels)


def assert_keeps_its_promises(forecast: Forecast, *, steps: int) -> None:
    assert len(forecast.demand_acu) == len(LEVELS)
    for row in forecast.demand_acu:
        assert len(row) == steps
        assert all(isfinite(value) and value >= 0 for value in row)
    for lower, higher in pairwise(forecast.demand_acu):
        assert all(low <= high for low, high in zip(lower, higher, strict=True))


def rows(forecast: Forecast) -> Array:
    return np.array(forecast.demand_acu)


def through_files(state: State) -> State:
    """Arrays through npz, the rest through JSON; nothing else is let through."""
    arrays = {key: value for key, value in state.items() if isinstance(value, np.ndarray)}
    plain = json.loads(json.dumps({key: value for key, value in state.items() if key not in arrays}, allow_nan=False))
    file = BytesIO()
    np.savez(file, **cast(dict[str, Any], arrays))
    file.seek(0)
    with np.load(file, allow_pickle=False) as loaded:
        return {**plain, **{key: loaded[key] for key in arrays}}


def restored(forecaster: Forecaster, fitted: FittedForecaster) -> FittedForecaster:
    restore = cast(Callable[[State], FittedForecaster], forecaster.restore)  # type: ignore[attr-defined]
    return restore(through_files(cast(Stored, fitted).state()))


@every_forecaster
class TestEveryForecaster:
    def test_fits_the_port(self, forecaster: Forecaster) -> None:
        assert isinstance(forecaster, Forecaster)
        assert isinstance(forecaster.fit(history([1.0])), FittedForecaster)

    def test_is_a_frozen_value_that_equals_its_like(self, forecaster: Forecaster) -> None:
        assert forecaster == type(forecaster)()
        for field in fields(cast(Any, forecaster)):
            with pytest.raises(FrozenInstanceError):
                setattr(forecaster, field.name, None)

    def test_is_found_under_the_name_its_forecasts_carry(self, forecaster: Forecaster) -> None:
        registered = {entry.name: entry.value for entry in entry_points(group="autoscaler.forecasters")}
        kind = type(forecaster)
        for demand in ([1.0], daily()):
            name = ask(forecaster.fit(history(demand))).model
            assert registered[name] == f"{kind.__module__}:{kind.__qualname__}"

    def test_says_when_it_was_made_and_starts_where_the_history_ends(self, forecaster: Forecaster) -> None:
        seen = history(daily())
        made_at = seen.end + timedelta(seconds=60)
        forecast = forecaster.fit(seen).forecast(made_at=made_at, steps=6, levels=LEVELS)
        assert forecast.made_at == made_at
        assert forecast.start == seen.end
        assert forecast.step_seconds == STEP_SECONDS
        assert forecast.levels == LEVELS

    @pytest.mark.parametrize("steps", [1, 6, DAY, 3 * DAY])
    def test_reaches_as_far_as_it_is_asked(self, forecaster: Forecaster, steps: int) -> None:
        assert_keeps_its_promises(ask(forecaster.fit(history(daily())), steps=steps), steps=steps)

    @pytest.mark.parametrize("levels", [(0.5,), (0.1, 0.2), (0.9, 0.99, 0.999)])
    def test_answers_any_levels(self, forecaster: Forecaster, levels: tuple[float, ...]) -> None:
        demand = rows(ask(forecaster.fit(history(daily())), levels=levels))
        assert demand.shape == (len(levels), 6)
        assert (np.diff(demand, axis=0) >= 0).all()

    def test_says_the_same_for_a_level_whatever_else_is_asked(self, forecaster: Forecaster) -> None:
        fitted = forecaster.fit(history(daily()))
        alone = rows(ask(fitted, levels=(0.9,)))[0]
        assert rows(ask(fitted))[LEVELS.index(0.9)] == pytest.approx(alone)

    def test_says_the_same_for_a_window_however_far_it_is_asked(self, forecaster: Forecaster) -> None:
        fitted = forecaster.fit(history(daily()))
        assert rows(ask(fitted, steps=2 * DAY))[:, :6] == pytest.approx(rows(ask(fitted, steps=6)))

    @pytest.mark.parametrize("step_seconds", [15.0, 60.0, 420.0, 3600.0, 86400.0, 200_000.0])
    def test_takes_windows_of_any_length(self, forecaster: Forecaster, step_seconds: float) -> None:
        seen = history(daily(3 * DAY), step=step_seconds)
        forecast = ask(forecaster.fit(seen))
        assert_keeps_its_promises(forecast, steps=6)
        assert forecast.start == seen.end

    @pytest.mark.parametrize("steps", [0, -1])
    def test_refuses_to_forecast_nothing(self, forecaster: Forecaster, steps: int) -> None:
        with pytest.raises(InvalidInput, match=f"{steps} steps"):
            ask(forecaster.fit(history([1.0])), steps=steps)

    @pytest.mark.parametrize("levels", [(), (0.0, 0.5), (0.5, 1.0), (0.9, 0.5), (0.5, 0.5), (nan,)])
    def test_refuses_levels_that_do_not_ascend_between_0_and_1(
        self, forecaster: Forecaster, levels: tuple[float, ...]
    ) -> None:
        with pytest.raises(InvalidInput, match="levels"):
            ask(forecaster.fit(history([1.0])), levels=levels)

    # What it knows, and when

    def test_does_not_see_the_future(self, forecaster: Forecaster) -> None:
        whole = daily()
        other = whole.copy()
        cut = len(whole) - DAY
        other[cut:] = 1000.0
        before = forecaster.fit(history(whole[:cut]))
        assert ask(forecaster.fit(history(other[:cut]))) == ask(before)
        early = ask(before)
        whole[cut:] = 500.0
        assert ask(before) == early
        assert ask(before.update(tail_of(daily()[: cut + 3], cut))) == ask(
            before.update(tail_of(whole[:cut], cut)).update(tail_of(daily()[: cut + 3], cut))
        )

    def test_forecasts_from_its_own_memory(self, forecaster: Forecaster) -> None:
        whole = daily()
        fitted = forecaster.fit(history(whole))
        longer = fitted.update(tail_of(tail := np.concatenate((whole, whole[:3])), len(whole)))
        said = ask(fitted), ask(longer)
        whole[:] = 77.0
        tail[:] = 77.0
        assert (ask(fitted), ask(longer)) == said

    def test_says_the_same_twice(self, forecaster: Forecaster) -> None:
        fitted = forecaster.fit(history(daily()))
        assert ask(fitted) == ask(fitted) == ask(forecaster.fit(history(daily())))

    def test_does_not_care_in_how_many_pieces_the_news_arrive(self, forecaster: Forecaster) -> None:
        whole = daily()
        whole[-5] = nan
        begin = len(whole) - 12
        fitted = forecaster.fit(history(whole[:begin]))
        at_once = fitted.update(tail_of(whole, begin))
        for i in range(begin, len(whole)):
            fitted = fitted.update(tail_of(whole[: i + 1], i))
        assert ask(fitted) == ask(at_once)
        assert ask(at_once).start == history(whole).end

    def test_a_later_value_leaves_the_earlier_one_alone(self, forecaster: Forecaster) -> None:
        whole = daily()
        fitted = forecaster.fit(history(whole))
        first = ask(fitted)
        high = fitted.update(tail_of(np.append(whole, 60.0), len(whole)))
        low = fitted.update(tail_of(np.append(whole, 0.1), len(whole)))
        assert ask(fitted) == first
        assert ask(high).start == ask(low).start == first.start + timedelta(seconds=STEP_SECONDS)
        assert rows(ask(high))[1, 0] > rows(ask(low))[1, 0]

    def test_no_news_change_nothing(self, forecaster: Forecaster) -> None:
        whole = daily()
        fitted = forecaster.fit(history(whole))
        assert ask(fitted.update(tail_of(whole, len(whole)))) == ask(fitted)

    def test_learns_a_new_level_without_a_new_fit(self, forecaster: Forecaster) -> None:
        fitted = forecaster.fit(history(np.full(4, 2.0)))
        later = fitted.update(history(np.full(DAY - 8, 10.0), start=MONDAY + timedelta(seconds=4 * STEP_SECONDS)))
        assert rows(ask(later))[1] == pytest.approx(10.0, rel=0.05)

    # What it is given may be little, odd or full of holes

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
        assert 4.0 < rows(forecast)[-1].max() < 20.0

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

    # What is stored

    @pytest.mark.parametrize("windows", [1, 30, DAYS * DAY])
    def test_comes_back_from_disk_as_it_was(self, forecaster: Forecaster, windows: int) -> None:
        whole = daily(windows)
        fitted = forecaster.fit(history(whole))
        whole = np.append(whole, [nan, 6.0, nan])
        later = fitted.update(tail_of(whole, windows))
        for value in (fitted, later):
            back = restored(forecaster, value)
            assert ask(back, steps=DAY) == ask(value, steps=DAY)
            news = tail_of(np.append(whole, 8.0), len(whole))
            assert ask(back.update(news)) == ask(value.update(news))

    def test_refuses_what_another_model_or_version_stored(self, forecaster: Forecaster) -> None:
        state = cast(Stored, forecaster.fit(history([1.0]))).state()
        for wrong in ({"model": "another"}, {"version": 999}, {"model": 3}):
            with pytest.raises(InvalidInput, match="fit the model anew"):
                forecaster.restore({**state, **wrong})  # type: ignore[attr-defined]

    def test_refuses_a_state_with_something_missing_or_out_of_place(self, forecaster: Forecaster) -> None:
        state = cast(Stored, forecaster.fit(history(daily(30)))).state()
        for key in state:
            without = {name: value for name, value in state.items() if name != key}
            with pytest.raises(InvalidInput, match="fit the model anew"):
                forecaster.restore(without)  # type: ignore[attr-defined]

    def test_remembers_no_more_than_35_days(self, forecaster: Forecaster) -> None:
        fitted = forecaster.fit(history(daily(50 * DAY)))
        fitted = fitted.update(tail_of(daily(90 * DAY), 50 * DAY))
        arrays = [value for value in cast(Stored, fitted).state().values() if isinstance(value, np.ndarray)]
        assert max(len(array) for array in arrays) <= 36 * DAY


def test_importing_the_forecasters_imports_nothing_heavy() -> None:
    modules = sorted({type(forecaster).__module__ for forecaster in FORECASTERS.values()})
    code = f"import sys, {', '.join(modules)}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

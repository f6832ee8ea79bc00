"""What every forecaster promises: what it says, and that it knows the past only."""

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, replace
from datetime import timedelta
from importlib.metadata import entry_points
from math import nan
from typing import Any, cast

import numpy as np
import pytest

from autoscaler.core.ports import FittedForecaster, Forecaster
from autoscaler.errors import InvalidInput
from tests.fakes import MONDAY
from tests.models.forecasters import (
    DAY,
    DAYS,
    FORECASTERS,
    HEAVY,
    LEVELS,
    STEP_SECONDS,
    ask,
    assert_keeps_its_promises,
    daily,
    every_forecaster,
    history,
    rows,
    tail_of,
)


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

    def test_refuses_settings_that_mean_nothing(self, forecaster: Forecaster) -> None:
        for field in fields(cast(Any, forecaster)):
            for nothing in (0, -1):
                with pytest.raises(InvalidInput, match=f"{field.name} of the forecaster .* must be above 0"):
                    replace(cast(Any, forecaster), **{field.name: nothing})

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

    @pytest.mark.parametrize("fitted_on", [1, DAY, DAYS * DAY - 2])
    def test_does_not_see_the_future(self, forecaster: Forecaster, fitted_on: int) -> None:
        now = DAYS * DAY - 2
        calm, wild = daily(), daily()
        wild[now:] = 1000.0
        said = [
            ask(forecaster.fit(history(demand[:fitted_on])).update(tail_of(demand[:now], fitted_on)), steps=DAY)
            for demand in (calm, wild, calm[:now].copy())
        ]
        assert said[0] == said[1] == said[2]

    def test_forecasts_from_its_own_memory(self, forecaster: Forecaster) -> None:
        whole = daily()
        seen, news = whole[:-3].copy(), whole.copy()
        fitted = forecaster.fit(history(seen))
        longer = fitted.update(tail_of(news, len(seen)))
        said = ask(fitted), ask(longer)
        seen[:] = news[:] = 77.0
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
        # It ends before the time of day that was at the old level.
        later = fitted.update(history(np.full(DAY - 16, 10.0), start=MONDAY + timedelta(seconds=4 * STEP_SECONDS)))
        assert rows(ask(later))[1] == pytest.approx(10.0, rel=0.05)


def test_importing_the_forecasters_imports_nothing_heavy() -> None:
    modules = sorted({type(forecaster).__module__ for forecaster in FORECASTERS.values()})
    code = f"import sys, {', '.join(modules)}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

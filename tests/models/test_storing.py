"""What every forecaster promises of what is stored of it."""

from math import nan
from typing import cast

import numpy as np
import pytest

from autoscaler.core.ports import Forecaster
from autoscaler.errors import InvalidInput
from tests.models.forecasters import DAY, DAYS, Stored, ask, daily, every_forecaster, history, restored, tail_of


@every_forecaster
class TestStored:
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

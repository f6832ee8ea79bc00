"""What forecasters learn from."""

from datetime import timedelta
from math import inf, nan

import numpy as np
import pytest
from numpy.typing import NDArray

from autoscaler.core.history import History
from autoscaler.errors import InvalidInput
from tests.fakes import MONDAY


def make_history(demand: list[float], step_seconds: float = 300) -> History:
    return History(start=MONDAY, step_seconds=step_seconds, demand_acu=np.array(demand, dtype=np.float64))


@pytest.mark.parametrize(
    ("demand", "known"), [([], []), ([nan, nan], []), ([1, nan, 0, inf, 3], [1, 0, 3]), ([2, 4], [2, 4])]
)
def test_only_what_was_measured_is_known(demand: list[float], known: list[float]) -> None:
    history = make_history(demand)
    assert history.known.tolist() == known
    assert len(history) == len(demand)


@pytest.mark.parametrize(("demand", "seconds"), [([], 0), ([1], 300), ([1, nan, nan], 900)])
def test_it_ends_with_its_last_window_known_or_not(demand: list[float], seconds: float) -> None:
    assert make_history(demand).end == MONDAY + timedelta(seconds=seconds)


@pytest.mark.parametrize("step_seconds", [0, -60])
def test_windows_without_a_length_are_refused(step_seconds: float) -> None:
    with pytest.raises(InvalidInput, match="is not above 0"):
        make_history([1, 2], step_seconds)


@pytest.mark.parametrize("demand", [np.zeros((2, 3)), np.zeros(())])
def test_a_matrix_is_not_a_history(demand: NDArray[np.float64]) -> None:
    with pytest.raises(InvalidInput, match="one dimension"):
        History(start=MONDAY, step_seconds=60, demand_acu=demand)

"""A saturated cluster shows a lower bound of what was wanted: that raises what is forecast, and never lowers it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from autoscaler.core.history import History
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput
from models.last_value import LastValue
from models.mixture import Mixture
from models.outlook import Outlook, OutlookSettings
from models.paths import forecast_paths
from models.state import Array
from tests.fakes import MONDAY, later
from tests.models.series import DAY, noise, quantiles, wave

LEADS, LEVELS = np.array((1, 12, DAY)), (0.5, 0.9)
NUMBER = round(MONDAY.timestamp() / 300.0)
WANTED = wave(10 * DAY) + 0.1 * noise(10 * DAY)
# From the eighth day on the ceiling is in the way.
SERVED = np.where(np.arange(10 * DAY) < 7 * DAY, WANTED, np.minimum(WANTED, 4.0))


def history_of(demand: Array, censored: NDArray[np.bool_] | None = None) -> History:
    return History(start=MONDAY, step_seconds=300.0, demand_acu=demand, censored=censored)


def highest(history: History) -> float:
    """What the median says of the largest demand of the next day."""
    return float(quantiles(Mixture().fit(history), 0.5, steps=DAY).max())


def test_days_at_the_ceiling_do_not_teach_that_no_more_is_wanted() -> None:
    assert highest(history_of(SERVED, SERVED < WANTED)) > 0.9 * highest(history_of(WANTED))
    assert highest(history_of(SERVED)) < 0.7 * highest(history_of(WANTED))


def test_a_bound_above_what_was_said_teaches_that_it_was_too_little() -> None:
    demand = 2.0 + 0.1 * noise(4 * DAY)
    demand[3 * DAY :] = 6.0
    bound = np.arange(4 * DAY) >= 3 * DAY
    assert quantiles(Mixture().fit(history_of(demand, bound)), 0.5, steps=12).min() > 5.0


def test_a_model_kept_up_to_date_says_the_same_as_a_path() -> None:
    censored = SERVED < WANTED
    path = forecast_paths(
        SERVED[None], first=NUMBER, step_seconds=300.0, leads=LEADS, levels=LEVELS, censored=censored[None]
    )[0]
    cut = 8 * DAY + 100
    fitted = Mixture().fit(history_of(SERVED[:cut], censored[:cut]))
    for end in (cut, cut + 30):
        if end > cut:
            start = later(300.0 * cut)
            tail = History(start=start, step_seconds=300.0, demand_acu=SERVED[cut:end], censored=censored[cut:end])
            fitted = fitted.update(tail)
        said = quantiles(fitted, *LEVELS, steps=DAY).T[LEADS - 1]
        np.testing.assert_allclose(said, path[end - 1], rtol=1e-5, atol=1e-5)


def test_a_window_with_a_saturated_sample_is_known_to_be_a_bound() -> None:
    outlook = Outlook(LastValue(), OutlookSettings())
    outlook.observe(
        Sample(at=later(60.0 * minute), seconds=60.0, demand_acu=2.0, censored=minute == 7) for minute in range(16)
    )
    history = outlook.fit_due()
    assert history is not None
    assert history.is_bound.tolist() == [False, True, False]


def test_refuses_marks_of_other_windows() -> None:
    with pytest.raises(InvalidInput, match="2 windows are said to be censored or not, of 3"):
        history_of(np.ones(3), np.zeros(2, dtype=np.bool_))

"""Which way to sleep is in force: the plan, until another has been clearly cheaper on the cluster's own past."""

from math import nan

import numpy as np
import pytest

from autoscaler.core.activity import Dial
from autoscaler.errors import InvalidInput
from models.habits import Habits
from models.sleeper import PLAN, WAYS, Sleeper
from models.state import Array

HOUR = 3600.0
OFFICE = [0.0] * 9 + [1.0] * 8 + [0.0] * 7


def hopeless(number: int) -> Array:
    """A model that never expects anybody: its plan sleeps at once, and meets everybody cold."""
    return np.full(number, 1e-5)


def sure(number: int) -> Array:
    """A model that always expects somebody at once: its plan never sleeps."""
    return np.full(number, 0.9)


class Lived:
    """A sleeper after some windows under such a model."""

    def __init__(self, *used: float, model: object = hopeless, price: float = 6.0, hold: float = HOUR) -> None:
        self.habits = Habits(HOUR)
        dial = Dial(cold_hit_acu_hours=price, idle_acu=1.0, held_awake_seconds=hold)
        self.sleeper = Sleeper(dial, step_seconds=HOUR)
        self.model = model
        self.go_on(*used)

    def go_on(self, *used: float) -> list[bool]:
        """Whether it was awake in each window, by the way that was in force."""
        awake = []
        for use in used:
            way, idle = self.sleeper.way, self.habits.idle
            told = self.sleeper.take(use, self.habits.take(use), idle, self.model)  # type: ignore[arg-type]
            awake.append(bool(told[way]))
        return awake

    @property
    def way(self) -> str:
        return WAYS[self.sleeper.way]


def test_a_new_cluster_follows_the_plan() -> None:
    assert Lived().sleeper.why == PLAN
    assert Lived(0.0, 0.0).way == PLAN


def test_where_the_plan_fails_the_calendar_takes_over_and_tells_why() -> None:
    lived = Lived(*OFFICE * 14)
    assert lived.way.startswith("the calendar")
    assert lived.sleeper.why.startswith(f"{lived.way}, for here it would have cost ")
    assert lived.sleeper.why.endswith(" less than the plan of late")
    assert lived.go_on(*OFFICE)[9] is True  # awake when the office opens


def test_a_plan_that_never_sleeps_gives_way_to_a_time_out() -> None:
    lived = Lived(*[*[1.0] * 12, *[0.0] * 156] * 4, model=sure, price=0.5)
    assert lived.way != PLAN
    assert not any(lived.go_on(*[0.0] * 100)[30:])


def test_the_plan_is_not_left_for_a_small_gain() -> None:
    lived = Lived()
    lived.sleeper._costs[0] = 11.0
    lived.sleeper._costs[0, 0] = 12.0
    lived.go_on(0.0, nan)
    assert lived.way == PLAN


def test_a_wake_before_use_is_charged_for_as_long_as_the_provider_holds_it_awake() -> None:
    short, long = Lived(*OFFICE * 14, 0.0), Lived(*OFFICE * 14, 0.0, hold=4 * HOUR)
    for lived in (short, long):
        lived.go_on(*[0.0] * 9 * 3)  # days on which nobody came
    calendar = WAYS.index("the calendar (50% of the days, 0.01 h)")
    assert long.sleeper._gap[0, calendar] > short.sleeper._gap[0, calendar]


def test_a_gap_in_the_metrics_ends_the_account_and_costs_nothing() -> None:
    lived = Lived(1.0, 0.0, 0.0, 0.0)
    before = lived.sleeper._gap.sum()
    assert before > 0
    lived.go_on(nan, nan)
    assert lived.sleeper._gap.sum() == 0
    assert lived.sleeper._costs.sum() == pytest.approx(before)
    lived.go_on(*[nan] * 50)
    assert lived.sleeper._costs.sum() == pytest.approx(before)


def test_a_state_of_a_version_that_knew_other_ways_is_refused() -> None:
    state = Lived(*OFFICE).sleeper.state()
    with pytest.raises(InvalidInput, match="costs of other ways to sleep; fit the model anew"):
        Lived().sleeper.restore({**state, "costs": np.zeros((2, 3))})


def test_it_comes_back_from_disk_and_goes_on_alike() -> None:
    lived, back = Lived(*OFFICE * 10), Lived()
    back.habits.restore(lived.habits.state())
    back.sleeper.restore(lived.sleeper.state())
    assert back.way == lived.way
    assert back.go_on(*OFFICE * 3) == lived.go_on(*OFFICE * 3)
    assert back.sleeper.totals.tolist() == lived.sleeper.totals.tolist()

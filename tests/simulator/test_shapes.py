"""Pulses and their dates."""

from datetime import date, time, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.simulator.noise import Dice
from autoscaler.simulator.shapes import Appointments, Every, Form, every_day, last_workday_of_month

seeds = st.integers(0, 2**63)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(seed=seeds, day=days)
def test_a_pulse_is_over_within_a_day_however_chance_stretches_it(seed: int, day: date) -> None:
    endless = Appointments(
        name="endless",
        zone="UTC",
        at=(time(23, 30),),
        on=Every(since=day, days=1000),
        height=1.0,
        form=Form(rise_minutes=5, hold_minutes=10_000, fall_minutes=30),
        spread=0.5,
    )
    next_day = endless.fraction(day + timedelta(days=1), Dice(seed=seed, workload="any"))

    assert (next_day[: 11 * 60] > 0.0).all()
    assert (next_day[13 * 60 :] == 0.0).all()


@given(seed=seeds, day=days)
def test_a_batch_that_runs_over_midnight_has_no_seam(seed: int, day: date) -> None:
    late = Appointments(
        name="late",
        zone="UTC",
        at=(time(23, 30),),
        on=every_day,
        height=1.0,
        form=Form(rise_minutes=5, hold_minutes=120, fall_minutes=30),
    )
    dice = Dice(seed=seed, workload="any")
    demand = np.concatenate([late.fraction(day + timedelta(days=index), dice) for index in range(2)])
    batch = demand[1410:1500]

    assert batch[0] == 0.0
    np.testing.assert_allclose(batch[5:], batch[5], rtol=1e-12)
    assert batch[5] > 0.0


def test_every_month_has_one_last_workday() -> None:
    every_date = [date(2026, 1, 1) + timedelta(days=index) for index in range(365)]
    found = [day for day in every_date if last_workday_of_month(day)]

    assert [day.month for day in found] == list(range(1, 13))
    assert all(day.weekday() < 5 for day in found)
    assert found[4] == date(2026, 5, 29)


def test_every_so_many_days_counts_in_both_directions() -> None:
    fortnightly = Every(since=date(2026, 1, 14), days=14)

    assert [day for day in range(1, 32) if fortnightly(date(2026, 1, day))] == [14, 28]
    assert fortnightly(date(2025, 12, 31))

"""Many samples become one that tells the same peak and the same bill."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.samples import Sample
from autoscaler.storage.entries import SeenSample
from autoscaler.storage.rollup import FIVE_MINUTES, HOUR, acu_hours, rolled_up
from tests.fakes import MONDAY, later
from tests.storage.builders import make_sample


def seen(*samples: Sample) -> list[SeenSample]:
    return [SeenSample(seen_at=one.end, sample=one) for one in samples]


def test_five_minutes_keep_their_peak_their_mean_capacity_and_that_the_truth_may_be_more() -> None:
    calm = replace(make_sample(0, 1.0), censored=False, capacity_acu=2.0, connections=3, queries_per_second=10.0)
    busy = replace(make_sample(60, 7.5), censored=True, capacity_acu=5.0, connections=9)
    lost = replace(make_sample(120, None), censored=False, capacity_acu=None, connections=None)

    (whole,) = rolled_up(seen(calm, busy, lost), FIVE_MINUTES)

    assert whole == SeenSample(
        seen_at=later(180),
        sample=Sample(
            at=MONDAY,
            seconds=300.0,
            demand_acu=7.5,
            censored=True,
            capacity_acu=3.5,
            connections=9,
            queries_per_second=10.0,
        ),
    )


def test_an_interval_without_any_sample_stays_empty() -> None:
    merged = rolled_up(seen(make_sample(0, 1.0), make_sample(900, 2.0)), FIVE_MINUTES)

    assert [one.sample.at for one in merged] == [MONDAY, later(900)]


def test_unknown_stays_unknown() -> None:
    (whole,) = rolled_up(seen(make_sample(0, None), make_sample(60, None)), FIVE_MINUTES)

    assert whole.sample.demand_acu is None


def test_a_sample_that_is_as_long_already_stays_as_it_is() -> None:
    odd = seen(replace(make_sample(30, 1.0), seconds=300.0))

    assert rolled_up(odd, FIVE_MINUTES) == odd


@given(st.lists(st.floats(0, 100) | st.none(), min_size=1, max_size=180))
def test_rolling_up_twice_is_rolling_up_once_and_no_capacity_is_lost(demands: list[float | None]) -> None:
    minutes = seen(*(make_sample(60.0 * turn, demand) for turn, demand in enumerate(demands)))
    fives = rolled_up(minutes, FIVE_MINUTES)

    assert rolled_up(fives, FIVE_MINUTES) == fives
    assert [one.sample for one in rolled_up(fives, HOUR)] == [one.sample for one in rolled_up(minutes, HOUR)]
    whole = len(minutes) - len(minutes) % 5
    assert acu_hours(rolled_up(minutes[:whole], FIVE_MINUTES)) == pytest.approx(acu_hours(minutes[:whole]))

"""What of a simulated cluster can be seen, when, and what not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.samples import Sample
from autoscaler.simulator.meter import Meter
from autoscaler.simulator.profiles import Measuring
from tests.fakes import MONDAY, later

START = MONDAY.timestamp()
PLAIN = Measuring(delay_seconds=60.0)


class Watch:
    """A meter and its clock."""

    def __init__(self, settings: Measuring = PLAIN, seed: int = 0) -> None:
        self.meter = Meter(settings, at=START, rng=np.random.default_rng(seed))
        self.now = START

    def live(
        self,
        seconds: float,
        *,
        served: float = 1.0,
        arrived: float | None = None,
        capacity_acu: float = 2.0,
        connections: int = 3,
        measured: bool = True,
        step: float = 15.0,
    ) -> None:
        """``served`` and ``arrived`` are per second."""
        for _ in range(round(seconds / step)):
            self.meter.add(
                seconds=step,
                served=served * step,
                arrived=(served if arrived is None else arrived) * step,
                capacity_acu=capacity_acu,
                connections=connections,
                measured=measured,
            )
            self.now += step

    def seen(self, after: Sample | None = None) -> list[Sample]:
        return self.meter.visible(now=self.now, after=after.at if after else None)

    def all(self) -> list[Sample]:
        return self.meter.visible(now=self.now + 1e6, after=None)


def test_a_sample_sums_up_its_period() -> None:
    watch = Watch()
    watch.live(30.0, served=1.0, capacity_acu=2.0, connections=7)
    watch.live(30.0, served=2.0, capacity_acu=4.0, connections=3)
    assert watch.all() == [Sample(at=MONDAY, seconds=60.0, demand_acu=1.5, capacity_acu=3.0, connections=7)]


def test_a_sample_is_visible_from_its_end_and_the_delay_on() -> None:
    watch = Watch()
    watch.live(105.0)
    assert watch.seen() == []
    watch.live(15.0)
    assert [sample.at for sample in watch.seen()] == [MONDAY]


def test_samples_come_oldest_first_and_only_new_ones_are_told() -> None:
    watch = Watch()
    watch.live(300.0)
    found = watch.seen()
    assert [sample.at for sample in found] == [later(60 * minute) for minute in range(4)]
    assert watch.seen(after=found[1]) == found[2:]
    assert watch.seen(after=found[3]) == []


@pytest.mark.parametrize("step", [0.3, 1.0, 7.5, 15.0, 60.0])
def test_steps_that_fit_a_period_make_whole_periods(step: float) -> None:
    watch = Watch()
    watch.live(600.0, step=step)
    assert [sample.at.replace(microsecond=0) for sample in watch.all()] == [later(60 * n) for n in range(10)]
    assert [sample.seconds for sample in watch.all()] == pytest.approx([60.0] * 10)


def test_steps_that_do_not_fit_make_longer_periods_that_follow_each_other() -> None:
    watch = Watch()
    watch.live(300.0, step=25.0)
    assert [(sample.at, sample.seconds) for sample in watch.all()] == [(later(75 * n), 75.0) for n in range(4)]


def test_a_gap_is_absent_and_not_zero() -> None:
    watch = Watch()
    watch.live(60.0)
    watch.live(15.0, measured=False)
    watch.live(105.0)
    assert [sample.at for sample in watch.all()] == [MONDAY, later(120)]
    assert {sample.demand_acu for sample in watch.all()} == {1.0}


def test_a_paused_cluster_is_known_to_need_nothing() -> None:
    watch = Watch()
    watch.live(60.0, served=0.0, capacity_acu=0.0, connections=0)
    assert watch.all() == [Sample(at=MONDAY, seconds=60.0, demand_acu=0.0, capacity_acu=0.0, connections=0)]


def test_waiting_work_counts_as_demand_where_it_is_seen() -> None:
    watch = Watch()
    watch.live(60.0, served=2.0, arrived=5.0, capacity_acu=2.0)
    (sample,) = watch.all()
    assert (sample.demand_acu, sample.censored) == (5.0, False)


def test_the_same_work_waits_once_and_is_no_demand_when_it_is_served_late() -> None:
    watch = Watch()
    watch.live(60.0, served=2.0, arrived=3.0, capacity_acu=2.0)
    watch.live(60.0, served=2.0, arrived=1.0, capacity_acu=2.0)
    assert [sample.demand_acu for sample in watch.all()] == [3.0, 1.0]


UNSEEN = replace(PLAIN, sees_waiting_work=False)


@pytest.mark.parametrize(("served", "censored"), [(1.0, False), (1.89, False), (1.9, True), (2.0, True)])
def test_where_waiting_work_is_unseen_a_saturated_sample_is_a_lower_bound(served: float, censored: bool) -> None:
    watch = Watch(UNSEEN)
    watch.live(60.0, served=served, arrived=5.0, capacity_acu=2.0)
    (sample,) = watch.all()
    assert sample.demand_acu == pytest.approx(served)
    assert sample.censored is censored


def test_unseen_work_in_front_of_a_cluster_that_resumes_all_the_while_is_no_idleness() -> None:
    watch = Watch(UNSEEN)
    watch.live(60.0, served=0.0, arrived=5.0, capacity_acu=0.0)
    watch.live(60.0, served=0.0, arrived=0.0, capacity_acu=0.0)
    assert [(sample.demand_acu, sample.censored) for sample in watch.all()] == [(0.0, True), (0.0, False)]


def test_some_points_go_missing_and_the_others_stay_true() -> None:
    watch = Watch(replace(PLAIN, missing_fraction=0.25))
    watch.live(60.0 * 2000, step=60.0)
    assert len(watch.all()) == pytest.approx(1500, abs=60)
    assert {sample.demand_acu for sample in watch.all()} == {1.0}


def test_a_late_sample_is_found_by_who_asks_again_from_before_it() -> None:
    watch = Watch(replace(PLAIN, delay_jitter_seconds=300.0), seed=3)
    newest, told, overtaken = None, [], 0
    for _ in range(200):
        watch.live(60.0, step=60.0)
        found = watch.seen(after=newest)
        told += found
        assert [sample.at for sample in found] == sorted(sample.at for sample in found)
        overtaken += len(watch.seen()) > len(told)
        newest = found[-1] if found else newest
    assert overtaken > 0
    assert len(watch.all()) == 200


@given(
    st.lists(st.tuples(st.floats(0.0, 50.0), st.booleans()), max_size=80),
    st.floats(0.0, 600.0),
    st.floats(0.0, 0.9),
    st.integers(0, 9),
)
def test_no_sample_comes_early_and_none_tells_of_a_gap(
    minutes: list[tuple[float, bool]], jitter: float, missing: float, seed: int
) -> None:
    watch = Watch(Measuring(delay_seconds=60.0, delay_jitter_seconds=jitter, missing_fraction=missing), seed)
    for demand, measured in minutes:
        watch.live(60.0, served=demand, capacity_acu=50.0, measured=measured, step=60.0)
        assert all(sample.end.timestamp() + 60.0 <= watch.now for sample in watch.seen())
    for sample in watch.all():
        demand, measured = minutes[round((sample.at.timestamp() - START) / 60)]
        assert measured
        assert sample.demand_acu == pytest.approx(demand)

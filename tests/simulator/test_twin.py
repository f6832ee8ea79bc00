"""A twin costs what the cluster it stands for would have cost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.capacity import Range
from autoscaler.core.samples import Sample
from autoscaler.core.tally import Tally
from autoscaler.simulator.spec import ClusterSpec
from autoscaler.simulator.twin import LONGEST_HOLE_SECONDS, Twin
from tests.fakes import MONDAY, later, make_range, make_samples
from tests.simulator.builders import PAUSE_SECONDS, PUNCTUAL, make_cluster

LOW, HIGH = make_range(0.5, 16.0), make_range(4.0, 16.0)
DEMANDS = st.lists(st.none() | st.floats(0.0, 20.0), min_size=1, max_size=30)


def spec(held: Range = LOW, **others: object) -> ClusterSpec:
    return ClusterSpec(cluster_id="orders", profile=PUNCTUAL, range=held, **others)  # type: ignore[arg-type]


def samples(*demand_acu: float | None) -> tuple[Sample, ...]:
    """A minute each, from Monday morning on."""
    return make_samples(demand_acu, until=later(60 * len(demand_acu)))


def lived(*demand_acu: float | None, held: Range = LOW) -> Tally:
    seen = samples(*demand_acu)
    twin = Twin(spec(held), seen[0])
    twin.live(seen)
    return twin.take()


def test_costs_what_a_cluster_under_the_same_load_and_range_costs() -> None:
    demand = [1.0] * 10 + [6.0] * 20 + [1.0] * 30
    cluster = make_cluster(ceiling_acu=16.0, demand_acu=1.0)
    acu_seconds = throttled = 0.0
    for load in demand:
        for _ in range(4):
            cluster.step(load, seconds=15.0)
            acu_seconds += cluster.capacity_acu * 15
            throttled += cluster.throttled_acu_seconds
    tally = lived(*demand)
    assert tally.acu_hours == pytest.approx(acu_seconds / 3600)
    assert tally.throttled_acu_hours == pytest.approx(throttled / 3600)
    assert tally.throttled_acu_hours > 0
    assert tally.work_acu_hours == pytest.approx(sum(demand) / 60)


def test_a_changed_range_waits_for_its_moment() -> None:
    seen = samples(*[1.0] * 10)
    twin = Twin(spec(), seen[0])
    twin.live(seen[:5])
    twin.apply(HIGH, later(7 * 60))
    assert (twin.status().range, twin.status().changed_at) == (HIGH, later(7 * 60))
    twin.live(seen[5:7])
    assert twin.take().changes == 0
    twin.live(seen[7:])
    tally = twin.take()
    assert (tally.changes, twin.status().ready_acu) == (1, 4.0)
    assert tally.acu_hours == pytest.approx(3 * 4 / 60)


def test_what_was_not_measured_is_lived_through_but_does_not_count() -> None:
    assert lived(2.0, None, None, 2.0).seconds == 120
    assert lived(None, None) == Tally()


def test_a_hole_in_the_samples_does_not_count_either() -> None:
    seen = samples(*[2.0] * 10)
    whole, holed = Twin(spec(), seen[0]), Twin(spec(), seen[0])
    whole.live(seen)
    holed.live(seen[:2] + seen[6:])
    assert holed.take().acu_hours == pytest.approx(whole.take().acu_hours * 0.6)


def test_a_hole_of_days_is_jumped_over_on_the_range_in_force() -> None:
    seen = samples(1.0, 1.0)
    after = replace(seen[0], at=seen[1].end + timedelta(seconds=LONGEST_HOLE_SECONDS + 60))
    twin = Twin(spec(), seen[0])
    twin.apply(HIGH, MONDAY)
    twin.live((*seen, after))
    assert (twin.status().range, twin.take().seconds) == (HIGH, 180)


def test_repeated_samples_are_lived_through_once() -> None:
    seen = samples(1.0, 2.0)
    twin = Twin(spec(), seen[0])
    twin.live((*seen, *seen))
    assert twin.take().seconds == 120


def test_a_client_that_meets_the_twin_asleep_is_counted() -> None:
    asleep = make_range(0.0, 16.0, PAUSE_SECONDS)
    assert lived(*[0.0] * 20, 1.0, held=asleep).cold_hits == 1


def test_every_serverless_instance_costs() -> None:
    seen = samples(*[0.3] * 10)
    alone, three = Twin(spec(), seen[0]), Twin(spec(readers=(1, 1), reader_share=0.5), seen[0])
    alone.live(seen)
    three.live(seen)
    assert three.take().acu_hours == pytest.approx(3 * alone.take().acu_hours)


def test_a_range_that_the_twin_does_not_know_changes_nothing() -> None:
    seen = samples(1.0, 1.0)
    twin = Twin(spec(), seen[0])
    twin.apply(make_range(0.7, 16.0), MONDAY)
    twin.live(seen)
    assert (twin.status().range, twin.take().changes) == (LOW, 0)


@given(DEMANDS, st.integers(0, 30))
def test_it_does_not_matter_how_many_samples_come_at_once(demand_acu: list[float | None], cut: int) -> None:
    seen = samples(*demand_acu)
    once, twice = Twin(spec(), seen[0]), Twin(spec(), seen[0])
    once.live(seen)
    twice.live(seen[:cut])
    first = twice.take()
    twice.live(seen[cut:])
    both, whole = first + twice.take(), once.take()
    assert both.acu_hours == pytest.approx(whole.acu_hours)
    assert both.throttled_acu_hours == pytest.approx(whole.throttled_acu_hours)
    assert both.seconds == whole.seconds


def test_throttling_is_told_of_work_only() -> None:
    assert Tally().throttled_work_fraction is None
    assert Tally(work_acu_hours=4, throttled_acu_hours=1).throttled_work_fraction == 0.25

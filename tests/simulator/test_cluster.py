"""A cluster and its control plane: ranges, their changes, connections."""

from dataclasses import replace

import pytest

from autoscaler.core.capacity import Phase, Range
from autoscaler.errors import ClusterBusy, ClusterError, InvalidInput
from autoscaler.simulator.profiles import Connecting
from tests.fakes import later, make_range
from tests.simulator.builders import (
    HOUR,
    PAUSE_SECONDS,
    PUNCTUAL,
    asleep,
    live,
    make_cluster,
    phase_of,
    told,
)


def test_it_starts_settled_at_the_demand_inside_the_range() -> None:
    assert make_cluster(demand_acu=3.0).capacity_acu == 4.0
    assert make_cluster(demand_acu=100.0).capacity_acu == 16.0
    assert make_cluster(floor_acu=2.0).capacity_acu == 2.0


def test_its_own_time_moves_by_its_steps_only() -> None:
    cluster = make_cluster()
    start = cluster.now
    live(cluster, 1.0, 60.0)
    assert cluster.now == later(60, start)


def test_a_change_is_in_force_at_once_and_told_by_the_status() -> None:
    cluster = make_cluster()
    live(cluster, 1.0, 60.0)
    cluster.apply(make_range(4.0, 8.0))
    status = cluster.status()
    assert (status.range, status.changed_at) == (make_range(4.0, 8.0), cluster.now)
    assert live(cluster, 1.0, 5.0) == [4.0]
    assert cluster.status().ready_acu == 4.0


def test_a_second_change_is_refused_while_the_first_keeps_the_control_plane_busy() -> None:
    cluster = make_cluster()
    cluster.apply(make_range(1.0, 16.0))
    live(cluster, 1.0, 25.0)
    with pytest.raises(ClusterBusy, match="orders"):
        cluster.apply(make_range(2.0, 16.0))
    assert cluster.range == make_range(1.0, 16.0)
    live(cluster, 1.0, 5.0)
    cluster.apply(make_range(2.0, 16.0))
    assert cluster.range == make_range(2.0, 16.0)


def test_asking_for_the_range_in_force_changes_nothing() -> None:
    cluster = asleep()
    cluster.apply(cluster.range)
    assert phase_of(cluster) is Phase.PAUSED
    assert cluster.status().changed_at is None
    cluster.apply(make_range(1.0, 16.0))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (make_range(0.75, 16.0), "floor of 0.75"),
        (make_range(0.5, 16.2), "ceiling of 16.2"),
        (make_range(0.5, 0.5), "at least 1 ACU"),
        (make_range(0.5, 256.5), "ends at 256 ACU"),
    ],
)
def test_a_range_the_provider_does_not_have_is_refused(wanted: Range, why: str) -> None:
    cluster = make_cluster()
    with pytest.raises(ClusterError, match=why):
        cluster.apply(wanted)
    assert cluster.range == make_range(0.5, 16.0)
    with pytest.raises(InvalidInput, match=why):
        make_cluster(floor_acu=wanted.floor_acu, ceiling_acu=wanted.ceiling_acu)


def test_a_lowered_ceiling_is_reached_when_the_load_allows_it() -> None:
    cluster = make_cluster(demand_acu=11.0)
    cluster.apply(make_range(0.5, 4.0))
    live(cluster, 1.0, HOUR)
    assert cluster.capacity_acu == 1.5
    live(cluster, 100.0, 2 * HOUR)
    assert cluster.capacity_acu == 4.0
    assert cluster.range == make_range(0.5, 4.0)


def test_a_lowered_ceiling_that_the_load_does_not_let_through_is_rolled_back_and_told() -> None:
    cluster = make_cluster(demand_acu=11.0)
    cluster.apply(make_range(0.5, 4.0))
    capacities = live(cluster, 11.0, 2 * HOUR)
    assert set(capacities) == {15.0}
    assert cluster.range == make_range(0.5, 4.0)
    live(cluster, 11.0, 5.0)
    assert cluster.range == make_range(0.5, 16.0)
    assert cluster.status().changed_at == later(-5, cluster.now)
    assert told(cluster) == ["the lowered range could not be reached; back to 0.5 to 16 ACU"]


def test_of_several_lowerings_the_first_range_comes_back() -> None:
    cluster = make_cluster(demand_acu=11.0)
    cluster.apply(make_range(0.5, 8.0))
    live(cluster, 11.0, 300.0)
    cluster.apply(make_range(0.5, 4.0))
    live(cluster, 11.0, 2 * HOUR + 5.0)
    assert cluster.range == make_range(0.5, 16.0)


def test_a_ceiling_raised_again_ends_the_lowering() -> None:
    cluster = make_cluster(demand_acu=11.0)
    cluster.apply(make_range(0.5, 4.0))
    live(cluster, 11.0, 300.0)
    cluster.apply(make_range(0.5, 32.0))
    live(cluster, 11.0, 3 * HOUR)
    assert cluster.range == make_range(0.5, 32.0)


def test_a_larger_load_than_its_connections_carry_is_refused_and_counts_as_throttled() -> None:
    profile = replace(PUNCTUAL, connecting=Connecting(per_acu=1000.0))
    cluster = make_cluster(profile, floor_acu=1.0, ceiling_acu=4.0, demand_acu=0.5)
    live(cluster, 1.646, 60.0)  # twice 823 connections
    assert cluster.throttled_acu_seconds == pytest.approx(5.0 * 0.823)
    assert cluster.served_acu_seconds == pytest.approx(5.0 * 0.823)
    live(cluster, 0.8, 120.0)
    assert cluster.throttled_acu_seconds == 0.0
    assert max(sample.connections or 0 for sample in cluster.samples_since(None)) == 823


def test_a_new_maximum_moves_max_connections_with_the_next_start_only() -> None:
    cluster = make_cluster(floor_acu=0.0, ceiling_acu=4.0, pause=PAUSE_SECONDS)
    assert (cluster.writer.most_connections, cluster.needs_reboot) == (823, False)
    cluster.apply(make_range(0.0, 8.0, PAUSE_SECONDS))
    live(cluster, 0.0, 60.0)
    assert (cluster.writer.most_connections, cluster.needs_reboot) == (823, True)
    live(cluster, 0.0, HOUR)
    assert phase_of(cluster) is Phase.PAUSED
    live(cluster, 1.0, 60.0)
    assert (cluster.writer.most_connections, cluster.needs_reboot) == (1669, False)

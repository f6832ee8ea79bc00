"""Failover: who inherits, how long it takes, and what becomes of the others."""

from dataclasses import replace
from typing import Any

import pytest

from autoscaler.core.capacity import Phase
from autoscaler.errors import ClusterBusy
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.instance import Instance
from autoscaler.simulator.profiles import Caching, Sleeping
from tests.fakes import later, make_range
from tests.simulator.builders import (
    HOUR,
    PAUSE_SECONDS,
    PUNCTUAL,
    all_asleep,
    capacities,
    live,
    live_until,
    make_cluster,
    phase_of,
    phases,
    told,
    waiting_and_given_up,
)


def failed_over(**settings: Any) -> tuple[SimulatedCluster, Instance, float]:
    """The cluster after a failover, its former writer, and how long it was down."""
    cluster = make_cluster(**{"demand_acu": 8.0, **settings})
    former = cluster.writer
    cluster.fail_over()
    down = live_until(cluster, 8.0, lambda: cluster.phase is not Phase.UNAVAILABLE)
    return cluster, former, down


def test_a_reader_takes_over_within_a_minute() -> None:
    cluster, former, down = failed_over(readers=(1,), reader_share=0.5)
    assert 30 <= down <= 61
    assert cluster.readers == (former,)
    assert told(cluster) == ["failover started", "orders-2 is the writer"]


@pytest.mark.parametrize(("tiers", "heir"), [((3, 2, 2), "orders-3"), ((15, 0, 1), "orders-3"), ((1, 1), "orders-2")])
def test_the_lowest_tier_takes_over_and_of_equal_ones_the_first(tiers: tuple[int, ...], heir: str) -> None:
    cluster, former, _ = failed_over(readers=tiers, reader_share=0.3)
    assert cluster.writer.name == heir
    assert former in cluster.readers
    assert len(cluster.readers) == len(tiers)


def test_of_equal_tiers_the_awake_reader_takes_over() -> None:
    cluster = make_cluster(readers=(2, 2), reader_share=0.0, demand_acu=3.0)
    cluster.readers[0].fall_asleep()
    cluster.fail_over()
    assert cluster.writer.name == "orders-3"


def test_tiers_stay_with_their_instances() -> None:
    cluster, former, _ = failed_over(readers=(2,), reader_share=0.2)
    assert (cluster.writer.tier, former.tier) == (2, 1)
    live(cluster, 8.0, 1200.0)
    # Once it follows the new writer the former one is as large, although it has little to do.
    assert capacities(cluster) == [9.0, 9.0]


def test_a_small_heir_has_to_grow_first() -> None:
    cluster, _, _ = failed_over(readers=(2,), reader_share=0.1)
    assert cluster.writer.capacity_acu < 5.0
    live(cluster, 8.0, 600.0)
    assert cluster.writer.capacity_acu == 10.0


def test_the_former_writer_starts_again_with_a_cold_cache_and_a_new_role() -> None:
    cluster = make_cluster(
        replace(PUNCTUAL, caching=Caching(working_set_gib=5.0)),
        readers=(15,),
        reader_share=0.1,
        writer_tier=5,
        demand_acu=8.0,
    )
    former = cluster.writer
    assert former.warm_gib == 5.0
    cluster.fail_over()
    assert (former.capacity_acu, former.warm_gib) == (0.0, 0.0)
    live(cluster, 8.0, 1800.0)
    assert former.nap is not cluster.nap
    assert former.capacity_acu == 2.0  # 0.8 ACU of reading, half as much again since not all of it fits
    assert cluster.nap is cluster.writer.nap


def test_work_waiting_at_an_endpoint_is_done_by_who_takes_it_over() -> None:
    cluster = make_cluster(readers=(1,), demand_acu=2.0)
    former = cluster.writer
    cluster.step(20.0, seconds=5.0)
    waiting = cluster.writer.queue.backlog_acu_seconds
    assert waiting > 0
    cluster.fail_over()
    assert cluster.writer.queue.backlog_acu_seconds == waiting
    assert former.queue.backlog_acu_seconds == 0.0


@pytest.mark.parametrize(("readers", "writer_tier"), [((2,), 1), ((1,), 2), ((2, 3), 4)])
def test_after_a_failover_the_groups_are_new_and_sleep_in_their_order(
    readers: tuple[int, ...], writer_tier: int
) -> None:
    cluster, *_ = failed_over(readers=readers, writer_tier=writer_tier, floor_acu=0.0, pause=PAUSE_SECONDS)
    for _ in range(1000):
        cluster.step(0.0, seconds=5.0)
        lone = [reader.nap.phase for reader in cluster.readers if reader.tier > 1]
        assert cluster.phase is Phase.AVAILABLE or set(lone) <= {Phase.PAUSED}
    assert set(phases(cluster)) == {Phase.PAUSED}


def test_a_failing_cluster_has_nothing_ready() -> None:
    cluster = make_cluster(readers=(1,), demand_acu=8.0)
    cluster.fail_over()
    assert cluster.status().ready_acu == 0.0
    assert cluster.writer.capacity_acu == 11.0


def test_while_its_only_reader_restarts_the_reader_endpoint_leads_to_the_writer() -> None:
    cluster = make_cluster(readers=(1,), reader_share=0.5, demand_acu=8.0)
    former = cluster.writer
    cluster.fail_over()
    cluster.step(8.0, seconds=5.0)
    assert (cluster.writer.arrived_acu_seconds, former.arrived_acu_seconds) == (40.0, 0.0)
    live(cluster, 8.0, 300.0)
    assert (cluster.writer.arrived_acu_seconds, former.arrived_acu_seconds) == (20.0, 20.0)


def test_the_other_readers_serve_on_during_a_failover() -> None:
    cluster = make_cluster(readers=(1, 2), reader_share=0.5, demand_acu=8.0)
    cluster.fail_over()
    cluster.step(8.0, seconds=5.0)
    assert [reader.served_acu_seconds for reader in cluster.readers] == [0.0, 20.0]
    assert cluster.served_acu_seconds == 20.0


def test_a_sleeping_heir_has_to_resume_first() -> None:
    slow = replace(PUNCTUAL, sleeping=Sleeping(resume_sigma=0.0, resume_median_seconds=200.0))
    cluster = make_cluster(slow, readers=(2,), floor_acu=0.0, pause=PAUSE_SECONDS, demand_acu=3.0)
    live(cluster, 3.0, HOUR)
    assert cluster.readers[0].asleep
    cluster.fail_over()
    assert live_until(cluster, 3.0, lambda: cluster.phase is not Phase.UNAVAILABLE) == 200.0
    live(cluster, 3.0, 300.0)
    assert cluster.writer.name == "orders-2"
    assert not cluster.writer.asleep
    assert cluster.backlog_acu_seconds == 0.0


def test_a_sleeping_cluster_survives_a_failover() -> None:
    cluster = all_asleep(readers=(2, 1), reader_share=0.5, writer_tier=3)
    cluster.fail_over()
    assert phases(cluster) == [Phase.RESUMING] * 3
    live(cluster, 1.0, 120.0)
    assert phases(cluster) == [Phase.AVAILABLE] * 3
    assert all(capacity >= 0.5 for capacity in capacities(cluster))
    live_until(cluster, 0.0, lambda: set(phases(cluster)) == {Phase.PAUSED}, step=5.0)
    assert live(cluster, 0.0, 5.0) == [0.0]


def test_a_cluster_without_readers_is_made_anew_within_ten_minutes() -> None:
    cluster = make_cluster(demand_acu=4.0)
    live(cluster, 4.0, 300.0)
    cluster.fail_over()
    assert (phase_of(cluster), cluster.status().ready_acu) == (Phase.UNAVAILABLE, 0.0)
    down = live_until(cluster, 4.0, lambda: cluster.phase is not Phase.UNAVAILABLE)
    assert 300 <= down <= 601
    assert told(cluster) == ["failover started", "orders-1 is the writer"]
    live(cluster, 4.0, 300.0)
    assert cluster.backlog_acu_seconds == 0.0
    assert waiting_and_given_up(cluster) == pytest.approx(4.0 * (down - 60.0), rel=0.1)


def test_an_outage_is_a_hole_in_the_metrics_and_not_idleness() -> None:
    cluster = make_cluster(demand_acu=4.0)
    cluster.fail_over()
    down = live_until(cluster, 4.0, lambda: cluster.phase is not Phase.UNAVAILABLE)
    live(cluster, 4.0, 300.0, step=1.0)
    samples = cluster.samples_since(None)
    assert samples[0].at >= later(down - 60)
    assert [sample.demand_acu for sample in samples] == pytest.approx([4.0] * len(samples))


def test_nothing_is_changed_and_nothing_fails_twice_during_a_failover() -> None:
    cluster = make_cluster()
    cluster.fail_over()
    with pytest.raises(ClusterBusy):
        cluster.apply(make_range(1.0, 16.0))
    with pytest.raises(ClusterBusy):
        cluster.fail_over()

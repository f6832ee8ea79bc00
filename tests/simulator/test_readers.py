"""Readers: who follows the writer, who sleeps for itself, and who serves what."""

from dataclasses import replace

import pytest

from autoscaler.core.capacity import Phase
from autoscaler.errors import InvalidInput
from autoscaler.simulator.blockers import EVERYWHERE, PauseBlocker
from autoscaler.simulator.profiles import AURORA_V2, SIZED_15MIN, Connecting
from tests.simulator.builders import (
    HOUR,
    PAUSE_SECONDS,
    PUNCTUAL,
    all_asleep,
    capacities,
    live,
    live_until,
    make_cluster,
    phases,
    told,
)

# Size and load


def test_a_cluster_has_fifteen_readers_at_most() -> None:
    cluster = make_cluster(readers=tuple(range(1, 16)), reader_share=0.5, demand_acu=30.0)
    live(cluster, 30.0, 60.0)
    assert len(cluster.readers) == 15
    with pytest.raises(InvalidInput, match="16 readers"):
        make_cluster(readers=(1,) * 16)


@pytest.mark.parametrize(
    "spec", [{"readers": (16,)}, {"readers": (-1,)}, {"writer_tier": 16}, {"readers": (1,), "reader_share": 1.5}]
)
def test_tiers_and_shares_that_cannot_be_are_refused(spec: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        make_cluster(**spec)  # type: ignore[arg-type]


def test_the_two_endpoints_split_the_load_and_the_readers_share_theirs_evenly() -> None:
    cluster = make_cluster(readers=(1, 2, 3), reader_share=0.75, demand_acu=8.0)
    cluster.step(8.0, seconds=5.0)
    assert [member.served_acu_seconds for member in (cluster.writer, *cluster.readers)] == [10.0] * 4
    assert cluster.served_acu_seconds == 40.0
    assert cluster.capacity_acu == sum(member.mean_acu for member in (cluster.writer, *cluster.readers))


def test_without_readers_the_writer_serves_everything() -> None:
    cluster = make_cluster(reader_share=0.75, demand_acu=8.0)
    cluster.step(8.0, seconds=5.0)
    assert cluster.writer.served_acu_seconds == 40.0


@pytest.mark.parametrize("tier", [0, 1])
def test_a_reader_of_the_first_two_tiers_is_never_smaller_than_the_writer(tier: int) -> None:
    cluster = make_cluster(readers=(tier,), demand_acu=0.3)
    for demand in (0.3, 9.0, 3.0, 12.0, 0.0):
        for _ in range(60):
            cluster.step(demand, seconds=15.0)
            assert cluster.readers[0].capacity_acu == cluster.writer.capacity_acu


def test_a_following_reader_with_much_to_do_is_larger_than_the_writer() -> None:
    cluster = make_cluster(readers=(1,), reader_share=0.9, demand_acu=10.0)
    assert capacities(cluster) == [1.5, 12.0]
    live(cluster, 10.0, 600.0)
    assert capacities(cluster) == [1.5, 12.0]


def test_a_reader_follows_a_resized_writer_at_once() -> None:
    cluster = make_cluster(SIZED_15MIN, readers=(1,), demand_acu=0.3)
    live(cluster, 6.0, 900.0)
    assert capacities(cluster) == [8.0, 8.0]


@pytest.mark.parametrize("tier", [2, 15])
def test_a_reader_of_a_higher_tier_has_its_own_size_inside_the_range(tier: int) -> None:
    cluster = make_cluster(readers=(tier,), reader_share=0.1, floor_acu=0.5, ceiling_acu=8.0, demand_acu=5.0)
    live(cluster, 5.0, 60.0)
    assert capacities(cluster) == [6.0, 1.0]
    live(cluster, 50.0, 1200.0)
    assert capacities(cluster) == [8.0, 7.0]


def test_the_samples_tell_of_the_busiest_instance() -> None:
    cluster = make_cluster(readers=(2, 3), reader_share=0.8, demand_acu=10.0)
    live(cluster, 10.0, 300.0)
    assert {(sample.demand_acu, sample.capacity_acu) for sample in cluster.samples_since(None)} == {(4.0, 5.5)}


def test_each_instance_has_its_own_connections() -> None:
    profile = replace(AURORA_V2, connecting=Connecting(per_acu=1000.0))
    cluster = make_cluster(profile, readers=(1, 2), reader_share=0.5, floor_acu=1.0, ceiling_acu=4.0, demand_acu=2.0)
    live(cluster, 1.6, 180.0)
    assert cluster.throttled_acu_seconds == 0.0
    assert cluster.samples_since(None)[0].connections == 1600
    live(cluster, 2.0, 60.0)
    assert cluster.throttled_acu_seconds == pytest.approx(5.0 * (1.0 - 0.823))


@pytest.mark.parametrize(("share", "connections"), [(0.0, 5), (1.0, 10), (0.5, 15)])
def test_idle_connections_are_kept_open_at_the_endpoints_in_use_only(share: float, connections: int) -> None:
    profile = replace(PUNCTUAL, connecting=Connecting(idle=5))
    cluster = make_cluster(profile, readers=(2, 3), reader_share=share, floor_acu=0.0, pause=PAUSE_SECONDS)
    live(cluster, 0.0, HOUR)
    assert cluster.samples_since(None)[-1].connections == connections
    sleeping = [Phase.PAUSED] * 2 if share == 0.0 else [Phase.AVAILABLE] * 2
    assert phases(cluster) == [Phase.AVAILABLE, *sleeping]


# Sleep


def test_the_writer_and_its_followers_sleep_and_wake_together() -> None:
    cluster = all_asleep(readers=(0, 1), reader_share=0.5)
    assert capacities(cluster) == [0.0] * 3
    assert cluster.capacity_acu == 0.0
    live(cluster, 1.0, 15.0)
    assert set(phases(cluster)) == {Phase.AVAILABLE}
    live(cluster, 1.0, 5.0)
    assert capacities(cluster) == [2.0] * 3
    assert cluster.nap.wakes == 1


def test_a_client_of_a_following_reader_keeps_the_writer_awake() -> None:
    cluster = make_cluster(readers=(1,), reader_share=1.0, floor_acu=0.0, pause=PAUSE_SECONDS)
    live(cluster, 0.2, HOUR)
    assert set(phases(cluster)) == {Phase.AVAILABLE}


def test_the_writer_pauses_only_when_every_lone_reader_sleeps() -> None:
    cluster = make_cluster(readers=(2, 3), reader_share=1.0, floor_acu=0.0, pause=PAUSE_SECONDS)
    live(cluster, 0.2, HOUR)
    assert phases(cluster) == [Phase.AVAILABLE] * 3
    assert "awake-reader" in cluster.pause_blockers
    both = live_until(cluster, 0.0, lambda: phases(cluster)[1:] == [Phase.PAUSED] * 2, step=5.0)
    assert both == 305.0
    assert phases(cluster)[0] is Phase.AVAILABLE
    live(cluster, 0.0, 5.0)
    assert phases(cluster)[0] is Phase.PAUSING


def test_a_lone_reader_that_nobody_reads_from_sleeps_beside_a_busy_writer() -> None:
    cluster = make_cluster(readers=(2,), floor_acu=0.0, pause=PAUSE_SECONDS, demand_acu=3.0)
    live(cluster, 3.0, HOUR)
    assert phases(cluster) == [Phase.AVAILABLE, Phase.PAUSED]
    assert cluster.capacity_acu == 4.0


def test_resuming_a_lone_reader_wakes_the_writer() -> None:
    cluster = all_asleep(readers=(2,), reader_share=1.0)
    live(cluster, 1.0, 30.0)
    assert phases(cluster) == [Phase.AVAILABLE] * 2
    assert (cluster.nap.wakes, cluster.readers[0].nap.wakes) == (1, 1)
    assert cluster.nap.cold_hits == 0  # nobody waits for the writer
    assert cluster.readers[0].nap.cold_hits == 1
    assert told(cluster)[-4:] == [
        "orders-1: paused to resuming",
        "orders-2: paused to resuming",
        "orders-1: resuming to available",
        "orders-2: resuming to available",
    ]


def test_a_client_of_the_writer_does_not_wake_a_lone_reader() -> None:
    cluster = all_asleep(readers=(2,))
    live(cluster, 1.0, 60.0)
    assert phases(cluster) == [Phase.AVAILABLE, Phase.PAUSED]


def test_an_administrator_wakes_everybody() -> None:
    cluster = all_asleep(readers=(1, 2))
    cluster.read_logs()
    live(cluster, 0.0, 20.0)
    assert phases(cluster) == [Phase.AVAILABLE] * 3
    assert told(cluster).count("woken by an administrator") == 1


@pytest.mark.parametrize("blocker", list(PauseBlocker))
def test_some_blockers_keep_the_lone_readers_awake_too(blocker: PauseBlocker) -> None:
    cluster = make_cluster(readers=(1, 2), floor_acu=0.0, pause=PAUSE_SECONDS, blockers=(blocker,))
    live(cluster, 0.0, HOUR)
    lone = Phase.AVAILABLE if blocker in EVERYWHERE else Phase.PAUSED
    assert phases(cluster) == [Phase.AVAILABLE, Phase.AVAILABLE, lone]
    assert cluster.pause_blockers[0] is blocker

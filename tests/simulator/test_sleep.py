"""How a cluster falls asleep, what wakes it and what keeps it awake."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from autoscaler.core.capacity import Phase
from autoscaler.simulator.blockers import PauseBlocker
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.profiles import Connecting
from tests.fakes import make_range
from tests.simulator.builders import (
    HOUR,
    PAUSE_SECONDS,
    PUNCTUAL,
    asleep,
    live,
    live_until,
    make_cluster,
    phase_of,
    told,
    waiting_and_given_up,
)


def test_a_paused_cluster_costs_nothing_and_is_known_to_need_nothing() -> None:
    cluster = asleep()
    paused_at = cluster.now
    assert set(live(cluster, 0.0, HOUR)) == {0.0}
    assert cluster.status().ready_acu == cluster.served_acu_seconds == 0.0
    samples = cluster.samples_since(paused_at)
    assert len(samples) == 58
    assert {(sample.demand_acu, sample.capacity_acu, sample.connections) for sample in samples} == {(0.0, 0.0, 0)}


def test_a_client_wakes_it_and_its_work_waits_for_the_resume() -> None:
    cluster = asleep()
    capacities = live(cluster, 1.0, 30.0)
    assert capacities == [0.0, 0.0, 0.0, 2.0, 2.0, 2.0]
    assert (cluster.nap.wakes, cluster.nap.cold_hits, cluster.nap.cold_wait_seconds) == (1, 1, 15.0)
    live(cluster, 1.0, 30.0)
    assert waiting_and_given_up(cluster) == 0.0


def test_its_events_tell_the_whole_way_down_and_up() -> None:
    cluster = asleep()
    live(cluster, 1.0, 60.0)
    assert told(cluster) == [
        "orders-1: available to pausing",
        "orders-1: pausing to paused",
        "orders-1: paused to resuming",
        "orders-1: resuming to available",
    ]
    assert [event.at for event in cluster.events] == sorted(event.at for event in cluster.events)


def test_one_idle_connection_keeps_it_awake() -> None:
    cluster = make_cluster(replace(PUNCTUAL, connecting=Connecting(idle=1)), floor_acu=0.0, pause=PAUSE_SECONDS)
    live(cluster, 0.0, HOUR)
    assert cluster.phase is Phase.AVAILABLE
    assert cluster.pause_blockers == ("user-connections",)


def needs_it_awake(cluster: SimulatedCluster) -> None:
    cluster.block_pause(PauseBlocker.MAINTENANCE)
    cluster.unblock_pause(PauseBlocker.MAINTENANCE)


WAKES: dict[str, Callable[[SimulatedCluster], object]] = {
    "a new range": lambda cluster: cluster.apply(make_range(0.0, 8.0, PAUSE_SECONDS)),
    "a floor lowered to 0": lambda cluster: cluster.apply(make_range(0.0, 16.0, PAUSE_SECONDS)),
    "reading its logs": SimulatedCluster.read_logs,
    "a failover": SimulatedCluster.fail_over,
    "something that needs it awake": needs_it_awake,
}


@pytest.mark.parametrize("what", WAKES)
def test_what_an_administrator_does_wakes_it_for_twenty_minutes(what: str) -> None:
    cluster = asleep(floor_acu=0.5 if "lowered" in what else 0.0)
    WAKES[what](cluster)
    live_until(cluster, 0.0, lambda: cluster.phase is Phase.AVAILABLE)
    assert cluster.nap.wakes == 1
    assert "administrative-wake" in cluster.pause_blockers
    awake = live_until(cluster, 0.0, lambda: cluster.phase is Phase.PAUSING)
    # The resume's own seconds, or those of the failover, are no time awake.
    assert awake == pytest.approx(1200.0, abs=1.0) if what != "a failover" else 600.0 <= awake <= 1200.0
    assert "orders-1: resuming to available" in told(cluster)


def test_a_connection_attempt_without_any_work_wakes_it_and_lets_it_doze_off_as_usual() -> None:
    cluster = asleep()
    cluster.knock()
    live_until(cluster, 0.0, lambda: cluster.phase is Phase.AVAILABLE)
    assert (cluster.nap.wakes, cluster.nap.cold_hits) == (1, 1)
    assert live_until(cluster, 0.0, lambda: cluster.phase is Phase.PAUSING) == PAUSE_SECONDS


def test_reading_the_logs_tells_the_events_so_far() -> None:
    cluster = asleep()
    assert [event.message for event in cluster.read_logs()][-2:] == [
        "woken by an administrator",
        "orders-1: paused to resuming",
    ]


def test_a_cluster_that_may_not_pause_never_does() -> None:
    for cluster in (
        make_cluster(floor_acu=0.0),
        make_cluster(
            replace(PUNCTUAL, sleeping=replace(PUNCTUAL.sleeping, may_pause=False)), floor_acu=0.0, pause=PAUSE_SECONDS
        ),
    ):
        assert set(live(cluster, 0.0, HOUR)) == {0.5}


@pytest.mark.parametrize("blocker", list(PauseBlocker))
def test_a_blocked_cluster_never_pauses_raises_nothing_and_tells_once_why(blocker: PauseBlocker) -> None:
    cluster = make_cluster(floor_acu=0.0, pause=PAUSE_SECONDS, blockers=(blocker,))
    assert set(live(cluster, 0.0, HOUR)) == {0.5}
    assert cluster.pause_blockers == (blocker,)
    assert told(cluster) == [f"cannot pause: {blocker}"]
    cluster.unblock_pause(blocker)
    live(cluster, 0.0, 10.0)
    assert phase_of(cluster) is Phase.PAUSED


def test_the_blockers_are_a_closed_list() -> None:
    with pytest.raises(ValueError, match="none-of-ours"):
        PauseBlocker("none-of-ours")


def test_every_idle_stretch_that_would_have_ended_in_a_pause_is_told() -> None:
    cluster = make_cluster(floor_acu=0.0, pause=PAUSE_SECONDS)
    cluster.block_pause(PauseBlocker.RDS_PROXY)
    for _ in range(2):
        live(cluster, 0.0, 600.0)
        live(cluster, 1.0, 60.0)
    assert told(cluster) == ["cannot pause: rds-proxy"] * 2

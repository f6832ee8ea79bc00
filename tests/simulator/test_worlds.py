"""Whatever happens to a cluster: no work is lost, capacity keeps to its range, chance comes from the seed."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.core.capacity import Range
from autoscaler.errors import ClusterBusy
from autoscaler.simulator.blockers import PauseBlocker
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.profiles import AURORA_V2, Changing, Climbing, Measuring, Profile
from tests.simulator.builders import (
    PAUSE_SECONDS,
    PUNCTUAL,
    live,
    make_cluster,
    waiting_and_given_up,
)

STEPS = st.lists(
    st.tuples(
        st.just(0.0) | st.floats(0.0, 40.0, allow_subnormal=False),
        st.sampled_from((1.0, 15.0, 60.0, 300.0)),
        st.sampled_from(("", "", "", "", "apply", "fail over", "knock", "read logs", "block", "unblock")),
        st.integers(0, 16),
    ),
    max_size=50,
)
HOLES = replace(AURORA_V2, measuring=Measuring(missing_fraction=0.3, delay_jitter_seconds=60.0))
SHAPES: dict[str, dict[str, Any]] = {
    "alone": {},
    "alone, climbing to a raised floor": {"profile": replace(AURORA_V2, changing=Changing(floor_jumps=False))},
    "alone and pausing": {"floor_acu": 0.0, "pause": 60},
    "with readers": {"readers": (0, 1, 2, 15), "reader_share": 0.6},
    "with lone readers only": {"readers": (3,), "reader_share": 1.0, "floor_acu": 0.0, "pause": 60},
    "with readers and pausing": {"readers": (1, 2), "reader_share": 0.3, "floor_acu": 0.0, "pause": 60},
}


def happen(cluster: SimulatedCluster, what: str, acu: int) -> None:
    try:
        if what == "apply":
            cluster.apply(Range(floor_acu=acu / 2, ceiling_acu=acu / 2 + 4, pause_after_seconds=60))
        elif what == "fail over":
            cluster.fail_over()
    except ClusterBusy:
        return
    if what == "knock":
        cluster.knock()
    elif what == "read logs":
        cluster.read_logs()
    elif what == "block":
        cluster.block_pause(PauseBlocker.ZERO_ETL)
    elif what == "unblock":
        cluster.unblock_pause(PauseBlocker.ZERO_ETL)


@pytest.mark.parametrize("shape", SHAPES)
@given(steps=STEPS)
def test_no_work_is_lost_or_invented_whatever_happens(shape: str, steps: list[tuple[float, float, str, int]]) -> None:
    cluster = make_cluster(**SHAPES[shape])
    arrived = served = throttled = 0.0
    for demand_acu, seconds, what, acu in steps:
        happen(cluster, what, acu)
        cluster.step(demand_acu, seconds=seconds)
        assert 0 <= cluster.served_acu_seconds <= cluster.capacity_acu * seconds * (1 + 1e-9)
        assert 0 <= cluster.throttled_acu_seconds <= demand_acu * seconds * (1 + 1e-9)
        arrived += demand_acu * seconds
        served += cluster.served_acu_seconds
        throttled += cluster.throttled_acu_seconds
    assert served + waiting_and_given_up(cluster) == pytest.approx(arrived, rel=1e-9, abs=1e-9)
    assert throttled >= waiting_and_given_up(cluster) - 1e-6


@pytest.mark.parametrize("shape", SHAPES)
@given(steps=STEPS)
def test_capacity_stays_inside_the_range_but_for_the_documented_ways_there(
    shape: str, steps: list[tuple[float, float, str, int]]
) -> None:
    cluster = make_cluster(**SHAPES[shape])
    jumps = cluster.spec.profile.changing.floor_jumps
    for demand_acu, seconds, what, acu in steps:
        happen(cluster, what, acu)
        before = {member.name: member.capacity_acu for member in (cluster.writer, *cluster.readers)}
        above = max(before.values())
        cluster.step(demand_acu, seconds=seconds)
        for member in (cluster.writer, *cluster.readers):
            if member.asleep:  # or down
                assert member.capacity_acu == 0.0
                continue
            # Above a lowered ceiling nothing grows any more; below a raised floor it only grows.
            assert member.capacity_acu <= max(cluster.range.ceiling_acu, above)
            if jumps and member.mean_acu > 0.0:
                assert member.capacity_acu >= max(cluster.range.floor_acu, 0.5)
            elif member.capacity_acu < cluster.range.floor_acu:
                assert member.capacity_acu >= min(before[member.name], 2.0)


def world(profile: Profile, seed: int, **settings: Any) -> tuple[object, ...]:
    cluster = make_cluster(profile, seed=seed, **settings)
    capacities: list[float] = []
    for _ in range(6):
        capacities += live(cluster, 0.0, 900.0)
        capacities += live(cluster, 6.0, 300.0)
    return capacities, cluster.samples_since(None), list(cluster.events)


def test_the_same_seed_gives_the_same_world() -> None:
    settings: dict[str, Any] = {"floor_acu": 0.0, "pause": PAUSE_SECONDS}
    assert world(HOLES, 7, **settings) == world(HOLES, 7, **settings)


def test_another_seed_differs_where_there_is_chance_and_nowhere_else() -> None:
    assert world(AURORA_V2, 1) == world(AURORA_V2, 2)
    one, other = (world(HOLES, seed) for seed in (1, 2))
    assert one[0] == other[0]
    assert one[1] != other[1]
    one, other = (world(AURORA_V2, seed, floor_acu=0.0, pause=PAUSE_SECONDS) for seed in (1, 2))
    assert one != other


def test_a_cluster_that_sleeps_meets_the_same_holes_in_its_metrics() -> None:
    punctual = replace(HOLES, measuring=replace(HOLES.measuring, delay_jitter_seconds=0.0))
    found = []
    for pause in (None, PAUSE_SECONDS):
        cluster = make_cluster(punctual, floor_acu=0.0, pause=pause, seed=3)
        for _ in range(3):
            live(cluster, 0.0, 900.0)
            live(cluster, 6.0, 300.0)
        found.append([sample.at for sample in cluster.samples_since(None)])
    assert found[0] == found[1]
    assert 30 < len(found[0]) < 50


def test_a_climbing_capacity_may_be_between_grains_and_a_settled_one_is_on_one() -> None:
    cluster = make_cluster(replace(PUNCTUAL, dynamics=Climbing(bucket_acu=0.0)), demand_acu=1.0)
    climbing = live(cluster, 8.0, 60.0)
    assert any(capacity % 0.5 for capacity in climbing)
    assert live(cluster, 8.0, 600.0)[-1] == 11.0

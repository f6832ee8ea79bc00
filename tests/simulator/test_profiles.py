"""The kinds of clusters: data that makes sense, and a day in the life of each."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from math import inf, nan, pi, sin
from typing import Any

import numpy as np
import pytest

from autoscaler.core.capacity import Phase, Range
from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from autoscaler.simulator.profiles import (
    AURORA_V1,
    PROFILES,
    SIZED_15MIN,
    Climbing,
    Connecting,
    Failing,
    Measuring,
    Profile,
    Resizing,
    Sleeping,
    find_profile,
)
from tests.fakes import MONDAY, make_range
from tests.simulator.builders import HOUR, live, make_cluster, waiting_and_given_up

EVERY_PROFILE = sorted(PROFILES)
STEP = 15.0


def test_the_kinds_that_were_promised_exist_under_their_names() -> None:
    assert EVERY_PROFILE == [
        "aurora-v1",
        "aurora-v2",
        "aurora-v2-platform-4",
        "local-postgres",
        "neon-like",
        "sized-15min",
        "sized-15s",
    ]
    assert all(profile.name == name for name, profile in PROFILES.items())


def test_an_unknown_kind_is_told_which_ones_there_are() -> None:
    assert find_profile("aurora-v1") is AURORA_V1
    with pytest.raises(UnknownName, match="neon-like"):
        find_profile("aurora-v3")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Climbing(refill_acu_per_second=0.0), r"Climbing\.refill_acu_per_second is 0.0; give a number above 0"),
        (lambda: Climbing(target_utilization=0.0), "above 0"),
        (lambda: Climbing(bucket_acu=-1.0), r"bucket_acu is -1.0; give 0 or more"),
        (lambda: Climbing(bucket_acu=nan), "bucket_acu is nan"),
        (lambda: Resizing(missed_scaling_points_fraction=1.5), "a fraction"),
        (lambda: Sleeping(resume_median_seconds=0.0), "above 0"),
        (lambda: Measuring(period_seconds=0.0), "period_seconds"),
        (lambda: Connecting(engine="oracle"), "mysql, postgresql"),
        (lambda: Failing(alone_seconds=(600.0, 300.0)), "the shorter one first"),
        (lambda: Failing(alone_seconds=(0.0, inf)), "the shorter one first"),
        (lambda: replace(AURORA_V1, step_acu=0.0), "step_acu"),
    ],
)
def test_nonsense_is_refused_with_its_name_and_value(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make()


def parts(value: Any) -> list[Any]:
    inner = [getattr(value, item.name) for item in fields(value)]
    return [value, *(part for each in inner if is_dataclass(each) for part in parts(each))]


@pytest.mark.parametrize("name", EVERY_PROFILE)
def test_a_profile_is_a_frozen_value_all_the_way_down(name: str) -> None:
    for part in parts(PROFILES[name]):
        with pytest.raises(AttributeError):
            setattr(part, fields(part)[0].name, 1.0)
    assert len({PROFILES[name], replace(PROFILES[name])}) == 1


def a_day(seed: int = 1) -> list[float]:
    """A wave up to 12 ACU by day, silence from 2 to 4 at night, and bursts."""
    rng = np.random.default_rng(seed)
    steps = round(24 * HOUR / STEP)
    wave = [6.0 - 6.0 * sin(2 * pi * (step / steps + 0.25)) for step in range(steps)]
    bursts = rng.gamma(0.3, 2.0, steps) * (rng.random(steps) < 0.2)
    silence = range(round(2 * HOUR / STEP), round(4 * HOUR / STEP))
    return [0.0 if step in silence else wave[step] + float(bursts[step]) for step in range(steps)]


@pytest.mark.parametrize("name", EVERY_PROFILE)
@pytest.mark.parametrize("pause", [None, 300])
def test_every_kind_lives_through_a_day(name: str, pause: int | None) -> None:
    profile, demand = replace(PROFILES[name], measuring=Measuring()), a_day()
    held = Range(floor_acu=0.0 if pause else 1.0, ceiling_acu=32.0, pause_after_seconds=pause)
    cluster = SimulatedCluster(ClusterSpec(cluster_id="orders", profile=profile, range=held), at=MONDAY, demand_acu=6.0)
    served = throttled = 0.0
    phases = set()
    for demand_acu in demand:
        cluster.step(demand_acu, seconds=STEP)
        phases.add(cluster.phase)
        served += cluster.served_acu_seconds
        throttled += cluster.throttled_acu_seconds
        assert 0.0 <= cluster.capacity_acu <= held.ceiling_acu
        assert cluster.writer.asleep or cluster.writer.capacity_acu >= max(held.floor_acu, profile.step_acu)
        assert cluster.writer.asleep is (cluster.phase in (Phase.PAUSED, Phase.RESUMING))
        assert cluster.served_acu_seconds <= cluster.capacity_acu * STEP + 1e-9
        assert 0.0 <= cluster.throttled_acu_seconds <= demand_acu * STEP + 1e-9
    assert served + waiting_and_given_up(cluster) == pytest.approx(sum(demand) * STEP)
    assert throttled < 0.5 * sum(demand) * STEP
    assert (Phase.PAUSED in phases) is (pause is not None)
    samples = cluster.samples_since(None)
    assert len(samples) == 24 * 60 - 1
    assert sum(sample.demand_acu or 0.0 for sample in samples) * 60 == pytest.approx(sum(demand) * STEP, rel=0.01)


def calm(profile: Profile) -> Profile:
    dynamics = profile.dynamics
    assert isinstance(dynamics, Resizing)
    return replace(profile, dynamics=replace(dynamics, missed_scaling_points_fraction=0.0))


def changes(capacities: list[float], step: float) -> list[tuple[float, float, float]]:
    """When, from what, to what."""
    return [
        (number * step, before, after)
        for number, (before, after) in enumerate(pairwise(capacities), 2)
        if before != after
    ]


def sizes(cluster: SimulatedCluster, demand: list[float], step: float = STEP) -> list[float]:
    found = []
    for demand_acu in demand:
        cluster.step(demand_acu, seconds=step)
        found.append(cluster.writer.capacity_acu)
    return found


def test_aurora_v1_only_ever_doubles_or_halves_and_cools_down_in_between() -> None:
    cluster = make_cluster(calm(AURORA_V1), floor_acu=1.0, ceiling_acu=64.0, demand_acu=0.5)
    moves = changes(sizes(cluster, a_day()), STEP)
    assert {after / before for _, before, after in moves} == {2.0, 0.5}
    for (earlier, *_), (later, before, after) in pairwise(moves):
        assert later - earlier >= 45.0 - STEP
        assert after > before or later - earlier >= 900.0


def test_a_sized_cluster_needs_a_quarter_of_an_hour_for_each_resize() -> None:
    cluster = make_cluster(SIZED_15MIN, floor_acu=0.5, ceiling_acu=64.0, demand_acu=0.5)
    moves = changes(sizes(cluster, a_day()), STEP)
    assert len(moves) > 10
    assert all(later[0] - earlier[0] >= 900.0 for earlier, later in pairwise(moves))


def test_a_faster_kind_throttles_less() -> None:
    late = {}
    for name in ("neon-like", "aurora-v2-platform-4", "aurora-v2", "sized-15min"):
        cluster = make_cluster(PROFILES[name], floor_acu=1.0, ceiling_acu=32.0, demand_acu=0.5)
        late[name] = 0.0
        for _ in range(240):
            cluster.step(12.0, seconds=STEP)
            late[name] += cluster.throttled_acu_seconds
    assert late["neon-like"] == late["aurora-v2-platform-4"] == 0.0
    assert 0.0 < late["aurora-v2"] < 0.5 * late["sized-15min"]


def test_the_smallest_step_differs_by_kind() -> None:
    for name, grain in (("aurora-v1", 1.0), ("aurora-v2", 0.5), ("neon-like", 0.25)):
        cluster = make_cluster(PROFILES[name], floor_acu=0.0, ceiling_acu=8.0)
        live(cluster, 0.0, 60.0)
        assert cluster.capacity_acu == grain
        cluster.apply(make_range(grain, 8.0))

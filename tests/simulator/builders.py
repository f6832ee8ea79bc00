"""Simulated clusters for tests, with sensible defaults, and ways to let time pass."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autoscaler.core.capacity import Phase
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from autoscaler.simulator.instance import Instance
from autoscaler.simulator.profiles import AURORA_V2, Profile, Sleeping
from tests.fakes import MONDAY, make_range

PAUSE_SECONDS = 300
HOUR = 3600.0
MUCH = 1000.0
# Resumes take exactly 15 s (35 s from deep sleep).
PUNCTUAL = replace(AURORA_V2, sleeping=Sleeping(resume_sigma=0.0))


def make_cluster(
    profile: Profile = PUNCTUAL,
    *,
    floor_acu: float = 0.5,
    ceiling_acu: float = 16.0,
    pause: int | None = None,
    demand_acu: float = 0.0,
    **spec: Any,
) -> SimulatedCluster:
    held = make_range(floor_acu, ceiling_acu, pause)
    return SimulatedCluster(
        ClusterSpec(cluster_id="orders", profile=profile, range=held, **spec), at=MONDAY, demand_acu=demand_acu
    )


def live(cluster: SimulatedCluster, demand_acu: float, seconds: float, *, step: float = 5.0) -> list[float]:
    """The cluster's capacity in each step of a stretch of constant demand."""
    capacities = []
    for _ in range(round(seconds / step)):
        cluster.step(demand_acu, seconds=step)
        capacities.append(cluster.capacity_acu)
    return capacities


def live_until(cluster: SimulatedCluster, demand_acu: float, done: Callable[[], bool], *, step: float = 1.0) -> float:
    """How many seconds of constant demand it took."""
    for number in range(100_000):
        if done():
            return number * step
        cluster.step(demand_acu, seconds=step)
    raise AssertionError("it never happened")


def asleep(profile: Profile = PUNCTUAL, **settings: Any) -> SimulatedCluster:
    """A cluster that has just fallen asleep."""
    cluster = make_cluster(profile, floor_acu=settings.pop("floor_acu", 0.0), pause=PAUSE_SECONDS, **settings)
    live_until(cluster, 0.0, lambda: cluster.phase is Phase.PAUSED, step=5.0)
    return cluster


def phase_of(cluster: SimulatedCluster) -> Phase:
    """Asked through a function, since mypy believes that an attribute stays what it was."""
    return cluster.phase


def told(cluster: SimulatedCluster) -> list[str]:
    return [event.message for event in cluster.events]


class Box:
    """An instance, its range and its clock."""

    def __init__(
        self, profile: Profile, acu: float, *, floor: float = 1.0, ceiling: float = 32.0, seed: int = 0
    ) -> None:
        self.instance = Instance(profile, capacity_acu=acu, tier=1, rng=np.random.default_rng(seed))
        self.floor, self.ceiling = floor, ceiling
        self.now = 0.0

    def live(self, demand_acu: float, seconds: float, step: float = 1.0) -> list[float]:
        sizes = []
        for _ in range(round(seconds / step)):
            self.instance.step(
                now=self.now, seconds=step, demand_acu=demand_acu, floor_acu=self.floor, ceiling_acu=self.ceiling
            )
            self.now += step
            sizes.append(self.instance.capacity_acu)
        return sizes

    def seconds_until(self, acu: float, demand_acu: float) -> float:
        start = self.now
        while self.instance.capacity_acu > acu and self.now < start + 7200:
            self.live(demand_acu, 1.0)
        return self.now - start


def waiting_and_given_up(cluster: SimulatedCluster) -> float:
    """ACU-seconds that arrived and were not served."""
    members = (cluster.writer, *cluster.readers)
    return sum(member.queue.backlog_acu_seconds + member.queue.timed_out_acu_seconds for member in members)


def phases(cluster: SimulatedCluster) -> list[Phase]:
    return [member.nap.phase for member in (cluster.writer, *cluster.readers)]


def capacities(cluster: SimulatedCluster) -> list[float]:
    return [member.capacity_acu for member in (cluster.writer, *cluster.readers)]


def all_asleep(**settings: Any) -> SimulatedCluster:
    """A cluster with readers, all of them asleep."""
    cluster = make_cluster(PUNCTUAL, floor_acu=0.0, pause=PAUSE_SECONDS, **settings)
    live_until(cluster, 0.0, lambda: set(phases(cluster)) == {Phase.PAUSED}, step=5.0)
    live(cluster, 0.0, 5.0)
    return cluster

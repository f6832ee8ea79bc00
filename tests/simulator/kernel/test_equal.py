"""The compiled cluster and the simulated one live the same life, step by step."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoscaler.core.capacity import Range
from autoscaler.errors import ClusterBusy, InvalidInput
from autoscaler.simulator.cluster import ClusterSpec, SimulatedCluster
from autoscaler.simulator.kernel.compiling import MODULES, compiled
from autoscaler.simulator.kernel.paths import RangePath, follow
from autoscaler.simulator.profiles import AURORA_V2, PROFILES, Caching, Changing, Connecting, Profile
from tests.fakes import MONDAY

STEP_SECONDS = 15.0
CACHING = replace(AURORA_V2, name="caching", caching=Caching(working_set_gib=6.0, refill_gib_per_second=0.01))
POOLED = replace(AURORA_V2, name="pooled", connecting=Connecting(idle=5, per_acu=400.0))
BY_BUCKET = replace(AURORA_V2, name="by-bucket", changing=Changing(floor_jumps=False, busy_seconds=90.0))
IMPATIENT = replace(AURORA_V2, name="impatient", client_timeout_seconds=10.0)
KINDS = {**PROFILES, **{kind.name: kind for kind in (CACHING, POOLED, BY_BUCKET, IMPATIENT)}}


@cache
def plain(name: str) -> Callable[..., Any]:
    """The very functions that are compiled, as Python runs them."""
    found: list[FunctionType] = [vars(module)[name] for module in MODULES if name in vars(module)]
    return found[0]


@st.composite
def lives(draw: st.DrawFn) -> tuple[ClusterSpec, RangePath, np.ndarray, int]:
    """A cluster, a path of ranges that it takes, and a load with idle stretches and floods."""
    profile = draw(st.sampled_from(sorted(KINDS.values(), key=lambda kind: kind.name)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    levels = np.where(rng.random(12) < 0.4, 0.0, rng.gamma(1.0, 6.0, 12))
    demand = np.repeat(levels, rng.integers(1, 90, 12))[:400]
    every = draw(st.sampled_from((1, 4, 20)))
    turns = -(-len(demand) // every)
    changing = rng.random(turns) < draw(st.sampled_from((0.0, 0.05, 0.5)))
    path = ranges_of(profile, np.cumsum(changing), rng)
    first = Range(
        floor_acu=float(path.floor_acu[0]),
        ceiling_acu=float(path.ceiling_acu[0]),
        pause_after_seconds=None if np.isinf(path.pause_after_seconds[0]) else int(path.pause_after_seconds[0]),
    )
    seed = draw(st.integers(0, 1000))
    return ClusterSpec(cluster_id="orders", profile=profile, range=first, seed=seed), path, demand, every


def ranges_of(profile: Profile, which: np.ndarray, rng: np.random.Generator) -> RangePath:
    """One of several random ranges at each turn, on the profile's grain."""
    count = int(which[-1]) + 1
    grain = profile.step_acu
    floors = rng.integers(0, 12, count) * grain
    ceilings = np.maximum(floors, profile.least_ceiling_acu) + rng.integers(0, 30, count) * grain
    pauses = rng.choice([np.inf, 60.0, 300.0], count)
    return RangePath(floor_acu=floors[which], ceiling_acu=ceilings[which], pause_after_seconds=pauses[which])


def simulated(spec: ClusterSpec, path: RangePath, demand: np.ndarray, every: int) -> np.ndarray:
    """The same by the simulator; a row for each step."""
    cluster = SimulatedCluster(spec, at=MONDAY, demand_acu=float(demand[0]))
    phases, rows = tuple(type(cluster.phase)), []
    for step, acu in enumerate(demand.tolist()):
        if step % every == 0:
            pause = path.pause_after_seconds[step // every]
            wanted = Range(
                floor_acu=float(path.floor_acu[step // every]),
                ceiling_acu=float(path.ceiling_acu[step // every]),
                pause_after_seconds=None if np.isinf(pause) else int(pause),
            )
            with suppress(ClusterBusy):
                cluster.apply(wanted)
        held = cluster.range
        cluster.step(acu, seconds=STEP_SECONDS)
        nap = cluster.nap
        done = (cluster.backlog_acu_seconds, cluster.served_acu_seconds, cluster.throttled_acu_seconds)
        rows.append(
            (
                held.floor_acu,
                held.ceiling_acu,
                phases.index(cluster.phase),
                *done,
                cluster.capacity_acu,
                nap.wakes,
                nap.cold_hits,
                nap.cold_wait_seconds,
                cluster.pages_read,
            )
        )
    return np.array(rows, dtype=float)


def assert_same_life(life: tuple[ClusterSpec, RangePath, np.ndarray, int], find: Callable[..., Any]) -> None:
    spec, path, demand, every = life
    ours = follow(spec, path, demand, step_seconds=STEP_SECONDS, steps_per_turn=every, find=find)
    rows = np.column_stack([getattr(ours, name) for name in type(ours).__slots__])
    np.testing.assert_allclose(rows, simulated(spec, path, demand, every), rtol=1e-9, atol=1e-9)


@given(life=lives())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_the_plain_functions_live_the_simulators_life(life: Any) -> None:
    assert_same_life(life, plain)


@pytest.mark.slow
@given(life=lives())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_the_compiled_functions_live_the_simulators_life(life: Any) -> None:
    assert_same_life(life, compiled)


def test_a_cluster_with_readers_is_refused() -> None:
    spec = ClusterSpec(
        cluster_id="orders", profile=AURORA_V2, range=Range(floor_acu=1.0, ceiling_acu=8.0), readers=(1,)
    )
    path = RangePath(floor_acu=np.ones(1), ceiling_acu=np.full(1, 8.0), pause_after_seconds=np.full(1, np.inf))
    with pytest.raises(InvalidInput, match="orders has readers"):
        follow(spec, path, np.ones(4), step_seconds=STEP_SECONDS, steps_per_turn=4)

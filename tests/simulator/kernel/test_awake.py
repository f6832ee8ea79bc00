"""Where nothing but capacity moves, the fast loop comes out as the whole cluster does, to the last bit."""

from collections.abc import Callable
from dataclasses import astuple, replace
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoscaler.core.capacity import Consent, Limits, Range
from autoscaler.core.decision import RuleSettings
from autoscaler.simulator.kernel.compiling import MODULES, compiled
from autoscaler.simulator.kernel.paths import Course
from autoscaler.simulator.profiles import AURORA_V2, AURORA_V2_PLATFORM_4, Caching, Changing, Connecting, Profile
from autoscaler.simulator.spec import ClusterSpec

STEPS, STEPS_PER_TURN = 403, 4
TURNS = -(-STEPS // STEPS_PER_TURN)
BY_BUCKET = replace(AURORA_V2, changing=Changing(floor_jumps=False, busy_seconds=90.0))
IMPATIENT = replace(AURORA_V2, client_timeout_seconds=10.0)


class Found:
    """Finds the plain functions, and remembers which were asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> Callable[..., Any]:
        self.names.append(name)
        found: list[FunctionType] = [vars(module)[name] for module in MODULES if name in vars(module)]
        return found[0]


def course_with(profile: Profile, *, pause: int | None, seed: int = 0, find: Any = None, **rules: float) -> Course:
    rng = np.random.default_rng(seed)
    demand = np.repeat(np.where(rng.random(40) < 0.4, 0.0, rng.gamma(1.0, 6.0, 40)), rng.integers(1, 30, 40))
    return Course(
        spec=ClusterSpec(
            cluster_id="orders",
            profile=profile,
            range=Range(floor_acu=0.5, ceiling_acu=32.0, pause_after_seconds=pause),
        ),
        limits=Limits(min_acu=0.5, max_acu=32.0, consent=Consent(low_floor=seed % 2 == 0)),
        rules=RuleSettings(**rules),
        demand_acu=np.resize(demand, STEPS),
        segment=rng.integers(-1, 3, STEPS),
        blind=rng.random(TURNS) < 0.1,
        step_seconds=15.0,
        steps_per_turn=STEPS_PER_TURN,
        segments=3,
        find=find or Found(),
    )


def lived(course: Course) -> list[list[float]]:
    rng = np.random.default_rng(course.spec.seed)
    low = np.resize(np.repeat(rng.gamma(1.0, 6.0, 40), rng.integers(1, 9, 40)), TURNS)
    floors = np.zeros(TURNS)
    totals = course.run(low, low * rng.choice([1.0, 2.0]), floors=floors)
    return [one.tolist() for one in (*astuple(totals), floors)]


@st.composite
def kinds(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "profile": draw(st.sampled_from((AURORA_V2, AURORA_V2_PLATFORM_4, BY_BUCKET, IMPATIENT))),
        "seed": draw(st.integers(0, 2**32)),
        "watch_seconds": draw(st.sampled_from((0.0, 900.0))),
        "shrink_wait_seconds": draw(st.sampled_from((0.0, 300.0))),
        "max_shrink_fraction": draw(st.sampled_from((0.5, 1.0))),
        "change_spacing_seconds": draw(st.sampled_from((0.0, 60.0, 300.0))),
    }


@given(kind=kinds())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_it_comes_out_as_a_cluster_that_could_pause_and_never_does(kind: dict[str, Any]) -> None:
    awake, whole = Found(), Found()
    ours = lived(course_with(pause=None, find=awake, **kind))
    theirs = lived(course_with(pause=10**9, find=whole, **kind))
    assert (awake.names, whole.names) == (["steer_awake"], ["steer"])
    assert ours == theirs


@pytest.mark.slow
@given(kind=kinds())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_it_does_so_compiled(kind: dict[str, Any]) -> None:
    ours = lived(course_with(pause=None, find=compiled, **kind))
    assert ours == lived(course_with(pause=10**9, find=compiled, **kind))


@pytest.mark.parametrize(
    "profile",
    [
        replace(AURORA_V2, caching=Caching(working_set_gib=6.0, refill_gib_per_second=0.01)),
        replace(AURORA_V2, connecting=Connecting(idle=5, per_acu=4000.0)),
    ],
)
def test_a_cold_cache_or_a_refused_connection_takes_the_whole_cluster(profile: Profile) -> None:
    found = Found()
    lived(course_with(profile, pause=None, find=found))
    assert found.names == ["steer"]

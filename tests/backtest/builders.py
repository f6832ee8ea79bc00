"""Small traces and plans to backtest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from autoscaler.backtest.run import Plan, run
from autoscaler.core.capacity import Limits, Range
from autoscaler.core.decision import Decision
from autoscaler.core.ports import Policy
from autoscaler.core.trace import Trace
from autoscaler.registry import make_policy
from autoscaler.simulator.cluster import ClusterSpec
from autoscaler.simulator.profiles import AURORA_V2, Profile
from policies.native import Native

START = datetime(2026, 3, 2, tzinfo=UTC)
# What a combinator of policies combines.
PARTS: dict[str, dict[str, object]] = {
    "largest-of": {"policies": [{"policy": "reactive"}, {"policy": "quantile"}]},
    "first-that-knows": {"policies": [{"policy": "quantile"}, {"policy": "reactive"}]},
    "within": {"policy": {"policy": "quantile"}, "floor_acu": 1.0},
}
LIMITS = Limits(min_acu=0.5, max_acu=32.0)


def make_trace(demand_acu: Sequence[float], *, step_seconds: float = 60.0, without: Sequence[int] = ()) -> Trace:
    """A trace of evenly spaced samples; those named in ``without`` are missing."""
    kept = [number for number in range(len(demand_acu)) if number not in without]
    return Trace(
        name="made",
        start=START,
        step_seconds=step_seconds,
        offset_seconds=np.array(kept) * step_seconds,
        demand_acu=np.array(demand_acu, dtype=float)[kept],
    )


def make_plan(
    trace: Trace,
    *,
    policy: Policy | None = None,
    limits: Limits = LIMITS,
    profile: Profile = AURORA_V2,
    readers: tuple[int, ...] = (),
    reader_share: float = 0.0,
    pause_after_seconds: int | None = None,
) -> Plan:
    """A plan for a cluster that starts with all its owner allows."""
    in_force = Range(floor_acu=limits.min_acu, ceiling_acu=limits.max_acu, pause_after_seconds=pause_after_seconds)
    spec = ClusterSpec(cluster_id="orders", profile=profile, range=in_force, readers=readers, reader_share=reader_share)
    return Plan(trace=trace, policy=policy or Native(), cluster=spec, limits=limits)


def policy_named(name: str) -> Policy:
    """A registered policy on its defaults; a combinator with something to combine."""
    return make_policy(name, PARTS.get(name, {}))


def first_samples(trace: Trace, count: int) -> Trace:
    """The trace as it was when only so many samples had been recorded."""
    return replace(trace, offset_seconds=trace.offset_seconds[:count], demand_acu=trace.demand_acu[:count])


def decisions_of(plan: Plan) -> list[Decision]:
    """All decisions of a run."""
    found: list[Decision] = []
    run(plan, on_decision=found.append)
    return found

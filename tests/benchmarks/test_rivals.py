"""What the protocol runs as arrays is what the policies of these names would have done."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.tuning.trial import past_of
from autoscaler.core.capacity import round_up
from autoscaler.core.cost import Prices
from autoscaler.core.ports import Policy
from autoscaler.core.sight import see
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.trace import Interpolation, sample_evenly
from benchmarks.decision_quality.rivals import FADING, PLANNED, ROBUST, Corridor, Rivals
from models.mixture import Mixture
from tests.backtest.builders import make_plan, make_trace

DAYS = 3


@cache
def plan() -> Plan:
    """Busy days with noise, sampled every minute."""
    rng = np.random.default_rng(3)
    minutes = np.arange(DAYS * 1440)
    demand = 6.0 + 5.0 * np.sin(minutes / 1440 * 2 * np.pi) + 4.0 * (minutes % 60 < 5)
    trace = make_trace((demand * rng.gamma(30.0, 1 / 30.0, len(minutes))).tolist())
    return replace(make_plan(trace), forecaster=Mixture(), prices=Prices(throttling_price=20.0))


@cache
def rivals() -> Rivals:
    stretch = sample_evenly(plan().trace, step_seconds=15.0, interpolation=Interpolation.HOLD)
    measuring = plan().cluster.profile.measuring
    sight = see(
        stretch,
        period_seconds=measuring.period_seconds,
        delay_seconds=measuring.delay_seconds,
        step_seconds=15.0,
        turn_seconds=60.0,
    )
    past = past_of(plan().trial, sight.sample_seconds)
    past.add(sight.demand_acu)
    return Rivals(past=past, sight=sight, start_seconds=plan().trace.start.timestamp())


CASES: dict[str, tuple[Policy, Callable[[], Corridor]]] = {
    "fading": (FADING[-1], lambda: rivals().fading(FADING[-1])),
    "planned": (PLANNED[5], lambda: rivals().planned(PLANNED[5])),
    "robust": (ROBUST[9], lambda: rivals().robust(ROBUST[9])),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_policy_wishes_what_its_arrays_say(name: str) -> None:
    policy, corridor = CASES[name]
    low, high = corridor()
    seen: list[Snapshot] = []
    run(replace(plan(), policy=policy), on_snapshot=lambda snapshot, decision: seen.append(snapshot))
    assert len(low) == len(seen) == DAYS * 1440
    told, counted, moved = [], [], set()
    for turn, snapshot in enumerate(seen):
        floor = float(np.clip(snapshot.status.range.floor_acu, low[turn], high[turn]))
        limits = snapshot.limits
        told.append(policy.advise(snapshot).range.floor_acu)
        counted.append(min(max(round_up(floor, limits.step_acu), limits.min_acu), limits.max_acu))
        moved.add(told[-1])
    assert len(moved) > 5
    np.testing.assert_array_equal(told, counted)

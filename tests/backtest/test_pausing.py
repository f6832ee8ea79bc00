"""Sleep and wake in a whole backtest: an office database, eleven days long."""

import numpy as np
import pytest

from autoscaler.backtest.run import Plan, Result, run
from autoscaler.core.capacity import Limits
from autoscaler.core.ports import Policy
from autoscaler.core.trace import Trace
from autoscaler.simulator.cluster import ClusterSpec
from autoscaler.simulator.profiles import PROFILES
from policies.native import Native
from policies.pause import Pausing
from tests.fakes import MONDAY, make_range

DAYS, WARM_DAYS, STEPS_PER_DAY = 11, 8, 1440
LIMITS = Limits(min_acu=0.0, max_acu=8.0, may_pause=True)
OPENS, CLOSES = 60, 540  # minutes after 08:00 UTC


def office(policy: Policy) -> Result:
    minutes = np.arange(0.0, DAYS * 86_400.0, 60.0)
    demand = np.zeros(len(minutes))
    for day in range(DAYS):
        if day % 7 < 5:
            demand[day * 1440 + OPENS : day * 1440 + CLOSES] = 1.5
    trace = Trace(name="office", start=MONDAY, step_seconds=60, offset_seconds=minutes, demand_acu=demand)
    cluster = ClusterSpec(cluster_id="office", profile=PROFILES["aurora-v2"], range=make_range(0.0, 8.0, 300))
    plan = Plan(trace=trace, policy=policy, cluster=cluster, limits=LIMITS, step_seconds=60.0, decide_seconds=300.0)
    return run(plan)


def since_warm(cumulated: np.ndarray) -> int:
    return int(cumulated[-1] - cumulated[WARM_DAYS * STEPS_PER_DAY])


@pytest.mark.slow
def test_a_paused_cluster_is_awake_before_its_morning_and_sleeps_through_its_nights() -> None:
    alone, steered = office(Native()), office(Pausing())
    assert since_warm(alone.cold_hits) == 3
    assert since_warm(steered.cold_hits) == 0
    asleep = (steered.capacity_acu == 0.0)[WARM_DAYS * STEPS_PER_DAY :].mean()
    assert asleep > 0.6
    assert since_warm(steered.wakes) == 3

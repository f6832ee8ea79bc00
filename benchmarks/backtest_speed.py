"""How long a 30-day backtest takes, policy by policy, beside leaving the cluster alone; and where the time goes.

    python benchmarks/backtest_speed.py [--profile]

One process, one core, default steps, no output files. The load is generated: five-minute samples for 30 days.
"""

import cProfile
import pstats
import sys
from dataclasses import replace

import numpy as np

from autoscaler.backtest.optimum import optimum_acu_hours
from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.score import score
from autoscaler.config import ClusterDocument, load_policy
from autoscaler.core.trace import Trace
from autoscaler.service.clock import Stopwatch
from autoscaler.simulator.scenarios import DEFAULT_START, find_scenario, scenario_trace

DAYS = 30
POLICIES = ("native", "scheduled", "reactive", "quantile")
SAMPLE_MINUTES = 5


def thirty_days() -> Trace:
    """The multi-tenant-saas scenario as five-minute peaks."""
    fine = scenario_trace(find_scenario("multi-tenant-saas"), seed=1, start=DEFAULT_START, days=DAYS)
    peaks = fine.demand_acu.reshape(-1, SAMPLE_MINUTES).max(axis=1)
    seconds = 60.0 * SAMPLE_MINUTES
    return replace(fine, step_seconds=seconds, offset_seconds=np.arange(len(peaks)) * seconds, demand_acu=peaks)


def plan_for(name: str, trace: Trace) -> Plan:
    """The plan `autoscaler backtest --policy NAME --cluster aurora-v2` runs."""
    cluster, document = ClusterDocument(), load_policy(name)
    return Plan(
        trace=trace,
        policy=document.build_policy(),
        cluster=cluster.build_spec(),
        limits=cluster.build_limits(),
        forecaster=document.build_forecaster(),
    )


def timed(plan: Plan) -> tuple[float, float]:
    """Seconds of the run with its score, and of the optimum."""
    watch = Stopwatch()
    result = run(plan)
    score(result)
    ran = watch.seconds
    optimum_acu_hours(result)
    return ran, watch.seconds - ran


def main() -> None:
    """Print seconds and ratios; with --profile the functions that take longest."""
    trace = thirty_days()
    baseline = None
    for name in POLICIES:
        ran, optimum = timed(plan_for(name, trace))
        baseline = baseline or ran
        print(f"{name:<12} run {ran:6.2f} s   {ran / baseline:5.2f} x native   optimum {optimum:5.2f} s")
        if "--profile" in sys.argv:
            profiler = cProfile.Profile()
            profiler.runcall(run, plan_for(name, trace))
            pstats.Stats(profiler).sort_stats("tottime").print_stats(12)


if __name__ == "__main__":
    main()

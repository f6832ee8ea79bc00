"""How long tuning takes: 200 floor paths over 28 days at 15 s steps, compiled, beside the reference simulator.

    python -m benchmarks.kernel_speed [SETTINGS]

One process, one core, processor time, so that a busy machine does not show. The load is generated.
"""

import sys
from resource import RUSAGE_SELF, getrusage

import numpy as np

from autoscaler.backtest.run import Plan, run
from autoscaler.config import ClusterDocument, LimitsDocument
from autoscaler.core.decision import RuleSettings
from autoscaler.core.sight import see
from autoscaler.core.trace import Interpolation, sample_evenly
from autoscaler.simulator.kernel.paths import Course
from autoscaler.simulator.scenarios import DEFAULT_START, find_scenario, scenario_trace
from policies.reactive import Reactive

DAYS = 28
SETTINGS = 200
TURN_SECONDS = 60.0


def used_seconds() -> float:
    """Processor time of this process so far."""
    return getrusage(RUSAGE_SELF).ru_utime


def main(settings: int) -> None:
    """Print processor seconds of both, and their ratio."""
    trace = scenario_trace(find_scenario("multi-tenant-saas"), seed=1, start=DEFAULT_START, days=DAYS)
    cluster = ClusterDocument(limits=LimitsDocument(max_acu=64.0))
    spec, limits, rules = cluster.build_spec(), cluster.build_limits(), RuleSettings()
    stretch = sample_evenly(trace, step_seconds=15.0, interpolation=Interpolation.HOLD)
    sight = see(stretch, period_seconds=60.0, delay_seconds=60.0, step_seconds=15.0, turn_seconds=TURN_SECONDS)
    course = Course(
        spec=spec,
        limits=limits,
        rules=rules,
        demand_acu=stretch.demand_acu,
        segment=np.zeros(len(stretch.demand_acu), dtype=np.int64),
        blind=sight.blind(rules.max_blind_seconds),
        step_seconds=15.0,
        steps_per_turn=4,
    )
    seen = sight.demand_acu[np.maximum(sight.newest, 0)]
    began = used_seconds()
    course.run(seen, seen)
    compiling = used_seconds() - began
    began = used_seconds()
    for number in range(settings):
        course.run(seen * number / settings, seen * number / settings)
    ours = used_seconds() - began
    began = used_seconds()
    run(Plan(trace=trace, policy=Reactive(), cluster=spec, limits=limits, rules=rules))
    theirs = used_seconds() - began
    print(f"{settings} settings x {DAYS} days x {len(stretch.demand_acu):,} steps: {ours:.2f} s of one core")
    print(f"the reference simulator, deciding as the product does, one setting: {theirs:.2f} s")
    print(f"ratio per setting: {theirs / (ours / settings):,.0f}; compiling, once a process: {compiling:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SETTINGS)

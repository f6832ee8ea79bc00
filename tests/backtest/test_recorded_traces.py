"""The proof of causality on recorded workloads, for every policy and forecaster.

Set AUTOSCALER_TRACES to a folder of CSV files (searched below it); without one there is nothing to prove it on.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.backtest.traces import Scale, read_trace
from autoscaler.config import DEFAULT_FORECASTER
from autoscaler.registry import forecaster_names, make_forecaster, policy_names
from tests.backtest.builders import decisions_of, first_samples, make_plan, policy_named

FOLDER = os.environ.get("AUTOSCALER_TRACES", "")
EVERY_NTH_FILE = 20
MOST_SAMPLES = 2500
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.traces,
    pytest.mark.skipif(not FOLDER, reason="AUTOSCALER_TRACES names no folder of recorded traces"),
]


def recorded() -> list[Path]:
    return sorted(Path(FOLDER).rglob("*.csv.gz"))[::EVERY_NTH_FILE] if FOLDER else []


def pairs() -> list[tuple[str, str]]:
    """Every policy with every forecaster; with one only, where it uses none."""
    return [
        (policy, forecaster)
        for policy in policy_names()
        for forecaster in forecaster_names()
        if policy_named(policy).looks_ahead or forecaster == DEFAULT_FORECASTER
    ]


@pytest.mark.parametrize(("policy", "forecaster"), pairs())
@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_cutting_a_recorded_trace_changes_no_decision_before(path: Path, policy: str, forecaster: str) -> None:
    made = policy_named(policy)
    raw = first_samples(read_trace(path), MOST_SAMPLES)
    trace = Scale(acu_per_unit=16.0 / max(float(raw.demand_acu.max()), 1e-9)).apply(raw)
    plan = replace(make_plan(trace, policy=made), forecaster=make_forecaster(forecaster))
    whole = decisions_of(plan)
    for share in (0.31, 0.77):
        cut = first_samples(trace, int(len(trace.demand_acu) * share))
        before = decisions_of(replace(plan, trace=cut))
        assert before == whole[: len(before)]

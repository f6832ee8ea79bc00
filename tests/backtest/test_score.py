"""The measures of a run, against numbers worked out by hand."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from autoscaler.backtest.run import PHASE_CODES, Result, run
from autoscaler.backtest.score import score
from autoscaler.core.capacity import Limits, Phase
from tests.backtest.builders import make_plan, make_trace


def hand_made() -> Result:
    """Four steps of 15 s: enough, too little, paused, and one that is not scored."""
    plan = make_plan(make_trace([0.0]), limits=Limits(min_acu=0.5, max_acu=8.0))
    return Result(
        plan=plan,
        demand_acu=np.array([0.9, 3.6, 0.0, 99.0]),
        scored=np.array([True, True, True, False]),
        capacity_acu=np.array([2.0, 2.0, 0.0, 8.0]),
        floor_acu=np.full(4, 0.5),
        ceiling_acu=np.full(4, 8.0),
        phase=np.array([PHASE_CODES[p] for p in (Phase.AVAILABLE, Phase.AVAILABLE, Phase.PAUSED, Phase.AVAILABLE)]),
        backlog_acu_seconds=np.array([0.0, 24.0, 0.0, 0.0]),
        served_acu_seconds=np.array([13.5, 30.0, 0.0, 120.0]),
        pages_read=np.array([2e6, 1e6, 0.0, 9e6]),
        throttled_acu_seconds=np.array([0.0, 24.0, 0.0, 0.0]),
        wakes=np.array([0, 0, 0, 1]),
        cold_hits=np.array([0, 0, 0, 1]),
        cold_wait_seconds=np.array([0.0, 0.0, 0.0, 9.0]),
        changed_at=(),
    )


def test_the_measures_match_those_worked_out_by_hand() -> None:
    hours = 15 / 3600
    expected = {
        "acu_hours": 4 * hours,
        "usd": 4 * hours * 0.12 + 0.6,
        "reads_usd": 0.6,
        "million_reads": 3.0,
        "reference_acu_hours": (1.0 + 4.0 + 0.5) * hours,
        "cost_ratio": 4 / 5.5,
        "throttled_work_fraction": 24 / (4.5 * 15),
        "throttled_time_fraction": 1 / 3,
        "utilization_p50": 0.725,
        "utilization_p95": 0.45 + 0.95 * 0.55,
        "utilization_p99": 0.45 + 0.99 * 0.55,
        "wakes": 0,
        "cold_hits": 0,
        "cold_wait_seconds": 0.0,
        "awake_idle_hours": 0.0,
        "paused_hours": hours,
        "range_changes": 0,
        "under_accuracy": (0 + 2 / 4 + 0.5 / 0.5) / 3,
        "over_accuracy": (1 / 1 + 0 + 0) / 3,
        "under_timeshare": 2 / 3,
        "over_timeshare": 1 / 3,
        "instability": 1 / 2,
    }
    assert asdict(score(hand_made())) == pytest.approx(expected)


def test_what_is_undefined_is_none() -> None:
    nothing = replace(hand_made(), scored=np.zeros(4, dtype=bool))
    measured = score(nothing)
    assert measured.cost_ratio is measured.throttled_work_fraction is measured.utilization_p50 is None
    assert measured.instability is measured.throttled_time_fraction is None


def test_an_idle_cluster_that_stays_awake_counts_its_idle_hours() -> None:
    measured = score(run(make_plan(make_trace([1.0] + [0.0] * 119))))
    assert measured.awake_idle_hours == pytest.approx(119 / 60)
    assert measured.paused_hours == 0


def test_a_pause_costs_nothing_and_its_end_is_a_cold_hit() -> None:
    limits = Limits(min_acu=0.5, max_acu=8.0, may_pause=True)
    plan = make_plan(make_trace([1.0] + [0.0] * 58 + [1.0]), limits=limits, pause_after_seconds=300)
    measured = score(run(plan))
    assert (measured.wakes, measured.cold_hits) == (1, 1)
    assert measured.cold_wait_seconds == pytest.approx(15, abs=15)
    assert measured.paused_hours == pytest.approx(53 / 60, abs=1 / 60)
    assert measured.acu_hours < 0.2

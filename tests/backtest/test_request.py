"""From an order to a plan."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoscaler.backtest.request import Request
from autoscaler.backtest.traces import read_trace, write_trace
from autoscaler.core.capacity import Limits
from autoscaler.simulator.scenarios import find_scenario, scenario_trace
from tests.backtest.builders import START, make_trace

GROWING = [float(value) for value in range(1, 101)]


@pytest.fixture
def load(tmp_path: Path) -> str:
    write_trace(make_trace(GROWING), tmp_path / "load.csv")
    return str(tmp_path / "load.csv")


def limits_of(tmp_path: Path, *, cluster: str = "{}", policy: str = "{}", **options: Any) -> Limits:
    (tmp_path / "cluster.yaml").write_text(f"limits: {cluster}", encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(f"policy: native\nlimits: {policy}", encoding="utf-8")
    request = Request(
        trace="scenario:development-test",
        policy=str(tmp_path / "policy.yaml"),
        cluster=str(tmp_path / "cluster.yaml"),
        **options,
    )
    return request.plan().limits


def test_a_written_trace_reads_the_same(tmp_path: Path) -> None:
    trace = make_trace([0.1, 1 / 3, 5.0, 2.5], without=(2,))
    for name in ("load.csv", "load.csv.gz"):
        write_trace(trace, tmp_path / name)
        again = read_trace(tmp_path / name)
        assert again.start == trace.start
        assert np.array_equal(again.offset_seconds, trace.offset_seconds)
        assert np.array_equal(again.demand_acu, trace.demand_acu)


def test_the_whole_trace_is_scaled_before_it_is_cut(load: str) -> None:
    request = Request(trace=load, policy="native", peak_acu=10.0, quantile=1.0, end=START + timedelta(minutes=50))

    assert request.load_trace().demand_acu.max() == pytest.approx(5.0)


def test_a_stretch_of_the_trace_can_be_chosen(load: str) -> None:
    request = Request(
        trace=load, policy="native", start=START + timedelta(minutes=10), end=START + timedelta(minutes=13)
    )

    assert request.load_trace().demand_acu.tolist() == [11.0, 12.0, 13.0]


def test_a_scenario_runs_on_any_day() -> None:
    start, end = datetime(2026, 6, 3, 8, tzinfo=UTC), datetime(2026, 6, 4, 2, tzinfo=UTC)
    trace = Request(trace="scenario:healthcare", policy="native", start=start, end=end, seed=4).load_trace()
    days = scenario_trace(find_scenario("healthcare"), seed=4, start=start.replace(hour=0), days=2)

    assert (trace.start, trace.end) == (start, end)
    assert np.array_equal(trace.demand_acu, days.demand_acu[480 : 1440 + 120])


def test_the_nearest_word_about_limits_counts(tmp_path: Path) -> None:
    cluster, policy = "{min_acu: 1, max_acu: 64}", "{max_acu: 32}"

    def found(**options: Any) -> tuple[float, float, bool]:
        limits = limits_of(tmp_path, cluster=cluster, policy=policy, **options)
        return limits.min_acu, limits.max_acu, limits.may_pause

    assert found() == (1.0, 32.0, False)
    assert found(min_acu=2.0) == (2.0, 32.0, False)
    assert found(min_acu=0.0, max_acu=8.0) == (0.0, 8.0, True)


def test_a_minimum_of_zero_lets_a_cluster_pause_whatever_its_file_says(tmp_path: Path) -> None:
    assert limits_of(tmp_path, cluster="{may_pause: false}", min_acu=0.0).may_pause
    assert limits_of(tmp_path, cluster="{min_acu: 0}").may_pause
    assert not limits_of(tmp_path, cluster="{min_acu: 0}", min_acu=0.5).may_pause


def test_options_replace_what_the_files_say(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("policy: reactive\nrules: {change_spacing_seconds: 900}\nthrottling_price: 5", encoding="utf-8")
    of_file = Request(trace="scenario:analytics", policy=str(policy)).plan()
    of_options = Request(
        trace="scenario:analytics",
        policy=str(policy),
        change_spacing_seconds=60.0,
        throttling_price=9.0,
        floor_effect="bucket",
        metric_delay_seconds=180.0,
        seed=3,
    ).plan()
    profile = of_options.cluster.profile

    assert (of_file.rules.change_spacing_seconds, of_file.prices.throttling_price) == (900.0, 5.0)
    assert (of_options.rules.change_spacing_seconds, of_options.prices.throttling_price) == (60.0, 9.0)
    assert (profile.changing.floor_jumps, profile.measuring.delay_seconds) == (False, 180.0)
    assert of_options.cluster.seed == 3

"""The summary: its keys, and what it says of nothing."""

import json
from pathlib import Path

from autoscaler import __version__
from autoscaler.backtest.reports.measures import measures, verdict
from autoscaler.backtest.run import run
from autoscaler.backtest.score import score
from autoscaler.backtest.summary import Summary, summarize
from autoscaler.core.capacity import Limits
from tests.backtest.builders import make_plan, make_trace

GOLDEN = Path(__file__).parents[1] / "golden"


def summary_of(demand: list[float], *, min_acu: float = 0.5) -> Summary:
    plan = make_plan(make_trace(demand), limits=Limits(min_acu=min_acu, max_acu=32.0))
    result = run(plan)
    return summarize(
        result, score(result), policy="mine", trace="load.csv", optimum_acu_hours=None, wall_seconds=1.23456
    )


def test_the_keys_are_those_others_rely_on() -> None:
    keys = json.loads((GOLDEN / "summary_keys.json").read_text(encoding="utf-8"))

    assert list(summary_of([1.0, 2.0]).document()) == keys


def test_names_times_and_version_are_told() -> None:
    told = summary_of([1.0, 2.0, 3.0])

    assert (told.policy, told.cluster, told.trace) == ("mine", "orders", "load.csv")
    assert (told.start, told.end, told.steps) == ("2026-03-02T00:00:00Z", "2026-03-02T00:03:00Z", 12)
    assert (told.wall_seconds, told.version) == (1.235, __version__)


def test_what_is_undefined_is_null() -> None:
    told = summary_of([0.0, 0.0], min_acu=0.0)
    undefined = {key for key, value in told.document().items() if value is None}

    assert undefined == {"cost_ratio", "optimum_acu_hours", "throttled_work_fraction"}
    assert "null" in json.dumps(told.document(), allow_nan=False)


def test_every_measure_is_explained_once() -> None:
    told = [name for name, _, _ in measures(summary_of([1.0]))]
    others = {"policy", "cluster", "trace", "start", "end", "steps", "wall_seconds", "version"}

    assert told == [key for key in summary_of([1.0]).document() if key not in others]


def test_the_verdict_is_a_sentence_whatever_happened() -> None:
    assert verdict(summary_of([8.0, 8.0])).endswith("and nothing was throttled.")
    assert "of the work was throttled" in verdict(summary_of([1.0, 40.0, 40.0]))
    assert "where none were needed" in verdict(summary_of([0.0], min_acu=0.0))

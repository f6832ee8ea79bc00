"""The arithmetic of the goals, on two made-up traces."""

import pytest

from benchmarks.decision_quality import goals
from benchmarks.decision_quality.frontiers import SETS, Found
from benchmarks.decision_quality.measure import PRICES

# ACU-seconds and throttled ACU-seconds of both halves: left alone, a floor, and something in between.
ALONE, FLOOR = [100.0, 100.0, 10.0, 10.0], [300.0, 300.0, 0.0, 0.0]


def made_up(name: str, auto: list[float]) -> Found:
    return {
        "name": name,
        "shape": "bursty",
        "family": name,
        "reference": [90.0, 90.0],
        "work": [80.0, 80.0],
        "optimum": 110.0,
        "foresight": [[120.0, 120.0, 0.0, 0.0]],
        "families": {
            "left alone": [ALONE],
            "static": [FLOOR],
            "reactive": [],
            "scheduled": [],
            "predictive": [],
            "aws": [],
        },
        "auto": {str(price): {"half": auto, "chosen": []} for price in PRICES},
    }


OURS = [150.0, 150.0, 0.0, 0.0]
FOUND = [made_up("one", OURS), made_up("two", OURS)]
BUDGET = SETS[0].budget


def test_the_gap_is_closed_as_far_as_the_cost_is_nearer_to_foresight() -> None:
    assert goals.gap_closed(FOUND, BUDGET) == pytest.approx((300 - 150) / (300 - 120))


def test_a_gain_that_all_traces_share_has_a_narrow_interval() -> None:
    gain = goals.gain_over(FOUND, BUDGET, "static")
    assert [gain.share, gain.low, gain.high] == pytest.approx([0.5] * 3)


def test_who_pays_more_than_left_alone_is_named() -> None:
    found = [*FOUND, made_up("three", [100.0, 900.0, 10.0, 10.0])]
    assert goals.harmed(found, price=64.0) == ["three"]


def test_the_worst_clusters_and_the_calm_ones_are_looked_at_alone() -> None:
    calm = {**made_up("calm", [100.0, 102.0, 0.0, 0.0]), "families": {**FOUND[0]["families"]}}
    calm["families"]["left alone"] = [[100.0, 100.0, 0.0, 0.0]]
    found = [*FOUND, calm]
    assert goals.extra_cost_where_left_alone_is_enough(found, SETS[0]) == pytest.approx(0.02)
    assert goals.throttled_by_the_worst(found, SETS[0]) == 0.0


def test_work_throttled_at_nearly_the_native_cost() -> None:
    assert goals.less_throttled_at_native_cost(FOUND) == pytest.approx(0.1)


def test_shapes_are_compared_with_left_alone() -> None:
    shapes = goals.by_shape(FOUND, price=64.0)
    assert list(shapes) == ["bursty"]
    assert shapes["bursty"] == pytest.approx((2, 300 / 740, 150 / 740))

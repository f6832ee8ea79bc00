"""A floor is paid for by every instance, and work is throttled where it arrives."""

from dataclasses import replace

import numpy as np
import pytest

from autoscaler.backtest.attempts import Case
from autoscaler.backtest.recommend import recommend
from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.score import score
from autoscaler.core.capacity import Range
from autoscaler.documents.pricing import find_prices
from autoscaler.registry import make_policy
from autoscaler.simulator.spec import ClusterSpec
from policies.auto import Auto
from tests.backtest.builders import LIMITS, make_plan, make_trace

SAMPLES_A_DAY = 288


def rush(days: int) -> list[float]:
    """Two busy hours a day."""
    day = np.full(SAMPLES_A_DAY, 1.0)
    day[120:144] = 16.0
    return [float(acu) for acu in np.tile(day, days)]


def spec(*, readers: tuple[int, ...] = (), share: float = 0.0) -> ClusterSpec:
    return make_plan(make_trace([1.0]), readers=readers, reader_share=share).cluster


@pytest.mark.parametrize(
    ("readers", "share", "busiest", "worth"),
    [
        ((), 0.0, 1.0, 1.0),
        ((), 0.5, 1.0, 1.0),  # nobody reads apart
        ((1,), 0.0, 1.0, 1 / 2),  # the reader idles, and costs as much
        ((1,), 0.5, 0.5, 1.0),
        ((1, 2), 0.2, 0.8, 1 / 2.4),
        ((1, 1), 0.9, 0.45, 1 / 1.35),  # a reader is the busiest
    ],
)
def test_what_throttling_is_worth_on_the_busiest_instance(
    readers: tuple[int, ...], share: float, busiest: float, worth: float
) -> None:
    cluster = spec(readers=readers, share=share)
    assert (cluster.busiest_share, cluster.throttling_share) == pytest.approx((busiest, worth))
    assert cluster.alone().instances == 1


def test_a_floor_costs_floor_times_instances_and_throttling_counts_by_instance() -> None:
    calm = make_trace([0.0] * 60)
    held = make_policy("native", {"floor_acu": 4.0})
    alone, three = (score(run(make_plan(calm, policy=held, readers=readers))) for readers in ((), (1, 2)))
    assert three.acu_hours == pytest.approx(3 * alone.acu_hours, rel=0.02)
    assert three.usd == pytest.approx(3 * alone.usd, rel=0.02)

    burst = [0.5] * 10 + [24.0] * 10
    one = run(make_plan(make_trace(burst)))
    two = run(make_plan(make_trace([2 * acu for acu in burst]), readers=(2,), reader_share=0.5))
    assert one.throttled_acu_seconds.sum() > 0
    assert two.throttled_acu_seconds.sum() == pytest.approx(2 * one.throttled_acu_seconds.sum())


def test_a_cluster_with_readers_tunes_itself_at_what_all_instances_pay() -> None:
    trace = make_trace(rush(2), step_seconds=300.0)
    plan = make_plan(trace, policy=Auto(), readers=(1, 1))
    alone = make_plan(trace, policy=Auto())
    seen = []
    run(plan, on_snapshot=lambda snapshot, decision: seen.append(snapshot.tuning))
    assert seen[-1] is not None
    assert plan.trial == replace(alone.trial, price=plan.trial.price)
    assert plan.trial.price == pytest.approx(alone.trial.price / 3)


@pytest.mark.slow
def test_a_recommendation_pays_for_idle_readers_and_not_for_work_they_do_not_do() -> None:
    def case(readers: tuple[int, ...], price: float) -> Case:
        plan = make_plan(make_trace(rush(6), step_seconds=300.0), readers=readers)
        today = Range(floor_acu=LIMITS.min_acu, ceiling_acu=LIMITS.max_acu)
        priced: Plan = replace(plan, prices=replace(plan.prices, throttling_price=price))
        return Case(plan=priced, today=today, prices=find_prices("us-east-1"), instances=1 + len(readers))

    alone, pair = recommend(case((), 20.0)).advice, recommend(case((1,), 40.0)).advice
    assert [one.setting for one in pair.options] == [one.setting for one in alone.options]
    assert pair.option("today").usd_per_month == pytest.approx(2 * alone.option("today").usd_per_month)
    assert pair.option("today").priced_usd_per_month == pytest.approx(2 * alone.option("today").priced_usd_per_month)

"""A cluster is tuned on its own past only, turn by turn as well as for a whole recording at once."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from autoscaler.backtest.run import Plan, run
from autoscaler.backtest.tuning.candidates import Candidate, all_candidates
from autoscaler.backtest.tuning.choose import HALF_LIFE_DAYS, MOST_REGRET_DAYS, Choice, choose
from autoscaler.backtest.tuning.trial import choice_after, choices_of, past_of, tried, tuned_corridor, wishes_of
from autoscaler.backtest.tuning.tuner import Tuner
from autoscaler.core.cost import Prices
from autoscaler.core.decision import Decision
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.trace import Trace
from policies.auto import Auto
from tests.backtest.builders import START, decisions_of, first_samples, make_plan, make_trace

SAMPLE_SECONDS = 300.0
SAMPLES_A_DAY = 288
DAYS = 4


@cache
def daily_rush() -> Trace:
    """A calm database that gets busy at the same time each day, with some noise and a gap."""
    rng = np.random.default_rng(7)
    day = np.full(SAMPLES_A_DAY, 2.0)
    day[120:150] = 24.0
    demand = np.tile(day, DAYS) * rng.gamma(50.0, 0.02, DAYS * SAMPLES_A_DAY)
    return make_trace(demand.tolist(), step_seconds=SAMPLE_SECONDS, without=range(700, 720))


def plan_of(trace: Trace, price: float = 50.0) -> Plan:
    return replace(make_plan(trace, policy=Auto()), prices=Prices(throttling_price=price))


@cache
def told() -> tuple[list[Decision], list[Snapshot]]:
    decisions: list[Decision] = []
    snapshots: list[Snapshot] = []
    run(
        plan_of(daily_rush()),
        on_decision=decisions.append,
        on_snapshot=lambda snapshot, decision: snapshots.append(snapshot),
    )
    return decisions, snapshots


@pytest.mark.slow
def test_tuning_a_whole_recording_at_once_is_tuning_it_turn_by_turn() -> None:
    snapshots = told()[1]
    plan = plan_of(daily_rush())
    demand = np.full(DAYS * SAMPLES_A_DAY, np.nan)
    demand[np.round(plan.trace.offset_seconds / SAMPLE_SECONDS).astype(int)] = plan.trace.demand_acu
    trial = plan.trial
    past = past_of(trial, SAMPLE_SECONDS)
    past.add(demand)
    wishes = wishes_of(trial, past)
    choices = choices_of(trial, *tried(trial, past, wishes, DAYS))
    low, high = tuned_corridor(trial, past, wishes, choices, len(snapshots))
    compared = 0
    for turn, snapshot in enumerate(snapshots):
        if snapshot.tuning is not None:
            assert (snapshot.tuning.low_acu, snapshot.tuning.high_acu) == pytest.approx((low[turn], high[turn]))
            compared += 1
    assert compared > 2 * 1440
    assert {snapshot.tuning.family for snapshot in snapshots if snapshot.tuning} - {"left alone"}


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.4, 0.55, 0.81])
def test_cutting_the_trace_changes_no_decision_before(share: float) -> None:
    whole = told()[0]
    cut = first_samples(daily_rush(), int(len(daily_rush().demand_acu) * share))
    before = decisions_of(plan_of(cut))
    assert before == whole[: len(before)]


@pytest.mark.slow
def test_no_candidate_looks_ahead() -> None:
    """What comes after a turn's newest sample may be anything: no wish changes."""
    trial = plan_of(daily_rush()).trial
    demand = np.tile(np.linspace(0.0, 20.0, SAMPLES_A_DAY), DAYS)
    changed = demand.copy()
    cut = 2 * SAMPLES_A_DAY + 100
    changed[cut:] = 40.0 - demand[cut:]
    corridors = []
    for samples in (demand, changed):
        past = past_of(trial, SAMPLE_SECONDS)
        past.add(samples)
        last = int(np.searchsorted(past.newest(slice(0, DAYS * 1440)), cut))
        wishes = wishes_of(trial, past)
        corridors.append([wishes.corridor(one, trial.price, slice(0, last)) for one in trial.candidates])
    np.testing.assert_array_equal(corridors[0], corridors[1])


@pytest.mark.slow
def test_choosing_day_by_day_within_a_limit_is_choosing_for_all_days_at_once() -> None:
    plan = plan_of(daily_rush())
    trial = replace(plan, prices=replace(plan.prices, max_throttled_fraction=0.02)).trial
    past = past_of(trial, SAMPLE_SECONDS)
    past.add(np.tile(np.r_[np.full(250, 2.0), np.full(38, 24.0)], DAYS))
    wishes = wishes_of(trial, past)
    choices: list[Choice] = []
    for day in range(1, DAYS + 1):
        choices.append(choice_after(trial, past, wishes, day, choices[-1] if choices else None))
    assert choices == choices_of(trial, *tried(trial, past, wishes, DAYS))
    assert any(choice.place != choice.by_price for choice in choices)


def test_nothing_is_recommended_before_a_day_has_been_seen() -> None:
    tuner = Tuner(plan_of(daily_rush()).trial)
    assert tuner.tuning(START) is None
    tuner.observe([Sample(at=START, seconds=SAMPLE_SECONDS, demand_acu=3.0)])
    assert (tuner.due, tuner.tuning(START + timedelta(hours=1))) == (False, None)


CANDIDATES = (
    Candidate(family="left alone"),
    Candidate(family="static", floor_acu=2.0),
    Candidate(family="reactive", seconds=900.0),
)


@pytest.mark.parametrize(
    ("costs", "before", "chosen"),
    [
        ((100.0, 90.0, 80.0), 0, 2),
        ((100.0, 80.5, 80.0), 1, 1),  # not worth a switch
        ((100.0, 82.0, 80.0), 1, 2),
        ((80.2, 90.0, 80.0), 2, 0),  # nearly as cheap left alone
    ],
)
def test_the_cheapest_is_chosen_unless_the_one_in_use_is_nearly_as_cheap(
    costs: tuple[float, ...], before: int, chosen: int
) -> None:
    acu = np.array(costs)[:, None] * np.ones((3, 5))
    in_use = Choice(place=before, by_price=before, family="", reason="")
    choice = choose(CANDIDATES, acu, np.zeros((3, 5)), np.ones(5), 50.0, in_use)
    assert choice.place == chosen


@pytest.mark.parametrize(
    ("saved", "chosen"),
    [
        ([2.0] * 10, 1),
        ([12.0, -8.0] * 5, 0),  # two in the mean, as before, but it may be chance
        ([320.0] + [0.0] * 9, 1),  # much is worth a try
        ([120.0], 1),  # after a day already
        ([90.0], 0),
        ([2.0] * 40 + [-1.0] * 3, 0),  # the load is not what it was
        ([2.0] * 40 + [-1.0] * 2, 1),
    ],
)
def test_a_saving_counts_when_it_is_sure_or_large_and_goes_on(saved: list[float], chosen: int) -> None:
    days = len(saved)
    acu = 100.0 - np.array([[0.0] * days, saved, [-9.0] * days])
    acu += 300.0 * (np.arange(days) == 0)
    assert choose(CANDIDATES, acu, np.zeros((3, days)), np.ones(days), 50.0, None).place == chosen


def test_one_day_tells_little_and_chance_is_told_as_such() -> None:
    acu = np.array([[100.0, 100.0], [80.0, 110.0], [120.0, 120.0]])
    throttled, arrived = np.zeros((3, 2)), np.ones(2)
    one_day = choose(CANDIDATES, acu[:, :1], throttled[:, :1], arrived[:1], 50.0, None)
    two_days = choose(CANDIDATES, acu, throttled, arrived, 50.0, one_day)
    assert [one_day.reason, two_days.reason] == [
        f"left alone although a static floor of 2 ACU saved {saved}, which may be chance, on the last {days} at 0.00% "
        "throttled"
        for saved, days in (("20.0%", "1 day"), ("4.6%", "2 days"))
    ]


LIMIT = 0.01


@pytest.mark.parametrize(
    ("acu", "throttled", "days", "chosen"),
    [
        ((100.0, 110.0, 150.0), (5.0, 0.5, 0.0), 14, 1),  # the cheapest that throttles a hundredth at most
        ((100.0, 110.0, 150.0), (5.0, 0.95, 0.0), 14, 2),  # half of the day before them is too much
        ((100.0, 110.0, 150.0), (5.0, 4.0, 2.0), 14, 2),  # nothing does: what throttles least
        ((100.0, 110.0, 150.0), (5.0, 0.0, 0.0), 3, 1),
        ((100.0, 110.0, 90.0), (5.0, 2.0, 0.1), 14, 2),  # the price asks for it already
        ((100.0, 110.0, 150.0), (0.9, 0.1, 0.0), 14, 0),
    ],
)
def test_a_limit_of_throttling_goes_before_the_price(
    acu: tuple[float, ...], throttled: tuple[float, ...], days: int, chosen: int
) -> None:
    each_day = np.ones((3, days))
    choice = choose(
        CANDIDATES,
        np.array(acu)[:, None] * each_day,
        np.array(throttled)[:, None] * each_day,
        np.full(days, 100.0),
        0.1,
        None,
        max_throttled_fraction=LIMIT,
    )
    assert choice.place == chosen


def test_few_clean_days_prove_nothing() -> None:
    """Beside one on which a tenth was throttled, a dozen is needed for a hundredth: the older ones are counted less."""
    chosen = []
    for days in range(2, 14):
        each_day = np.ones((3, days))
        acu, throttled = np.array([[100.0], [110.0], [150.0]]), np.array([[50.0], [0.0], [0.0]])
        throttled[1] = 0.001
        choice = choose(CANDIDATES, acu * each_day, throttled * each_day, np.full(days, 100.0), 0.01, None, LIMIT)
        chosen.append(choice.place)
    assert chosen == [2] * 10 + [1] * 2


def test_a_limit_is_told_of() -> None:
    each_day = np.ones((3, 14))
    acu, arrived = np.array([[100.0], [110.0], [150.0]]) * each_day, np.full(14, 100.0)
    reasons = [
        choose(CANDIDATES, acu, np.array(shares)[:, None] * each_day, arrived, 0.1, None, LIMIT).reason
        for shares in ((5.0, 0.5, 0.0), (5.0, 4.0, 2.0))
    ]
    assert reasons == [
        "a static floor of 2 ACU costs least of what keeps within 1.00% throttled: 0.50% on the last 14 days",
        "reactive over 15 min throttles least, and nothing surely keeps within 1.00%: 2.00% on the last 14 days",
    ]


def test_choices_that_cost_too_much_lately_are_given_up_until_that_is_forgotten() -> None:
    """Good on the record of the past, and bad on every day it is in use: the loss is bounded."""
    rng = np.random.default_rng(1)
    days = 200
    daily = np.tile([[100.0], [90.0], [95.0]], days)
    choices: list[Choice] = []
    lost = 0.0
    for day in range(1, days):
        before = choices[-1] if choices else None
        acu = daily[:, :day].copy()
        if before is not None and before.place:
            acu[before.place, -1] = daily[before.place, day - 1] = 100.0 + 25.0 * rng.random()
            lost += daily[before.place, day - 1] - 100.0
        choices.append(choose(CANDIDATES, acu, np.zeros((3, day)), np.ones(day), 50.0, before))
    most = MOST_REGRET_DAYS * 100.0 + 25.0
    assert 0.0 < lost < most + days * most * (1.0 - 0.5 ** (1 / HALF_LIFE_DAYS))
    given_up = [choice for choice in choices if choice.reason.startswith("choices cost more lately")]
    assert {choice.family for choice in given_up} == {"left alone"}


def test_a_choice_is_explained() -> None:
    acu = np.array([[100.0] * 14, [90.0] * 14, [77.4] * 14])
    throttled = np.array([[9.0] * 14, [1.0] * 14, [0.2] * 14])
    choice = choose(CANDIDATES, acu, throttled, np.full(14, 100.0), 1.0, None)
    assert (
        choice.reason
        == "reactive over 15 min saves 14.7% over a static floor of 2 ACU on the last 14 days at 0.20% throttled"
    )


def test_every_family_is_tried_and_leaving_alone_comes_first() -> None:
    families = [one.family for one in all_candidates()]
    assert families[0] == "left alone"
    assert set(families) == {"left alone", "static", "reactive", "scheduled", "predictive"}

"""Budgets in a live service: they are told, they clamp, and a restart knows what was spent."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.config import LimitsDocument, PolicyDocument
from autoscaler.core.budget import Budget, Spending, spent_of
from autoscaler.observability.events import Event, Kind
from autoscaler.service.budgets import BudgetTeller
from autoscaler.service.feed import Feed
from autoscaler.service.wiring import assembled
from tests.api.fleet import make_report
from tests.fakes import ManualClock
from tests.service.builders import Recorder, make_cluster, make_settings, run_for

BUDGET = Budget(acu_hours_per_day=100, acu_hours_per_month=1000)


def told(*spent: tuple[float, float], feed: Feed | None = None) -> list[str]:
    """What is said when so much of a day's and a month's budget is spent, tick after tick."""
    said: list[Event] = []
    feed = feed or Feed()
    feed.listen(said.append)
    teller = BudgetTeller(feed)
    for day, month in spent:
        spending = Spending(
            day_acu_hours=day,
            month_acu_hours=month,
            projected_day_acu_hours=150,
            projected_month_acu_hours=2000,
            highest_demand_acu=None,
        )
        teller.ticked(replace(make_report(), spent=spent_of(BUDGET, spending, 0.12)))
    return [event.text for event in said]


def test_each_part_of_a_budget_is_told_once() -> None:
    assert told((49, 0), (50, 0), (79, 0), (85, 0), (90, 600), (101, 610)) == [
        "50% of the day's budget of 100 ACU-hours are used; it will come to 150",
        "85% of the day's budget of 100 ACU-hours are used; it will come to 150",
        "60% of the month's budget of 1000 ACU-hours are used; it will come to 2000",
        "101% of the day's budget of 100 ACU-hours are used; it will come to 150",
    ]


def test_a_new_day_is_told_and_begins_anew() -> None:
    assert told((50, 0), (0, 0), (60, 0)) == [
        "50% of the day's budget of 100 ACU-hours are used; it will come to 150",
        "the budget is fresh again",
        "60% of the day's budget of 100 ACU-hours are used; it will come to 150",
    ]


def test_what_was_told_before_a_restart_is_not_told_again() -> None:
    feed = Feed()
    feed.follow(Kind.BUDGET_ALERT, True, "before the restart", cluster_id=make_report().cluster_id)
    assert told((60, 0), (70, 0), (80, 0), feed=feed) == [
        "80% of the day's budget of 100 ACU-hours are used; it will come to 150"
    ]


def test_without_a_budget_nothing_is_said() -> None:
    said: list[Event] = []
    feed = Feed()
    feed.listen(said.append)
    BudgetTeller(feed).ticked(make_report())
    assert said == []


async def test_a_restart_knows_what_was_spent(tmp_path: Path) -> None:
    policy = PolicyDocument(policy="reactive", budget={"acu_hours_per_day": 1, "clamp": True})
    settings = make_settings(tmp_path, make_cluster(policy=policy, limits=LimitsDocument(min_acu=0.5, max_acu=64)))
    clock, before, after = ManualClock(), Recorder(), Recorder()
    async with assembled(settings, observers=[before], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=20)
    async with assembled(settings, observers=[after], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=2)

    (last,), (first,) = before.reports[-1].spent, after.reports[0].spent
    assert 0 < last.part < first.part < last.part * 1.2


async def test_readers_are_counted_too_and_still_after_a_restart(tmp_path: Path) -> None:
    policy = PolicyDocument(policy="native", budget={"acu_hours_per_day": 100})
    one = make_cluster(policy=policy)
    pair = one.model_copy(update={"cluster": one.cluster.model_copy(update={"readers": (1,)}), "id": "pair"})
    clock, seen = ManualClock(), Recorder()
    for ticks in (20, 3):
        async with assembled(make_settings(tmp_path, one, pair), observers=[seen], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=ticks)

    for turn in (19, 22):
        alone, both = (seen.of(name)[turn].spent[0].spent_acu_hours for name in ("shop", "pair"))
        assert both == pytest.approx(2 * alone, rel=0.1)
        assert alone > 0

"""The arithmetic of savings, and whom it is shown of."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from autoscaler.core.cost import Prices
from autoscaler.core.tally import Tally
from autoscaler.service.chores import ShowSavings
from autoscaler.service.roster import Roster
from autoscaler.service.savings import Saving, fleet_saving, saving_of
from autoscaler.service.wiring import assembled
from autoscaler.storage.scores import ACTING, LEFT_ALONE, MEASURED
from tests.fakes import ManualClock
from tests.service.builders import make_cluster, make_settings, run_for

PRICES = Prices(usd_per_acu_hour=0.1)
HOUR = Tally(seconds=3600, acu_hours=4, work_acu_hours=2, throttled_acu_hours=0.1)
SCORES = {
    MEASURED: replace(HOUR, acu_hours=5, throttled_acu_hours=0),
    ACTING: HOUR,
    LEFT_ALONE: replace(HOUR, acu_hours=9, throttled_acu_hours=0.5),
}


def test_what_was_metered_counts_and_our_own_calls_are_taken_off() -> None:
    saving = saving_of("shop", SCORES, PRICES, metrics_usd_per_hour=0.05)
    assert (saving.metered, saving.saved_acu_hours) == (True, 4)
    assert saving.saved_fraction == pytest.approx(4 / 9)
    assert saving.saved_usd == pytest.approx(0.35)
    assert saving.twin_error_fraction == pytest.approx(-0.2)
    assert (saving.throttled_work_fraction, saving.left_alone_throttled_work_fraction) == (0.05, 0.25)


def test_where_the_meter_saw_too_little_the_twin_counts() -> None:
    saving = saving_of("shop", SCORES | {MEASURED: replace(HOUR, seconds=3000)}, PRICES)
    assert (saving.metered, saving.saved_acu_hours, saving.twin_error_fraction) == (False, 5, None)


def test_a_loss_is_told_as_one() -> None:
    saving = saving_of("shop", SCORES | {LEFT_ALONE: replace(HOUR, acu_hours=3)}, PRICES)
    assert saving.saved_usd == pytest.approx(-0.2)


def test_nothing_scored_saves_nothing() -> None:
    saving = saving_of("shop", {}, PRICES)
    assert (saving.saved_usd, saving.saved_fraction, saving.throttled_work_fraction) == (0, None, None)


def test_the_fleet_is_the_sum_of_its_clusters_the_largest_saving_first() -> None:
    less = saving_of("bills", SCORES | {LEFT_ALONE: replace(HOUR, acu_hours=6)}, PRICES)
    fleet = fleet_saving([less, saving_of("shop", SCORES, PRICES)], days=7)
    assert [one.cluster_id for one in fleet.clusters] == ["shop", "bills"]
    assert (fleet.saved_acu_hours, fleet.acu_hours, fleet.left_alone_acu_hours) == (5, 10, 15)


async def test_the_savings_of_the_clusters_that_there_are_can_be_shown(tmp_path: Path) -> None:
    clock, shown = ManualClock(), list[Sequence[Saving]]()
    settings = make_settings(tmp_path, make_cluster("shop"), make_cluster("gone"))
    async with assembled(settings, clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=10)
    async with assembled(settings, clock=clock) as supervisor:
        assert supervisor.desk is not None
        roster = Roster(seeds=[make_cluster("shop")])
        await ShowSavings(desk=supervisor.desk, roster=roster, days=30, show=shown.append)()

    assert [[one.cluster_id for one in savings] for savings in shown] == [["shop"]]
    assert shown[0][0].left_alone_acu_hours > 0

"""A restart knows the same after old samples were rolled up as before."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from autoscaler.core.capacity import Phase, Status
from autoscaler.core.snapshot import Snapshot
from autoscaler.service.chores import MakeRoom
from autoscaler.service.keeping import RetentionSettings
from autoscaler.service.recovery import recover
from autoscaler.service.tick import tick
from autoscaler.storage.database import Database
from autoscaler.storage.lease import Open
from autoscaler.storage.retention import Retention
from models.seasonal_naive import SeasonalNaive
from policies.quantile import Quantile
from tests.fakes import MONDAY, ManualClock
from tests.service.fleets import Bench, FakeCluster, workbench
from tests.storage.builders import url_in

DAYS = 9


async def known_after_a_restart(bench: Bench, cluster: FakeCluster) -> Snapshot:
    job = await bench.job(cluster)
    mind = await recover(job, bench.means)
    status = Status(phase=Phase.AVAILABLE, ready_acu=1.0, range=cluster.range, changed_at=None)
    return mind.outlook.snapshot(
        cluster_id="orders", at=bench.clock.now(), limits=job.limits, status=status, prices=job.prices
    )


@pytest.mark.slow
async def test_a_restart_knows_the_same_after_old_samples_were_rolled_up(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock, demand_at=lambda at: 1.0 + (at - MONDAY).total_seconds() // 60 % 1440 % 13)
    async with workbench(tmp_path, clock=clock, policy=Quantile(), forecaster=SeasonalNaive()) as bench:
        job = await bench.job(cluster)
        mind = await recover(job, bench.means)
        for _ in range(DAYS * 8):
            await clock.advance(3 * 3600.0)
            await tick(job, bench.means, mind, clock.now())
        before = await known_after_a_restart(bench, cluster)

        database = Database(url_in(tmp_path))
        kept = RetentionSettings(sample_days=1).build(recent_seconds=job.outlook.recent_seconds)
        removed = await Retention(database, Open(), kept).run(clock.now())
        await database.close()
        after = await known_after_a_restart(bench, cluster)

    assert removed.samples > (DAYS - 2) * 1440 * 0.7
    assert before.forecast is not None
    assert after == before


def test_by_default_a_forecaster_finds_all_it_may_learn_from() -> None:
    kept = RetentionSettings().build(recent_seconds=3600.0)

    assert kept.samples == timedelta(days=3)
    assert kept.five_minutes >= timedelta(days=35)


def test_samples_stay_whole_as_long_as_a_policy_looks_at_them() -> None:
    assert RetentionSettings().build(recent_seconds=7 * 86_400.0).samples == timedelta(days=8)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"sample_days": 50}, "must not descend"),
        ({"five_minute_days": 14}, "five_minute_days"),
        ({"every_decision_days": 300}, "must not exceed decision_days"),
        ({"sample_weeks": 1}, "sample_weeks"),
    ],
)
def test_periods_that_do_not_fit_together_are_refused(given: dict[str, float], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        RetentionSettings.model_validate(given)


async def test_a_store_that_refuses_ends_one_turn_and_not_the_service(tmp_path: Path) -> None:
    database = Database(url_in(tmp_path))
    kept = RetentionSettings().build(recent_seconds=3600.0)

    await MakeRoom(retention=lambda: Retention(database, Open(), kept), clock=ManualClock())()

    await database.close()

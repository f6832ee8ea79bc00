"""What others do to an Aurora cluster while it is enforced: told, and nothing of it is fought or guessed."""

from pathlib import Path

from autoscaler.service.wiring import assembled
from tests.adapters.aurora_clusters import aurora
from tests.fakes import MONDAY, ManualClock, make_range
from tests.service.builders import Recorder, make_settings, run_for
from tests.service.sources.registered import registered, sources_of

LIMITS = {"limits": {"min_acu": 1, "max_acu": 16}}
ALWAYS_FOUR = {
    "policy": "scheduled",
    "settings": {"windows": [{"days": "daily", "start": "00:00", "end": "24:00", "floor_acu": 4}]},
}


async def test_a_range_that_a_person_lowered_is_told_as_drift_and_left(tmp_path: Path) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    async with aurora(clock, held=make_range(4, 16)) as one:
        enforced = registered(one, mode="enforce", cluster=LIMITS, policy=ALWAYS_FOUR)
        settings = make_settings(tmp_path, enforced, sources=sources_of(one), savings=False)
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=8)
            simulated = one.world.clusters["orders"].simulated
            assert simulated is not None
            simulated.apply(make_range(2, 16))
            await run_for(supervisor, clock, ticks=10)

    last = told.reports[-1]
    assert last.drift is not None
    assert (last.drift.before, last.drift.after) == (make_range(4, 16), make_range(2, 16))
    assert one.world.clusters["orders"].held == make_range(2, 16)
    assert last.decision is not None
    assert "somebody else changed 4 to 16 ACU to 2 to 16 ACU" in last.decision.reason


async def test_a_cluster_that_was_deleted_and_made_anew_is_told_and_the_new_one_is_not_touched(tmp_path: Path) -> None:
    clock, told = ManualClock(MONDAY), Recorder()
    async with aurora(clock, held=make_range(2, 16)) as one:
        enforced = registered(one, mode="enforce", cluster=LIMITS, policy=ALWAYS_FOUR)
        settings = make_settings(tmp_path, enforced, sources=sources_of(one), savings=False)
        one.world.clusters["orders"].resource_id = "cluster-ANOTHER"
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=3)

    assert all(
        "there is no cluster with the resource id" in (report.failed or "") for report in told.reports if report.failed
    )
    assert any(report.failed for report in told.reports)
    assert one.world.clusters["orders"].held == make_range(2, 16)

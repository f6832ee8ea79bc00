"""A whole service from its settings, at work on a real event loop."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from autoscaler.config import PolicyDocument
from autoscaler.core.plain import to_plain
from autoscaler.errors import InvalidInput, StorageError
from autoscaler.observability.ticks import tick_line
from autoscaler.service.clock import SystemClock
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.views import TickReport
from autoscaler.service.wiring import assembled, running
from autoscaler.storage.database import Database
from autoscaler.storage.entries import JournalEntry, State
from autoscaler.storage.repositories import Journal
from tests.fakes import MONDAY, ManualClock, later
from tests.service.builders import Recorder, decisions_of, make_cluster, make_settings, run_for
from tests.service.fleets import Crash
from tests.storage.builders import url_in

FAST = {"speed": 1200.0, "start": MONDAY}
TICKS = 12


async def told_so_often(supervisor: Supervisor, recorder: Recorder, *, ticks: int) -> None:
    while len(recorder.reports) < ticks * len(supervisor.views()):
        await recorder.wait()


async def test_a_service_runs_by_itself_and_stops_cleanly(tmp_path: Path) -> None:
    """Twelve minutes of cluster time in less than a second of ours."""
    told, decided = Recorder(), Recorder()
    clusters = [make_cluster(name, scenario=name) for name in ("e-commerce", "analytics", "healthcare")]
    settings = make_settings(tmp_path, *clusters, **FAST)
    async with running(settings, observers=[told], on_decision=decided.ticked) as supervisor:
        await told_so_often(supervisor, told, ticks=TICKS)
        assert supervisor.ready
        views = supervisor.views()

    assert [report.failed for report in told.reports] == [None] * len(told.reports)
    assert decided.reports == told.reports
    assert all(view.last_decision is not None and view.demand_acu is not None for view in views)
    assert await states(tmp_path, "analytics") <= {State.NONE, State.APPLIED, State.REFUSED}
    for cluster in clusters:
        moments = [report.at for report in told.of(cluster.id)]
        assert moments == sorted(set(moments))
        assert {moment.timestamp() % 60 for moment in moments} == {0.0}


async def states(folder: Path, cluster_id: str) -> set[State]:
    database = Database(url_in(folder))
    entries = await Journal(database).entries(cluster_id, limit=10_000)
    await database.close()
    return {entry.state for entry in entries}


async def test_cluster_time_goes_on_where_the_store_was_left(tmp_path: Path) -> None:
    told = Recorder()
    for _ in range(2):
        recorder = Recorder()
        async with running(make_settings(tmp_path, **FAST), observers=[told, recorder]) as supervisor:
            await told_so_often(supervisor, recorder, ticks=3)

    moments = [report.at for report in told.reports]
    assert moments == sorted(set(moments))
    assert max(one - other for one, other in zip(moments[1:], moments, strict=False)) < timedelta(hours=1)


async def test_a_store_from_the_future_is_not_used_at_real_speed(tmp_path: Path) -> None:
    future = ManualClock(SystemClock().now() + timedelta(days=2))
    async with assembled(make_settings(tmp_path), clock=future) as supervisor:
        await run_for(supervisor, future, ticks=1)

    with pytest.raises(StorageError, match=r"lies in the future.*another database"):
        async with running(make_settings(tmp_path)):
            pass


async def test_real_time_is_the_default(tmp_path: Path) -> None:
    told = Recorder()
    async with running(make_settings(tmp_path), observers=[told]) as supervisor:
        await told_so_often(supervisor, told, ticks=1)

    (report,) = told.reports
    assert timedelta(0) <= SystemClock().now() - report.at < timedelta(seconds=120)


async def test_an_old_world_is_lived_again_for_its_last_days_only(tmp_path: Path) -> None:
    clock, told = ManualClock(), Recorder()
    settings = make_settings(tmp_path, make_cluster(scenario="analytics"))
    async with assembled(settings, observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=30)
    before = told.reports[-1].status

    await clock.advance(40 * 86_400.0)
    async with assembled(settings, observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=1)
    after = told.reports[-1].status

    assert before is not None
    assert after is not None
    assert before.changed_at is not None
    assert after.range == before.range
    assert after.changed_at is None


async def test_a_limit_of_the_policy_replaces_that_of_the_cluster(tmp_path: Path) -> None:
    policy = PolicyDocument.model_validate({"policy": "reactive", "limits": {"max_acu": 4}})
    clock = ManualClock()
    async with assembled(make_settings(tmp_path, make_cluster(policy=policy)), clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=1)
        (view,) = supervisor.views()

    assert (view.limits.min_acu, view.limits.max_acu) == (0.5, 4)
    assert view.status is not None
    assert view.status.range.ceiling_acu == 4


async def test_a_changed_document_is_noticed_at_the_next_start(tmp_path: Path) -> None:
    clock, documents = ManualClock(), set()
    for name in ("reactive", "reactive", "native"):
        cluster = make_cluster(policy=PolicyDocument(policy=name))
        async with assembled(make_settings(tmp_path, cluster), clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=1)
            (newest, *_) = await supervisor.decisions("shop", limit=1)
            documents.add(newest.document_id)

    assert len(documents) == 2


@pytest.mark.parametrize(
    ("cluster", "told"),
    [
        (make_cluster(policy=PolicyDocument(policy="reactive", settings={"speed": 9})), "there is no setting 'speed'"),
        (make_cluster(faults={"dropped_fraction": 2}), "dropped_fraction"),
        (make_cluster(policy=PolicyDocument(policy="reactive", rules={"watch_seconds": -1})), "watch_seconds"),
    ],
)
async def test_settings_that_cannot_be_used_are_refused_before_anything_runs(
    cluster: object, told: str, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path).model_copy(update={"clusters": (cluster,)})
    with pytest.raises(InvalidInput, match=told):
        async with running(settings):
            pass


async def test_faults_between_a_cluster_and_the_service_cost_decisions_but_no_order(tmp_path: Path) -> None:
    """With calls refused and metrics lost, late, doubled and wrong, the journal still tells what happened."""
    faults = {
        "dropped_fraction": 0.2,
        "delayed_fraction": 0.2,
        "duplicated_fraction": 0.2,
        "corrupted_fraction": 0.2,
        "busy_fraction": 0.3,
        "refused_fraction": 0.1,
        "seed": 3,
    }
    told, clock = Recorder(), ManualClock()
    entries: tuple[JournalEntry, ...] = ()
    settings = make_settings(tmp_path, make_cluster(scenario="analytics", faults=faults))
    for _ in range(3):
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=100)
            entries = await supervisor.decisions("shop", limit=500)

    assert [to_plain(entry.decision) for entry in reversed(entries)] == decisions_of(told.reports)
    assert {report.failed for report in told.reports} > {None}
    assert {entry.state for entry in entries} >= {State.NONE, State.APPLIED, State.REFUSED}
    assert State.PLANNED not in {entry.state for entry in entries}
    for entry in entries:
        assert entry.decision.after.ceiling_acu <= 64


async def test_a_crash_of_the_whole_service_leaves_a_store_that_can_be_used(tmp_path: Path) -> None:
    clock, told = ManualClock(), Recorder()
    with pytest.raises(Crash):
        await crash(tmp_path, clock)

    async with assembled(make_settings(tmp_path), observers=[told], clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=2)

    assert {report.failed for report in told.reports} == {None}


async def crash(folder: Path, clock: ManualClock) -> None:
    async with assembled(make_settings(folder), clock=clock) as supervisor:
        await supervisor.beat()
        raise Crash


def test_the_log_line_fits_the_reports() -> None:
    report = TickReport(cluster_id="shop", at=MONDAY, seconds=0.01, failed="gone fishing")

    assert tick_line(replace(report, at=later(60)))["cluster"] == "shop"

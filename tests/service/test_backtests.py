"""Backtests as jobs: queued, carried out in a process of their own, called off, begun anew after a stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from autoscaler.errors import InvalidInput, NotPossible, UnknownName
from autoscaler.service.advising import Advisor
from autoscaler.service.backtest_orders import BacktestOrder
from autoscaler.service.backtests import BacktestDesk
from autoscaler.service.roster import Roster
from autoscaler.storage.backtests import MOST_QUEUED, JobState
from autoscaler.storage.database import Database
from autoscaler.storage.once import Once
from autoscaler.storage.repositories import Clusters, Journal
from tests.fakes import MONDAY, ManualClock, later
from tests.storage.builders import empty_store, make_decision, make_record, make_sample, url_in

TRACE = {"start": "2026-03-02T08:00:00Z", "step_seconds": 300.0, "demand_acu": [1.0, 4.0, None, 2.0, 8.0, 1.0]}
WHO = {"actor": "ada", "request_id": "r1"}
LONG = {"scenario": "online-gaming", "days": 35, "policy": "predictive"}


def make_order(**changes: Any) -> BacktestOrder:
    return BacktestOrder.model_validate({"trace": TRACE, "policy": "native", **changes})


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with empty_store(url_in(tmp_path)) as database:
        yield database


@pytest.fixture
def desk(database: Database) -> BacktestDesk:
    clock = ManualClock(later(3600))
    return BacktestDesk(database, clock, advisor=advisor(database), now=lambda: MONDAY, tell_seconds=0.01)


def advisor(database: Database) -> Advisor:
    return Advisor(database, Roster(), ManualClock())


async def ordered(desk: BacktestDesk, once: Once | None = None, **changes: Any) -> int:
    return (await desk.order(make_order(**changes), once=once, **WHO)).id


@pytest.mark.slow
async def test_an_order_becomes_figures_and_a_page(desk: BacktestDesk) -> None:
    job_id = await ordered(desk, policy={"name": "mine", "policy": "reactive", "limits": {"max_acu": 16}})
    waiting = await desk.jobs.find(job_id)
    worked, more = await desk.work_one(), await desk.work_one()
    done = await desk.jobs.find(job_id)

    assert (waiting.state, worked, more) == (JobState.QUEUED, True, False)
    assert (done.state, done.progress_fraction, done.error) == (JobState.DONE, 1.0, None)
    assert done.summary is not None
    assert (done.summary["trace"], done.summary["policy"], done.summary["steps"]) == ("trace", "mine", 120)
    report = await desk.jobs.report(job_id)
    assert report is not None
    assert report.startswith("<!doctype html>")
    assert "autoscaler-backtest-" not in report


@pytest.mark.slow
async def test_a_cluster_is_run_on_its_own_past(desk: BacktestDesk, database: Database) -> None:
    await Clusters(database).register("orders", at=MONDAY, document={})
    samples = tuple(make_sample(300.0 * number, 1.0 + number % 3) for number in range(12))
    await Journal(database).write(make_record(make_decision(), samples=samples))
    job_id = (await desk.order(BacktestOrder(cluster_id="orders", policy="native"), once=None, **WHO)).id
    await desk.work_one()
    done = await desk.jobs.find(job_id)

    assert (done.state, done.cluster_id) == (JobState.DONE, "orders")
    assert done.summary is not None
    assert (done.summary["start"], done.summary["trace"]) == ("2026-03-02T08:00:00Z", "cluster:orders")


async def test_a_cluster_without_a_past_is_refused(desk: BacktestDesk) -> None:
    with pytest.raises(NotPossible, match="has not been measured for long enough"):
        await desk.order(BacktestOrder(cluster_id="orders", policy="native"), once=None, **WHO)


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        ({"policy": "/etc/passwd"}, UnknownName, "no policy named '/etc/passwd'"),
        ({"policy": "preset:../x"}, UnknownName, "no policy named 'preset:../x'"),
        ({"profile": "./x.yaml"}, UnknownName, "no profile named"),
        ({"trace": None, "scenario": "x"}, UnknownName, "no scenario named 'x'"),
        (
            {"policy": {"policy": "scheduled", "settings": {"calendars": {"x": {"file": "/etc/passwd"}}}}},
            InvalidInput,
            "no files are read",
        ),
        ({"policy": {"policy": "reactive", "settings": {"x": 1}}}, InvalidInput, r"policy.json:1:\d+: .*x"),
        ({"min_acu": 8, "max_acu": 4}, InvalidInput, "8"),
    ],
)
async def test_what_cannot_be_run_is_refused_at_once(
    desk: BacktestDesk, changes: dict[str, Any], kind: type[Exception], told: str
) -> None:
    with pytest.raises(kind, match=told) as refused:
        await desk.order(make_order(**changes), once=None, **WHO)

    assert "autoscaler-backtest-" not in str(refused.value)
    assert await desk.jobs.newest(limit=1) == ()


async def test_only_so_many_wait(desk: BacktestDesk) -> None:
    for _ in range(MOST_QUEUED):
        await ordered(desk)
    with pytest.raises(NotPossible, match="20 backtests wait already"):
        await ordered(desk)


async def test_the_same_key_orders_once(desk: BacktestDesk) -> None:
    once = Once(key="k", fingerprint="f")

    assert await ordered(desk, once) == await ordered(desk, once)


async def test_what_waits_is_cancelled_and_not_begun(desk: BacktestDesk) -> None:
    job_id = await ordered(desk)
    cancelled = await desk.cancel(job_id, **WHO)

    assert cancelled.state is JobState.CANCELLED
    assert not await desk.work_one()
    with pytest.raises(NotPossible, match="has ended already"):
        await desk.cancel(job_id, **WHO)


@pytest.mark.slow
async def test_what_runs_is_cancelled_and_its_process_ended(desk: BacktestDesk) -> None:
    job_id = (await desk.order(BacktestOrder.model_validate(LONG), once=None, **WHO)).id
    working = asyncio.create_task(desk.work_one())
    while (await desk.jobs.find(job_id)).doing != "simulating":  # noqa: ASYNC110 - another process is at work
        await asyncio.sleep(0)
    await desk.cancel(job_id, **WHO)
    await working
    ended = await desk.jobs.find(job_id)

    assert (ended.state, ended.summary) == (JobState.CANCELLED, None)


@pytest.mark.slow
async def test_a_service_that_stops_leaves_its_job_to_the_next(desk: BacktestDesk) -> None:
    job_id = (await desk.order(BacktestOrder.model_validate(LONG), once=None, **WHO)).id
    working = asyncio.create_task(desk.work_one())
    while (await desk.jobs.find(job_id)).state is not JobState.RUNNING:  # noqa: ASYNC110 - the same
        await asyncio.sleep(0)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working

    assert (await desk.jobs.find(job_id)).state is JobState.QUEUED


async def test_a_process_that_died_is_told_of(database: Database) -> None:
    moments = {"now": MONDAY}

    def now() -> datetime:
        return moments["now"]

    desk = BacktestDesk(database, ManualClock(), advisor=advisor(database), now=now)
    job_id = await ordered(desk)
    await desk.jobs.claim("somebody who dies", MONDAY)
    moments["now"] = later(61)
    await desk.work_one()
    job = await desk.jobs.find(job_id)

    assert (job.state, job.error) == (JobState.INTERRUPTED, "the process that ran it died")

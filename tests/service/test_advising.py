"""Advice about registered clusters: by their past, their owners' limits and prices, and the range they have."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from autoscaler.backtest.advice import Finding, Refusal
from autoscaler.backtest.advising import Known
from autoscaler.core.capacity import Range
from autoscaler.core.control import NO_CONTROL, Mode
from autoscaler.documents.pricing import PricingDocument
from autoscaler.service.advising import AdviceOrder, Advisor
from autoscaler.service.backtests import BacktestDesk
from autoscaler.service.roster import Roster
from autoscaler.storage.backtests import JobState
from autoscaler.storage.database import Database
from autoscaler.storage.repositories import Clusters, Journal
from tests.backtest.advice import make_finding
from tests.fakes import MONDAY, ManualClock, later
from tests.service.builders import make_cluster
from tests.storage.builders import LARGE, empty_store, make_decision, make_record, make_sample, url_in

WHO = {"actor": "ada", "request_id": "r1"}
A_DAY = 86_400.0


class Bench:
    """Remembers who was to be advised; each saves as much as its name is long."""

    def __init__(self) -> None:
        self.known: list[Known] = []

    def advise(self, asked: Sequence[Known], **_: object) -> tuple[list[Finding], list[Refusal]]:
        self.known += asked
        return [make_finding(one.name, float(len(one.name))) for one in asked], []


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Two clusters; `orders` has a past of a day, and a range of LARGE."""
    async with empty_store(url_in(tmp_path)) as database:
        for name in ("orders", "bills"):
            await Clusters(database).register(name, at=MONDAY, document={})
        samples = tuple(make_sample(300.0 * number, 1.0 + number % 3) for number in range(288))
        await Journal(database).write(make_record(make_decision(before=LARGE, after=LARGE), samples=samples))
        yield database


@pytest.fixture
def desk(database: Database, bench: Bench) -> BacktestDesk:
    cluster = make_cluster("orders")
    priced = cluster.cluster.model_copy(update={"pricing": PricingDocument(region="eu-west-1")})
    roster = Roster(seeds=(cluster.model_copy(update={"cluster": priced}), make_cluster("bills")))
    clock = ManualClock(later(A_DAY))
    advisor = Advisor(database, roster, clock, advise=bench.advise)
    return BacktestDesk(database, clock, advisor=advisor, now=lambda: MONDAY, tell_seconds=0.01)


@pytest.mark.parametrize(
    ("mode", "today"),
    [
        (Mode.OBSERVE, LARGE),
        (Mode.ENFORCE, Range(floor_acu=0.5, ceiling_acu=64.0, pause_after_seconds=None)),
    ],
)
async def test_a_cluster_is_advised_by_its_past_its_prices_and_its_range(
    desk: BacktestDesk, bench: Bench, database: Database, mode: Mode, today: Range
) -> None:
    record = make_record(make_decision(later(60.0), before=LARGE, after=LARGE))
    record = replace(record, inputs=replace(record.inputs, control=replace(NO_CONTROL, mode=mode)))
    await Journal(database).write(record)
    order = AdviceOrder(cluster_ids=("orders",), throttling_price=9)
    job = await desk.order_advice(order, once=None, **WHO)
    await desk.work_one()
    done = await desk.jobs.find(job.id)
    case = bench.known[0].case()

    assert (done.state, done.cluster_id) == (JobState.DONE, "orders")
    assert done.summary is not None
    assert [one["trace"] for one in done.summary["clusters"]] == ["orders"]
    assert "<h2>orders</h2>" in (await desk.jobs.report(job.id) or "")
    assert (case.today, case.instances, case.prices.region) == (today, 1, "eu-west-1")
    assert (case.plan.prices.usd_per_acu_hour, case.plan.prices.throttling_price) == (0.14, 9)
    assert case.plan.trace.end - case.plan.trace.start == timedelta(days=1)


async def test_whoever_has_no_past_is_left_out_and_the_others_are_ranked(desk: BacktestDesk) -> None:
    job = await desk.order_advice(AdviceOrder(cluster_ids=("gone", "bills", "orders")), once=None, **WHO)
    await desk.work_one()
    done = await desk.jobs.find(job.id)

    assert done.summary is not None
    assert [one["trace"] for one in done.summary["clusters"]] == ["orders"]
    assert done.summary["left_out"] == [
        {"trace": "gone", "reason": "gone is registered no more"},
        {
            "trace": "bills",
            "reason": "bills: the cluster has not been measured for long enough to run anything on it",
        },
    ]


async def test_where_nothing_can_be_told_the_reason_is(desk: BacktestDesk) -> None:
    job = await desk.order_advice(AdviceOrder(cluster_ids=("bills",)), once=None, **WHO)
    await desk.work_one()
    done = await desk.jobs.find(job.id)

    told = "bills: the cluster has not been measured for long enough to run anything on it"
    assert (done.state, done.error) == (JobState.FAILED, told)

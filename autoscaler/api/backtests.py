"""Backtests as jobs: ordered, followed, read, called off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from autoscaler.api.access import CALLER, visible
from autoscaler.api.backtest_schemas import Backtest, BacktestPage
from autoscaler.api.bodies import once, read_body
from autoscaler.api.control import desk_of
from autoscaler.api.endpoints import DESK, FLEET, Endpoint, answer, answer_page
from autoscaler.api.problems import (
    ALREADY_USED,
    INVALID_REQUEST,
    NOT_POSSIBLE,
    REQUEST_ID,
    UNKNOWN_NAME,
    WRONG_TYPE,
    shortened,
)
from autoscaler.api.queries import LARGEST_ID, Cursor, Limit, Query, id_from_cursor, next_link, read_query
from autoscaler.errors import NotPossible, UnknownName
from autoscaler.service.advising import AdviceOrder, WantedAdvice
from autoscaler.service.backtest_orders import BacktestOrder
from autoscaler.service.backtests import BacktestDesk, order_of
from autoscaler.service.tasks import kept_alive
from autoscaler.storage.access import Scope
from autoscaler.storage.backtests import Job

PATH = "/v1/backtests"
LARGEST_ORDER_BYTES = 524_288
# The report is a page with its own style and no script; it may do nothing else.
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class BacktestQuery(Query):
    """Which page of the backtests."""

    limit: Limit = 50
    cursor: Cursor = None


async def order_backtest(request: web.Request) -> web.Response:
    """Queue one; it is followed with GET."""
    order = await read_body(request, BacktestOrder)
    if order.cluster_id is not None:
        visible(request, request[CALLER], order.cluster_id)
    job = await _bench(request).order(
        order, actor=request[CALLER].actor, request_id=request[REQUEST_ID], once=await once(request)
    )
    return answer(_told(job))


async def order_advice(request: web.Request) -> web.Response:
    """Queue it like a backtest; without ids, about all clusters that the caller sees."""
    wanted = await read_body(request, WantedAdvice)
    caller = request[CALLER]
    for cluster_id in wanted.cluster_ids:
        visible(request, caller, cluster_id)
    seen = wanted.cluster_ids or tuple(
        one.cluster_id for one in request.app[FLEET].views() if caller.sees(one.cluster_id)
    )
    if not seen:
        raise NotPossible("there is no cluster to advise about; register one first")
    order = AdviceOrder.model_validate({**wanted.model_dump(), "cluster_ids": seen})
    bench = _bench(request)
    job = await bench.order_advice(order, actor=caller.actor, request_id=request[REQUEST_ID], once=await once(request))
    return answer(_told(job))


async def list_backtests(request: web.Request) -> web.Response:
    """A page, newest first; what runs on the past of clusters that the caller does not see is left out."""
    query = read_query(request, BacktestQuery)
    before = None if query.cursor is None else id_from_cursor(query.cursor)
    found = await _bench(request).jobs.newest(limit=query.limit + 1, before=before)
    page = found[: query.limit]
    following = next_link(request, query, str(page[-1].id)) if len(found) > len(page) else None
    items = tuple(_told(job) for job in page if _sees(request, job))
    return answer_page(BacktestPage(items=items, next=following), following)


async def read_backtest(request: web.Request) -> web.Response:
    """How far it is, or what came of it."""
    return answer(_told(await _job(request)))


async def read_report(request: web.Request) -> web.Response:
    """The result as a page."""
    job = await _job(request)
    report = await _bench(request).jobs.report(job.id)
    if report is None:
        raise NotPossible(f"backtest {job.id} has no report: it is {job.state}")
    headers = {"Content-Security-Policy": REPORT_POLICY}
    return web.Response(text=report, content_type="text/html", charset="utf-8", headers=headers)


async def cancel_backtest(request: web.Request) -> web.Response:
    """End it, whether or not it has begun."""
    job = await _job(request)
    caller, request_id = request[CALLER], request[REQUEST_ID]
    return answer(_told(await _bench(request).cancel(job.id, actor=caller.actor, request_id=request_id)))


async def work_off(app: web.Application) -> AsyncIterator[None]:
    """While the application runs, so does what was ordered."""
    task = kept_alive(app[DESK].backtests.work, "backtests")
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _bench(request: web.Request) -> BacktestDesk:
    return desk_of(request).backtests


async def _job(request: web.Request) -> Job:
    given = request.match_info["backtest_id"]
    if not (given.isascii() and given.isdigit() and len(given) <= 19 and 0 < int(given) <= LARGEST_ID):
        raise UnknownName("backtest", shortened(given), ())
    job = await _bench(request).jobs.find(int(given))
    if not _sees(request, job):
        raise UnknownName("backtest", given, ())
    return job


def _sees(request: web.Request, job: Job) -> bool:
    if job.cluster_id is not None:
        return request[CALLER].sees(job.cluster_id)
    return all(map(request[CALLER].sees, job.order.get("cluster_ids", ())))


def _told(job: Job) -> Backtest:
    order = order_of(job.order)
    return Backtest(
        id=job.id,
        state=job.state,
        actor=job.actor,
        workload=order.workload,
        policy=order.policy_name,
        cluster_id=job.cluster_id,
        doing=job.doing,
        progress_fraction=job.progress_fraction,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        error=job.error,
        summary=None if job.summary is None else dict(job.summary),
        report=f"{PATH}/{job.id}/report" if job.has_report else None,
    )


ENDPOINTS = (
    Endpoint(
        path=PATH,
        name="list_backtests",
        about="The backtests that were ordered, newest first; the last 200 are kept.",
        handle=list_backtests,
        answer=BacktestPage,
        query=BacktestQuery,
        problems=(NOT_POSSIBLE,),
    ),
    Endpoint(
        method="POST",
        path=PATH,
        name="order_backtest",
        about="Run one policy on one workload, in a process of its own; follow it with GET.",
        handle=order_backtest,
        answer=Backtest,
        body=BacktestOrder,
        largest_body_bytes=LARGEST_ORDER_BYTES,
        keyed=True,
        scope=Scope.OPERATE,
        problems=(INVALID_REQUEST, UNKNOWN_NAME, NOT_POSSIBLE, ALREADY_USED, WRONG_TYPE),
    ),
    Endpoint(
        method="POST",
        path="/v1/recommendations",
        name="order_recommendation",
        about="What would be best for clusters, by their past; follow it and read its report as a backtest's.",
        handle=order_advice,
        answer=Backtest,
        body=WantedAdvice,
        keyed=True,
        scope=Scope.OPERATE,
        problems=(INVALID_REQUEST, UNKNOWN_NAME, NOT_POSSIBLE, ALREADY_USED, WRONG_TYPE),
    ),
    Endpoint(
        path=f"{PATH}/{{backtest_id}}",
        name="read_backtest",
        about="How far a backtest is, or what came of it.",
        handle=read_backtest,
        answer=Backtest,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    Endpoint(
        path=f"{PATH}/{{backtest_id}}/report",
        name="read_report",
        about="The result of a backtest as a page.",
        handle=read_report,
        answer="text/html",
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
    Endpoint(
        method="POST",
        path=f"{PATH}/{{backtest_id}}/cancel",
        name="cancel_backtest",
        about="End a backtest, whether or not it has begun.",
        handle=cancel_backtest,
        answer=Backtest,
        scope=Scope.OPERATE,
        problems=(UNKNOWN_NAME, NOT_POSSIBLE),
    ),
)

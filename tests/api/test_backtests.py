"""Backtests over HTTP: ordered, followed, read, called off."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from autoscaler.api.access import Access
from autoscaler.api.app import make_app
from autoscaler.observability.metrics import Metrics
from autoscaler.service.access import TokenBook, new_token
from autoscaler.service.desk import Desk
from autoscaler.storage.access import Scope, Tokens
from autoscaler.storage.audit import Deed
from tests.api.fleet import FakeFleet
from tests.api.reader import Reader
from tests.fakes import MONDAY, ManualClock, later

PATH = "/v1/backtests"
TRACE = {"start": "2026-03-02T08:00:00Z", "step_seconds": 300.0, "demand_acu": [1.0, 4.0, 2.0, 2.0, None, 2.0]}
ORDER = {"trace": TRACE, "policy": "native"}


async def test_what_was_done_is_told_with_its_page(api: Reader) -> None:
    told = (await api.get(f"{PATH}/1")).json
    page = await api.get(told["report"])

    assert told == {
        "id": 1,
        "state": "done",
        "actor": "a test",
        "workload": "scenario:e-commerce",
        "policy": "native",
        "cluster_id": None,
        "doing": None,
        "progress_fraction": 1.0,
        "created_at": "2026-03-02T08:00:00Z",
        "started_at": "2026-03-02T08:00:00Z",
        "finished_at": "2026-03-02T08:00:09Z",
        "error": None,
        "summary": {"acu_hours": 12.5},
        "report": f"{PATH}/1/report",
    }
    assert page.text == "<!doctype html><p>done</p>"
    assert "script-src" not in page.headers["Content-Security-Policy"]


@pytest.mark.slow
async def test_an_order_is_carried_out(api: Reader) -> None:
    ordered = (await api.send("POST", PATH, ORDER, Idempotency_Key="k")).json
    again = (await api.send("POST", PATH, ORDER, Idempotency_Key="k")).json
    told = ordered
    while told["state"] in ("queued", "running"):
        told = (await api.get(f"{PATH}/{ordered['id']}")).json
        await asyncio.sleep(0)

    assert (ordered["id"], again["id"], told["state"]) == (2, 2, "done")
    assert told["summary"]["steps"] == 120


async def test_the_newest_come_first_and_in_pages(api: Reader) -> None:
    await api.send("POST", PATH, ORDER)
    first = (await api.get(f"{PATH}?limit=1")).json
    rest = (await api.get(first["next"])).json

    assert ([one["id"] for one in (*first["items"], *rest["items"])], rest["next"]) == ([2, 1], None)


async def test_what_has_ended_cannot_be_cancelled(api: Reader) -> None:
    assert (await api.ask("POST", f"{PATH}/1/cancel", 409)).detail == "backtest 1 has ended already"


@pytest.mark.parametrize("number", ["7", "0", "x", "99999999999999999999"])
async def test_an_unknown_one_is_told(api: Reader, number: str) -> None:
    for path in (f"{PATH}/{number}", f"{PATH}/{number}/report"):
        await api.get(path, 404)
    await api.ask("POST", f"{PATH}/{number}/cancel", 404)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"policy": "native"}, "give one of 'scenario', 'trace' and 'cluster_id'"),
        ({**ORDER, "scenario": "e-commerce"}, "give one of 'scenario', 'trace' and 'cluster_id'"),
        ({"trace": {**TRACE, "demand_acu": [-1.0]}, "policy": "native"}, "greater than or equal to 0"),
        ({"trace": {**TRACE, "demand_acu": [None]}, "policy": "native"}, "the trace holds no known value"),
        ({"trace": {**TRACE, "step_seconds": 3600.0, "demand_acu": [1.0] * 841}, "policy": "native"}, "35 days"),
        ({**ORDER, "days": 36}, "days is '36'"),
        ({**ORDER, "x": 1}, "there is no member 'x'"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(api: Reader, body: dict[str, Any], told: str) -> None:
    assert told in (await api.send("POST", PATH, body, 400)).detail


async def test_an_unknown_name_is_told(api: Reader) -> None:
    assert (
        "no policy named '/etc/passwd'"
        in (await api.send("POST", PATH, {**ORDER, "policy": "/etc/passwd"}, 404)).detail
    )
    assert "no cluster named 'x'" in (await api.send("POST", PATH, {"cluster_id": "x", "policy": "native"}, 404)).detail


async def test_a_trace_may_be_longer_than_other_bodies(api: Reader) -> None:
    values = [1.25] * 15_000
    await api.send("POST", PATH, {"trace": {**TRACE, "step_seconds": 60.0, "demand_acu": values}, "policy": "native"})
    answer = await api.ask("POST", PATH, 413, body=b" " * 524_289, Content_Type="application/json")

    assert answer.detail == "a body has at most 524288 bytes"


async def test_a_token_sees_what_runs_on_its_clusters(fleet: FakeFleet, desk: Desk, tmp_path: Path) -> None:
    deed = Deed(at=MONDAY, actor="ada", request_id="r", action="backtest.order")
    for cluster_id in ("orders", "bills"):
        await desk.backtests.jobs.add({"cluster_id": cluster_id, "policy": "native"}, cluster_id, deed, None)
        await desk.backtests.jobs.claim("nobody", later(0))
    tokens = Tokens(desk.database)
    token, text = new_token(name="bot", scope=Scope.READ, clusters="ord*", at=MONDAY, expires_at=later(3600))
    await tokens.add(token, deed)
    access = Access(book=TokenBook(tokens, now=ManualClock().now, known_seconds=0))
    app = make_app(fleet, metrics=Metrics(version="test"), desk=desk, access=access)
    async with TestClient(TestServer(app)) as client:
        api = Reader(client)
        headers: dict[str, Any] = {"Authorization": f"Bearer {text}"}
        listed = (await api.get(PATH, **headers)).json["items"]
        await api.get(f"{PATH}/3", 404, **headers)
        await api.send("POST", PATH, ORDER, 403, **headers)

    assert [one["cluster_id"] for one in listed] == ["orders", None]


async def test_a_recommendation_is_ordered_for_the_clusters_one_sees(api: Reader) -> None:
    everybody = (await api.send("POST", "/v1/recommendations", {"days": 14}, Idempotency_Key="r")).json
    one = (await api.send("POST", "/v1/recommendations", {"cluster_ids": ["orders"]})).json
    unknown = await api.send("POST", "/v1/recommendations", {"cluster_ids": ["orders", "x"]}, 404)
    too_few = await api.send("POST", "/v1/recommendations", {"days": 3}, 400)

    assert (everybody["workload"], everybody["policy"], everybody["cluster_id"]) == ("2 clusters", "recommend", None)
    assert (one["workload"], one["cluster_id"]) == ("cluster:orders", "orders")
    assert "no cluster named 'x'" in unknown.detail
    assert "days" in too_few.detail


async def test_a_recommendation_about_others_clusters_is_not_seen(fleet: FakeFleet, desk: Desk) -> None:
    deed = Deed(at=MONDAY, actor="ada", request_id="r", action="advice.order")
    await desk.backtests.jobs.add({"cluster_ids": ["orders", "bills"]}, None, deed, None)
    tokens = Tokens(desk.database)
    token, text = new_token(name="bot", scope=Scope.READ, clusters="ord*", at=MONDAY, expires_at=later(3600))
    await tokens.add(token, deed)
    access = Access(book=TokenBook(tokens, now=ManualClock().now, known_seconds=0))
    app = make_app(fleet, metrics=Metrics(version="test"), desk=desk, access=access)
    async with TestClient(TestServer(app)) as client:
        await Reader(client).get(f"{PATH}/2", 404, Authorization=f"Bearer {text}")

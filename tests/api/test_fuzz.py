"""Whatever is asked, the service makes no mistake: random paths, queries and bytes on the wire."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from autoscaler.api.app import make_app
from autoscaler.observability.metrics import Metrics
from tests.api.desk import opened_desk
from tests.api.fleet import FakeFleet, make_view
from tests.api.reader import Reader
from tests.api.test_requests import status_of

Loop = tuple[asyncio.Runner, Reader]

WORDS = st.sampled_from(["v1", "clusters", "orders", "decisions", "livez", "metrics", "openapi.json", "..", "", "%00"])
SEGMENTS = WORDS | st.text(max_size=12)
PATHS = st.lists(SEGMENTS, max_size=5).map(lambda segments: "/" + "/".join(segments))
NAMES = st.sampled_from(["limit", "cursor", "changes_only"]) | st.text(max_size=8)
VALUES = st.integers().map(str) | st.text(max_size=30) | st.sampled_from(["true", "MTA", "YmlsbHM", "1e9", "٣", "1_0"])
QUERIES = st.lists(st.tuples(NAMES, VALUES), max_size=4)
RESOURCES = st.sampled_from(["/v1/clusters", "/v1/clusters/orders", "/v1/clusters/orders/decisions"])

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([4, 32, 60, 3600])
ANYTHING = st.none() | st.booleans() | NUMBERS | st.text(max_size=9) | st.lists(st.integers(), max_size=2)
MEMBERS = st.sampled_from(
    ["floor_acu", "ceiling_acu", "pause_after_seconds", "for_seconds", "until", "direction", "mode", "x"]
)
SENSIBLE = st.sampled_from(
    ["both", "observe", "2026-03-02T09:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"]
)
BODIES = st.dictionaries(MEMBERS, SENSIBLE | ANYTHING, max_size=6) | ANYTHING
ORDERS = st.sampled_from(["override", "freeze", "mode", "pause-now", "resume-now"])


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """One server for all examples; each example runs on its loop until it is answered."""
    fleet = FakeFleet([make_view("orders"), make_view("bills")])
    with asyncio.Runner() as runner:
        kept = AsyncExitStack()
        client = runner.run(start(fleet, kept, tmp_path_factory.mktemp("store")))
        yield runner, Reader(client)
        runner.run(kept.aclose())


async def start(fleet: FakeFleet, kept: AsyncExitStack, folder: Path) -> TestClient[Request, Application]:
    desk = await kept.enter_async_context(opened_desk(folder, decisions=12))
    app = make_app(fleet, metrics=Metrics(version="test"), desk=desk)
    client: TestClient[Request, Application] = await kept.enter_async_context(TestClient(TestServer(app)))
    return client


async def status_of_order(api: Reader, order: str, body: object) -> int:
    url = api.client.make_url(f"/v1/clusters/orders/{order}")
    method = "POST" if order.endswith("now") else "PUT"
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    async with api.client.session.request(method, url, data=json.dumps(body), headers=headers) as response:
        await response.read()
        return response.status


@given(order=ORDERS, body=BODIES)
def test_random_orders_are_taken_or_refused(loop: Loop, order: str, body: object) -> None:
    runner, api = loop

    assert runner.run(status_of_order(api, order, body)) in {200, 400, 409}


async def status_and_type(api: Reader, path: str, query: list[tuple[str, str]]) -> tuple[int, str]:
    url = api.client.make_url("/").with_path(path).with_query(query)
    async with api.client.session.get(url) as response:
        await response.read()
        return response.status, response.content_type


@given(path=PATHS, query=QUERIES)
def test_random_paths_and_queries_are_no_fault_of_ours(loop: Loop, path: str, query: list[tuple[str, str]]) -> None:
    runner, api = loop

    status, content_type = runner.run(status_and_type(api, path, query))

    assert status in {200, 400, 404}
    assert status == 200 or content_type == "application/problem+json"


@given(resource=RESOURCES, query=QUERIES)
def test_random_parameters_are_answered_or_refused(loop: Loop, resource: str, query: list[tuple[str, str]]) -> None:
    runner, api = loop

    assert runner.run(status_and_type(api, resource, query))[0] in {200, 400}


@given(cursor=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", max_size=40))
def test_a_made_up_cursor_is_answered_or_refused(loop: Loop, cursor: str) -> None:
    runner, api = loop
    query = str(URL.build(query={"cursor": cursor}))

    for resource in ("/v1/clusters", "/v1/clusters/orders/decisions"):
        assert runner.run(status_of(api, f"GET {resource}{query} HTTP/1.0\r\n\r\n".encode())) in {200, 400}


@given(target=st.text(st.characters(min_codepoint=33, max_codepoint=255), min_size=1, max_size=60))
def test_random_bytes_as_a_path_are_no_fault_of_ours(loop: Loop, target: str) -> None:
    runner, api = loop

    assert runner.run(status_of(api, f"GET /{target} HTTP/1.0\r\n\r\n".encode("latin-1"))) < 500

"""Events over HTTP: pages, and a stream that is resumed, filtered, kept alive and ended."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from autoscaler.api import streams as streams_module
from autoscaler.api.access import Access
from autoscaler.api.app import make_app
from autoscaler.api.streams import STREAMS
from autoscaler.observability.events import Kind
from autoscaler.observability.metrics import Metrics
from autoscaler.service.access import TokenBook, new_token
from autoscaler.service.clock import SystemClock
from autoscaler.service.desk import Desk
from autoscaler.storage.access import Scope, Tokens
from autoscaler.storage.audit import Deed
from tests.api.fleet import FakeFleet, make_view
from tests.api.reader import Reader
from tests.fakes import MONDAY


async def happened(desk: Desk, *stories: tuple[Kind, str]) -> None:
    before = desk.feed.newest
    for kind, cluster_id in stories:
        desk.feed.emit(kind, f"{kind} at {cluster_id or 'the service'}", cluster_id=cluster_id, floor_acu=2.0)
    await desk.feed.newer_than(before + len(stories) - 1)


STORIES = (
    (Kind.LEADING, ""),
    (Kind.BLIND, "orders"),
    (Kind.FAILING, "bills"),
    (Kind.CHANGE_APPLIED, "orders"),
)


async def test_events_are_told_newest_first_a_page_at_a_time(api: Reader, desk: Desk) -> None:
    await happened(desk, *STORIES)

    first = (await api.get("/v1/events?limit=3")).json
    rest = (await api.get(first["next"])).json

    assert [one["id"] for one in first["items"]] == [4, 3, 2]
    assert [one["kind"] for one in rest["items"]] == ["leading"]
    assert rest["next"] is None
    assert first["items"][0] == {
        "id": 4,
        "at": "2026-03-02T08:00:00Z",
        "kind": "change-applied",
        "severity": "info",
        "cluster_id": "orders",
        "text": "change-applied at orders",
        "details": {"floor_acu": 2.0},
    }


@pytest.mark.parametrize(
    ("query", "ids"),
    [("cluster=orders", [4, 2]), ("kind=leading,blind", [2, 1]), ("severity=warning", [3, 2]), ("severity=error", [3])],
)
async def test_events_are_chosen(query: str, ids: list[int], api: Reader, desk: Desk) -> None:
    await happened(desk, *STORIES)
    assert [one["id"] for one in (await api.get(f"/v1/events?{query}")).json["items"]] == ids


async def test_what_cannot_be_chosen_is_told(api: Reader) -> None:
    assert "there are: change-applied," in (await api.get("/v1/events?kind=blind,nonsense", 400)).detail
    assert "no cluster named 'bill'" in (await api.get("/v1/events?cluster=bill", 404)).detail
    assert "Last-Event-ID is 'x'" in (await api.get("/v1/events/stream", 400, Last_Event_ID="x")).detail


async def test_head_of_a_stream_ends(api: Reader) -> None:
    async with api.client.head("/v1/events/stream") as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")


@asynccontextmanager
async def listening(api: Reader, query: str = "", **headers: str) -> AsyncIterator[ClientResponse]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with api.client.get(f"/v1/events/stream{query}", headers=named) as answer:
        assert answer.status == 200, await answer.text()
        assert await answer.content.readline() == b"retry: 2000\n"
        yield answer


async def told(answer: ClientResponse, count: int) -> list[dict[str, Any]]:
    """The next events, each with its id and its kind as the stream names them."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        name, _, value = (await answer.content.readline()).decode().strip().partition(": ")
        if name == "data":
            found.append(json.loads(value))
    return found


async def test_a_stream_tells_what_happens_from_now_on(api: Reader, desk: Desk) -> None:
    await happened(desk, *STORIES)
    async with listening(api) as answer:
        await happened(desk, (Kind.SEEING, "orders"))
        (event,) = await told(answer, 1)

    assert (event["id"], event["kind"]) == (5, "seeing")


async def test_a_stream_goes_on_behind_the_last_event(api: Reader, desk: Desk) -> None:
    await happened(desk, *STORIES)
    async with listening(api, "?cluster=orders", Last_Event_ID="1") as answer:
        await happened(desk, (Kind.SEEING, "bills"), (Kind.SEEING, "orders"))
        events = await told(answer, 3)

    assert [event["id"] for event in events] == [2, 4, 6]


async def test_many_events_come_in_their_order_and_none_twice(
    api: Reader, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams_module, "PAGE", 2)
    await happened(desk, *STORIES, *STORIES)
    async with listening(api, Last_Event_ID="0") as answer:
        assert [event["id"] for event in await told(answer, 8)] == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_an_id_from_another_store_begins_now(api: Reader, desk: Desk) -> None:
    async with listening(api, Last_Event_ID="999") as answer:
        await happened(desk, (Kind.SEEING, "orders"))
        assert [event["id"] for event in await told(answer, 1)] == [1]


async def test_a_silent_stream_shows_that_it_lives(api: Reader) -> None:
    api.client.app[STREAMS].heartbeat_seconds = 0.01
    async with listening(api) as answer:
        while await answer.content.readline() != b": still here\n":
            pass


async def test_streams_end_with_the_service_and_are_counted(api: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams_module, "MOST_STREAMS", 1)
    assert api.client.app is not None
    async with listening(api) as answer:
        refusal = await api.get("/v1/events/stream", 429)
        assert refusal.headers["Retry-After"] == "30"
        await api.client.app.shutdown()
        await answer.content.read()
    while api.client.app[STREAMS].open:  # noqa: ASYNC110 - the handler ends by itself
        await asyncio.sleep(0)


class TestWithTokens:
    """Whoever sees some clusters only is told of those, and nothing of the service."""

    @pytest.fixture
    async def locked(self, desk: Desk) -> AsyncIterator[tuple[Reader, str]]:
        now = SystemClock().now()
        token, text = new_token(
            name="ada", scope=Scope.READ, clusters="ord*", at=now, expires_at=now + timedelta(days=1)
        )
        deed = Deed(at=now, actor="test", request_id="", action="tokens.create")
        await Tokens(desk.database).add(token, deed)
        access = Access(book=TokenBook(Tokens(desk.database), now=SystemClock().now, known_seconds=0))
        fleet = FakeFleet([make_view("orders"), make_view("bills")])
        app = make_app(fleet, metrics=Metrics(version="test"), desk=desk, access=access, version="test")
        async with TestClient(TestServer(app)) as client:
            yield Reader(client), text

    async def test_pages_and_streams_show_only_their_clusters(self, locked: tuple[Reader, str], desk: Desk) -> None:
        api, token = locked
        await happened(desk, *STORIES)
        bearer = f"Bearer {token}"
        page = (await api.get("/v1/events", Authorization=bearer)).json
        async with listening(api, Last_Event_ID="0", Authorization=bearer) as answer:
            events = await told(answer, 2)

        assert [one["id"] for one in page["items"]] == [4, 2]
        assert [one["id"] for one in events] == [2, 4]
        assert (
            "no cluster named 'bills'" in (await api.get("/v1/events?cluster=bills", 404, Authorization=bearer)).detail
        )

    async def test_a_stream_ends_with_its_token(self, locked: tuple[Reader, str], desk: Desk) -> None:
        api, token = locked
        api.client.app[STREAMS].heartbeat_seconds = 0.01
        async with listening(api, Authorization=f"Bearer {token}") as answer:
            (known,) = await Tokens(desk.database).all()
            deed = Deed(at=MONDAY, actor="test", request_id="", action="tokens.revoke")
            await Tokens(desk.database).end(known.id, deed, at=known.created_at)
            await answer.content.read()

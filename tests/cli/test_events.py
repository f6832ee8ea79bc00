"""Events on the command line: listed, followed, and taken up again where a stream broke off."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from autoscaler.api.app import make_app
from autoscaler.cli.following import follow
from autoscaler.cli.remote import Remote
from autoscaler.errors import InvalidInput, ServiceError
from autoscaler.observability.events import Kind
from autoscaler.observability.metrics import Metrics
from autoscaler.service.desk import Desk
from tests.api.desk import opened_desk
from tests.api.fleet import FakeFleet, make_view
from tests.cli.conftest import Cli


@asynccontextmanager
async def served(desk: Desk, port: int | None = None) -> AsyncIterator[BaseTestServer]:
    app = make_app(FakeFleet([make_view("orders")]), metrics=Metrics(version="test"), desk=desk)
    async with TestServer(app, port=port) as server:
        yield server


async def happened(desk: Desk, text: str) -> None:
    before = desk.feed.newest
    desk.feed.emit(Kind.CHANGE_APPLIED, text, cluster_id="orders")
    await desk.feed.newer_than(before)


async def test_a_listing_is_oldest_first(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSCALER_CONTEXTS", str(tmp_path / "none.yaml"))
    async with opened_desk(tmp_path) as desk, served(desk) as server:
        for text in ("first", "second", "third"):
            await happened(desk, text)
        url = str(server.make_url("")).rstrip("/")
        as_json = await asyncio.to_thread(cli, "events", "--limit", "2", "-o", "json", "--url", url)
        as_table = await asyncio.to_thread(cli, "events", "--cluster", "orders", "--url", url)
        wrong = await asyncio.to_thread(cli, "events", "--kind", "nonsense", "--url", url)

    listed = json.loads("\n".join(line for line in as_json.out.splitlines() if "[debug" not in line))
    assert [line["text"] for line in listed] == ["second", "third"]
    assert as_table.code == 0
    assert as_table.out.index("first") < as_table.out.index("third")
    assert wrong.code == 2
    assert "kind is 'nonsense'; there are: change-applied" in wrong.err


async def test_who_follows_misses_nothing_when_the_service_restarts(tmp_path: Path) -> None:
    troubles, down = list[str](), asyncio.Event()

    async def wait(_: float) -> None:
        down.set()
        await asyncio.sleep(0)

    async with opened_desk(tmp_path) as desk:
        async with served(desk) as first:
            port = first.port
            remote = Remote(url=f"http://127.0.0.1:{port}")
            following = follow(remote, "/v1/events/stream", after=0, tell=troubles.append, sleep=wait)
            await happened(desk, "before")
            assert (await anext(following))["text"] == "before"
            next_one = asyncio.ensure_future(anext(following))
        await down.wait()
        await happened(desk, "while it was down")
        async with served(desk, port):
            assert (await next_one)["text"] == "while it was down"
            await following.aclose()

    assert len(troubles) == 1
    assert troubles[0].endswith("trying again")


async def test_what_is_refused_or_away_from_the_beginning_is_an_error(tmp_path: Path) -> None:
    async with opened_desk(tmp_path) as desk, served(desk) as server:
        remote = Remote(url=str(server.make_url("")).rstrip("/"))
        with pytest.raises(InvalidInput, match="kind is 'x'"):
            await anext(follow(remote, "/v1/events/stream?kind=x", after=None, tell=print))
    with pytest.raises(ServiceError, match="no events from http"):
        await anext(follow(remote, "/v1/events/stream", after=None, tell=print))

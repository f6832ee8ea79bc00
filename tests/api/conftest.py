"""The API over a small fleet, on a real socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from autoscaler.api.app import make_app
from autoscaler.observability.metrics import Metrics
from autoscaler.service.desk import Desk
from tests.api.desk import opened_desk
from tests.api.fleet import FakeFleet, make_unread_view, make_view
from tests.api.reader import Reader


@pytest.fixture
def fleet() -> FakeFleet:
    return FakeFleet([make_view("orders"), make_unread_view("bills")])


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="test")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path, decisions=30) as desk:
        yield desk


@pytest.fixture
async def api(fleet: FakeFleet, metrics: Metrics, desk: Desk) -> AsyncIterator[Reader]:
    async with TestClient(TestServer(make_app(fleet, metrics=metrics, desk=desk, version="test"))) as client:
        yield Reader(client)

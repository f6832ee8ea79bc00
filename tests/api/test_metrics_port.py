"""The metrics at a port of their own: for scrapers without a token, and nothing else is there."""

from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from autoscaler.api.app import listening_at, make_metrics_app
from autoscaler.observability.metrics import Metrics
from tests.api.fleet import FakeFleet, make_report, make_view


async def test_the_metrics_have_a_port_of_their_own_and_nothing_else_is_there() -> None:
    metrics = Metrics(version="test")
    for name in ("orders", "gone"):
        metrics.ticked(make_report(cluster_id=name))
    async with TestClient(TestServer(make_metrics_app(FakeFleet([make_view("orders")]), metrics))) as client:
        async with client.get("/metrics") as answer:
            text = await answer.text()
        async with client.get("/v1/clusters") as other:
            assert other.status == 404

    assert 'autoscaler_ticks_total{cluster="orders"} 1.0' in text
    assert "gone" not in text


async def test_it_listens_where_it_is_told() -> None:
    app = make_metrics_app(FakeFleet(), Metrics(version="test"))
    async with (
        listening_at(app, "127.0.0.1", 0) as address,
        ClientSession() as session,
        session.get(f"{address.url}/metrics") as answer,
    ):
        assert answer.status == 200

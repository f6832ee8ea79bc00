"""Spans, as an exporter in memory gets them; and none where nobody asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from autoscaler.api.app import make_app
from autoscaler.observability.metrics import Metrics
from autoscaler.observability.traces import make_provider, span, tracing
from autoscaler.service.observing import TracesDocument
from autoscaler.service.wiring import assembled
from tests.api.fleet import FakeFleet, make_view
from tests.fakes import ManualClock
from tests.service.builders import make_settings, run_for


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with tracing(provider):
        yield exporter


async def test_a_tick_is_a_span_with_its_calls_and_its_journal_in_it(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    clock = ManualClock()
    async with assembled(make_settings(tmp_path), clock=clock) as supervisor:
        await run_for(supervisor, clock, ticks=1)

    found = spans.get_finished_spans()
    (tick,) = [one for one in found if one.name == "tick"]
    inside = {one.name for one in found if one.parent is not None and one.parent.span_id == tick.context.span_id}
    assert tick.attributes is not None
    assert tick.attributes["autoscaler.cluster"] == "shop"
    assert inside >= {"provider status", "provider metrics", "journal write"}


async def test_a_request_is_a_span_under_its_route(spans: InMemorySpanExporter) -> None:
    app = make_app(FakeFleet([make_view("orders")]), metrics=Metrics(version="test"))
    async with TestClient(TestServer(app)) as client:
        await client.get("/v1/clusters/orders")
        await client.get("/v1/clusters/nobody?token=canary-6f1e")

    told = [dict(one.attributes or {}) for one in spans.get_finished_spans()]
    assert [(one["autoscaler.route"], one["http.response.status_code"]) for one in told] == [
        ("/v1/clusters/{cluster_id}", 200),
        ("/v1/clusters/{cluster_id}", 404),
    ]
    assert "canary" not in str(told)


def test_nothing_is_made_where_nobody_asked() -> None:
    with span("tick", cluster="orders") as made, tracing(None), span("tick") as other:
        assert (made, other) == (None, None)
    assert TracesDocument().build(version="test") is None


def test_a_collector_is_told_who_sends() -> None:
    provider = make_provider("http://127.0.0.1:1/v1/traces", sample_fraction=0.0, version="1.2.3")
    with tracing(provider), span("tick") as made:
        assert made is not None
        assert not made.is_recording(), "a fraction of 0 traces nothing"

    assert provider.resource.attributes["service.version"] == "1.2.3"

"""Probes, metrics, and where the server listens."""

import re

import aiohttp
import pytest

from autoscaler.api.app import Address, make_app, serve_app
from autoscaler.errors import InvalidInput
from autoscaler.observability.metrics import Metrics
from tests.api.fleet import FakeFleet, make_report, make_unread_view
from tests.api.reader import Reader


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
async def test_liveness_does_not_depend_on_the_fleet(api: Reader, fleet: FakeFleet, path: str) -> None:
    fleet.ready = False

    assert (await api.get(path)).json == {"version": "test"}


async def test_is_ready_when_every_cluster_was_looked_at(api: Reader) -> None:
    assert (await api.get("/readyz")).json == {"ready": True, "reason": "every cluster has been looked at"}


async def test_readiness_says_what_it_waits_for(api: Reader, fleet: FakeFleet) -> None:
    fleet.ready = False

    assert (await api.get("/readyz", 503)).detail == "not looked at yet: bills (1 of 2 clusters)"


async def test_readiness_names_only_some_of_many(api: Reader, fleet: FakeFleet) -> None:
    fleet.ready = False
    fleet.clusters = {f"c{number}": make_unread_view(f"c{number}") for number in range(9)}

    detail = (await api.get("/readyz", 503)).detail

    assert detail == "not looked at yet: c0, c1, c2, c3, c4, … (9 of 9 clusters)"


async def test_a_service_that_no_longer_looks_is_not_ready(api: Reader, fleet: FakeFleet) -> None:
    fleet.ready = False
    del fleet.clusters["bills"]

    detail = (await api.get("/readyz", 503)).detail

    assert detail == "no tick has started for a while: the service is stopping, or stuck"


async def test_probes_do_not_mind_parameters(api: Reader) -> None:
    await api.get("/livez?verbose")


async def test_metrics_come_in_the_text_format(api: Reader, metrics: Metrics) -> None:
    metrics.ticked(make_report())

    answer = await api.get("/metrics")

    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'autoscaler_cluster_ready_acu{cluster="orders"} 5.5\n' in answer.text


async def test_metrics_come_as_openmetrics_for_those_who_ask(api: Reader) -> None:
    answer = await api.get("/metrics", Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


async def test_a_cluster_that_is_gone_leaves_the_metrics(api: Reader, metrics: Metrics, fleet: FakeFleet) -> None:
    metrics.ticked(make_report())
    del fleet.clusters["orders"]

    assert '"orders"' not in (await api.get("/metrics")).text


async def test_serves_on_a_free_port_of_this_machine(fleet: FakeFleet) -> None:
    async with (
        serve_app(make_app(fleet, metrics=Metrics(version="test")), port=0) as address,
        aiohttp.ClientSession() as session,
        session.get(f"{address.url}/livez") as response,
    ):
        assert (address.host, response.status) == ("127.0.0.1", 200)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "example.com", "localhost.example.com", ""])  # noqa: S104 - they are refused
async def test_serves_nobody_else_while_there_are_no_tokens(fleet: FakeFleet, host: str) -> None:
    with pytest.raises(InvalidInput, match=f"the host '{re.escape(host)}' is no loopback address.*use 127.0.0.1"):
        async with serve_app(make_app(fleet, metrics=Metrics(version="test")), host=host, port=0):
            pass


async def test_a_port_in_use_is_told_in_one_line(fleet: FakeFleet) -> None:
    async with serve_app(make_app(fleet, metrics=Metrics(version="test")), "localhost", 0) as address:
        with pytest.raises(InvalidInput, match=f"cannot listen on 127.0.0.1 port {address.port}: .*another port"):
            async with serve_app(make_app(fleet, metrics=Metrics(version="test")), port=address.port):
                pass


def test_an_address_is_a_link() -> None:
    assert Address(host="127.0.0.1", port=80).url == "http://127.0.0.1:80"
    assert Address(host="::1", port=80).url == "http://[::1]:80"

"""Pages of other sites: none may read, but those that the owner names."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import ValidationError

from autoscaler.api.access import Access
from autoscaler.api.app import make_app
from autoscaler.observability.metrics import Metrics
from autoscaler.service.listening import ApiDocument
from tests.api.fleet import FakeFleet, make_view

OURS, OTHERS = "https://grafana.example.com", "https://evil.example"
ASKS = {"Access-Control-Request-Method": "PUT"}


async def headers_of(method: str, origin: str, *, allowed: tuple[str, ...] = (OURS,)) -> tuple[int, Any]:
    asks = ASKS if method == "OPTIONS" else {}
    app = make_app(FakeFleet([make_view()]), metrics=Metrics(version="test"), access=Access(allowed_origins=allowed))
    async with (
        TestClient(TestServer(app)) as client,
        client.request(method, "/v1/clusters", headers={"Origin": origin, **asks}) as response,
    ):
        return response.status, response.headers


async def test_a_named_site_reads_answers() -> None:
    status, headers = await headers_of("GET", OURS)

    assert (status, headers["Access-Control-Allow-Origin"]) == (200, OURS)
    assert headers["Access-Control-Expose-Headers"] == "ETag, Link, Retry-After, X-Request-Id"
    assert headers["Vary"].endswith(", Origin")
    assert "Access-Control-Allow-Credentials" not in headers


async def test_a_named_site_is_told_what_it_may_ask_for() -> None:
    status, headers = await headers_of("OPTIONS", OURS)

    assert (status, headers["Access-Control-Allow-Origin"]) == (204, OURS)
    assert "PUT" in headers["Access-Control-Allow-Methods"]
    assert "If-Match" in headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("origin", [OTHERS, "null", f"{OURS}.evil.example", OURS.upper(), "http://grafana.example.com"])
async def test_no_other_site_does(origin: str) -> None:
    for status, headers in (await headers_of("GET", origin), await headers_of("OPTIONS", origin)):
        assert status in (200, 405)
        assert [name for name in headers if name.startswith("Access-Control")] == []


async def test_by_default_nobody_does() -> None:
    _, headers = await headers_of("GET", OURS, allowed=())

    assert [name for name in headers if name.startswith("Access-Control")] == []
    assert "Origin" not in headers["Vary"]


@pytest.mark.parametrize("origin", ["*", "grafana.example.com", "https://x.example/", "https://*.example", "null"])
def test_an_origin_is_exact(origin: str) -> None:
    with pytest.raises(ValidationError, match="allowed_origins"):
        ApiDocument(allowed_origins=(origin,))

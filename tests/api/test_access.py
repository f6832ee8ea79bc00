"""Who is let in: tokens, scopes, patterns, rates, hosts and TLS."""

import ssl
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from autoscaler.api.access import Access, Rate
from autoscaler.api.app import make_app, serve_app
from autoscaler.errors import InvalidInput, UnknownName
from autoscaler.observability.metrics import Metrics
from autoscaler.service.access import TokenBook, new_token
from autoscaler.service.desk import Desk
from autoscaler.storage.access import Scope, Tokens
from autoscaler.storage.audit import Deed
from tests.api.fleet import FakeFleet
from tests.api.reader import Reader
from tests.fakes import MONDAY, ManualClock, later

DEED = Deed(at=MONDAY, actor="ada", request_id="cli", action="token.create")
FREEZE = {"direction": "both", "for_seconds": 60}


@pytest.fixture
def tokens(desk: Desk) -> Tokens:
    return Tokens(desk.database)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def make(tokens: Tokens, scope: Scope = Scope.READ, clusters: str = "*", name: str = "bot") -> str:
    """A token for an hour, as the text that opens."""
    token, text = new_token(name=name, scope=scope, clusters=clusters, at=MONDAY, expires_at=later(3600))
    await tokens.add(token, DEED)
    return text


def bearer(token: str) -> dict[str, Any]:
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def locked(
    fleet: FakeFleet,
    desk: Desk,
    clock: ManualClock,
    *,
    hosts: Iterable[str] = (),
    per_minute: int = 600,
) -> AsyncIterator[Reader]:
    book = TokenBook(Tokens(desk.database), now=clock.now, known_seconds=0)
    access = Access(book=book, allowed_hosts=tuple(hosts), rate=Rate(per_minute=per_minute))
    app = make_app(fleet, metrics=Metrics(version="test"), desk=desk, access=access)
    async with TestClient(TestServer(app)) as client:
        yield Reader(client)


@pytest.fixture
async def door(fleet: FakeFleet, desk: Desk, clock: ManualClock) -> AsyncIterator[Reader]:
    async with locked(fleet, desk, clock) as api:
        yield api


@pytest.mark.parametrize("path", ["/metrics", "/openapi.json", "/v1/clusters", "/v1/audit", "/nothing"])
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", f"Bearer autoscaler_{'0' * 12}_{'x' * 43}", "Basic eDp5"])
async def test_strangers_are_let_in_nowhere(door: Reader, path: str, header: str) -> None:
    answer = await door.get(path, 401, Authorization=header)

    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/livez", "/healthz", "/readyz"])
async def test_probes_need_no_token(door: Reader, path: str) -> None:
    await door.get(path)


async def test_a_probe_does_not_tell_strangers_the_names_of_clusters(door: Reader, fleet: FakeFleet) -> None:
    fleet.ready = False

    assert (await door.get("/readyz", 503)).detail == "not looked at yet: 1 of 2 clusters"


async def test_scopes_include_those_below(door: Reader, tokens: Tokens) -> None:
    path = "/v1/clusters/orders"
    for scope, operates, administers in (
        (Scope.READ, 403, 403),
        (Scope.OPERATE, 200, 403),
        (Scope.ADMIN, 200, 200),
    ):
        headers = bearer(await make(tokens, scope))
        await door.get(path, **headers)
        await door.send("PUT", f"{path}/freeze", FREEZE, operates, **headers)
        await door.send("PUT", f"{path}/mode", {"mode": "observe"}, administers, **headers)
        await door.get("/v1/audit", administers, **headers)


async def test_a_token_for_some_clusters_sees_no_others(door: Reader, tokens: Tokens) -> None:
    headers = bearer(await make(tokens, Scope.ADMIN, "ord*"))
    listed = (await door.get("/v1/clusters", **headers)).json["items"]
    other = await door.get("/v1/clusters/bills/decisions", 404, **headers)

    assert [cluster["cluster_id"] for cluster in listed] == ["orders"]
    assert other.detail == "no cluster named 'bills'; there are: orders"
    await door.send("PUT", "/v1/clusters/bills/freeze", FREEZE, 404, **headers)
    for path in ("/metrics", "/v1/audit"):
        await door.get(path, 403, **headers)


async def test_a_token_opens_nothing_after_its_time(door: Reader, tokens: Tokens, clock: ManualClock) -> None:
    headers = bearer(await make(tokens))
    await clock.advance(3599)
    await door.get("/v1/clusters", **headers)
    await clock.advance(1)
    await door.get("/v1/clusters", 401, **headers)


async def test_a_revoked_token_opens_nothing(door: Reader, tokens: Tokens) -> None:
    text = await make(tokens)
    await tokens.end(text.split("_")[1], replace(DEED, action="token.revoke"), at=MONDAY)

    await door.get("/v1/clusters", 401, **bearer(text))
    with pytest.raises(UnknownName, match="no token named 'x'"):
        await tokens.end("x", DEED, at=MONDAY)


async def test_the_right_id_with_another_secret_opens_nothing(door: Reader, tokens: Tokens) -> None:
    text = await make(tokens)
    swapped = text[:-1] + ("a" if text[-1] != "a" else "b")

    await door.get("/v1/clusters", 401, **bearer(swapped))


async def test_the_store_keeps_no_secret_and_the_log_not_even_its_hash(tokens: Tokens, desk: Desk) -> None:
    text = await make(tokens)
    (token,) = await tokens.all()
    (line,) = await desk.audit(limit=9, before=None)
    secret = text.split("_", 2)[2]

    assert secret not in str(token)
    assert token.hash not in str(line)
    assert (line.subject, line.after["scope"], line.before) == (token.id, "read", {})


async def test_a_token_is_revoked_within_a_second_without_asking_the_store_each_time(
    tokens: Tokens, clock: ManualClock
) -> None:
    book = TokenBook(tokens, now=clock.now, known_seconds=1e9)
    text = await make(tokens)
    assert await book.caller(text)
    await tokens.end(text.split("_")[1], DEED, at=MONDAY)

    assert await book.caller(text), "what is known is believed for a while"
    assert await TokenBook(tokens, now=clock.now).caller(text) is None


async def test_the_audit_log_names_the_token(door: Reader, tokens: Tokens) -> None:
    text = await make(tokens, Scope.ADMIN, name="ada's laptop")
    await door.send("PUT", "/v1/clusters/orders/freeze", FREEZE, **bearer(text))
    (line, *_) = (await door.get("/v1/audit", **bearer(text))).json["items"]

    assert line["actor"] == f"ada's laptop ({text.split('_')[1]})"


async def test_each_token_has_its_own_rate(fleet: FakeFleet, desk: Desk, clock: ManualClock, tokens: Tokens) -> None:
    busy, calm = bearer(await make(tokens)), bearer(await make(tokens))
    async with locked(fleet, desk, clock, per_minute=2) as api:
        await api.get("/v1/clusters", **busy)
        await api.get("/v1/clusters", **busy)
        refused = await api.get("/v1/clusters", 429, **busy)
        await api.get("/v1/clusters", **calm)

    assert 1 <= int(refused.headers["Retry-After"]) <= 31


def test_a_rate_recovers_evenly() -> None:
    rate = Rate(per_minute=60)

    assert [rate.wait_seconds("a", 0.0) for _ in range(61)] == [0.0] * 60 + [1.0]
    assert (rate.wait_seconds("a", 0.5), rate.wait_seconds("a", 1.0), rate.wait_seconds("a", 1.0)) == (0.5, 0.0, 1.0)
    assert rate.wait_seconds("b", 1.0) == 0.0


async def test_with_tokens_the_owner_may_name_hosts(fleet: FakeFleet, desk: Desk, clock: ManualClock) -> None:
    async with locked(fleet, desk, clock) as api:
        await api.get("/livez", Host="anything.example")
    async with locked(fleet, desk, clock, hosts=["scaler.example"]) as api:
        await api.get("/v1/clusters", 401, Host="Scaler.example:443")
        answer = await api.get("/v1/clusters", 421, Host="other.example")
        await api.get("/livez", Host="10.1.2.3:8080")  # as a kubelet calls

    assert answer.detail == "this service answers to scaler.example, localhost and loopback addresses only"


def certificate(folder: Path) -> ssl.SSLContext:
    key, cert = folder / "key.pem", folder / "cert.pem"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", *options, *names, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


@pytest.mark.skipif(which("openssl") is None, reason="openssl makes the certificate of this test")
async def test_others_are_heard_over_tls_or_behind_a_proxy_that_does_it(
    fleet: FakeFleet, desk: Desk, clock: ManualClock, tmp_path: Path
) -> None:
    access = Access(book=TokenBook(Tokens(desk.database), now=clock.now))
    everywhere = "0.0.0.0"  # noqa: S104 - on purpose, and only for a moment

    def app() -> aiohttp.web.Application:
        return make_app(fleet, metrics=Metrics(version="test"), desk=desk, access=access)

    with pytest.raises(InvalidInput, match=r"no TLS.*api\.tls_cert.*--behind-tls-proxy"):
        async with serve_app(app(), everywhere, 0):
            pass
    async with serve_app(app(), everywhere, 0, behind_tls_proxy=True) as address:
        assert address.url.startswith("http://")
    trusting = ssl.create_default_context()
    async with (
        serve_app(app(), everywhere, 0, tls=certificate(tmp_path)) as address,
        aiohttp.ClientSession() as session,
    ):
        trusting.load_verify_locations(tmp_path / "cert.pem")
        async with session.get(f"https://127.0.0.1:{address.port}/livez", ssl=trusting) as answer:
            assert (answer.status, address.scheme) == (200, "https")


def test_times_of_tokens_are_told_apart() -> None:
    token, _ = new_token(name="x", scope=Scope.READ, clusters="*", at=MONDAY, expires_at=later(60))
    moments: list[datetime] = [later(59), later(60)]

    assert [token.is_good(at) for at in moments] == [True, False]
    assert not replace(token, revoked_at=MONDAY).is_good(MONDAY + timedelta(seconds=1))

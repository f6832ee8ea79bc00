"""The HTTP application, and a server for it on this machine."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial

from aiohttp import web

from autoscaler import __version__
from autoscaler.api import (
    audit,
    backtests,
    clusters,
    control,
    decisions,
    doctoring,
    drifting,
    events,
    explanations,
    fidelity,
    history,
    me,
    pages,
    pauses,
    policies,
    policy_checks,
    pushing,
    registering,
    savings,
    system,
)
from autoscaler.api.access import ACCESS, Access, authenticate, guarded
from autoscaler.api.cors import answer_preflights, tell_origin
from autoscaler.api.endpoints import DESK, FLEET, LARGEST_BODY_BYTES, METRICS, OPENAPI, SHOWCASE, VERSION
from autoscaler.api.guards import (
    add_headers,
    compress,
    identify,
    refuse_strangers,
    tell_problems,
)
from autoscaler.api.loopback import LOOPBACK, loopback_address, safe_address
from autoscaler.api.openapi import openapi_document
from autoscaler.api.showcase import Showcase
from autoscaler.api.streams import STREAMS, Streams, close_streams
from autoscaler.errors import InvalidInput
from autoscaler.observability.metrics import Metrics
from autoscaler.service.desk import Desk
from autoscaler.service.tasks import kept_alive
from autoscaler.service.views import Fleet

DEFAULT_PORT = 8080
SHUTDOWN_SECONDS = 3.0
RESOURCES = (
    system,
    me,
    registering,
    clusters,
    decisions,
    doctoring,
    history,
    pushing,
    drifting,
    control,
    explanations,
    fidelity,
    audit,
    events,
    pauses,
    savings,
    policies,
    policy_checks,
    backtests,
)
ENDPOINTS = tuple(endpoint for resource in RESOURCES for endpoint in resource.ENDPOINTS)
OPEN = Access()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server listens."""

    host: str
    port: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        """For a browser."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def make_app(
    fleet: Fleet,
    *,
    metrics: Metrics,
    desk: Desk | None = None,
    access: Access = OPEN,
    version: str = __version__,
) -> web.Application:
    """The API over a fleet; without a desk it takes no orders. Where no tokens are asked for, see `serve_app`."""
    app = web.Application(
        client_max_size=LARGEST_BODY_BYTES,
        middlewares=[identify, compress, tell_problems, refuse_strangers, answer_preflights, authenticate],
    )
    app[FLEET], app[METRICS], app[VERSION] = fleet, metrics, version
    app[ACCESS], app[SHOWCASE] = access, Showcase(desk)
    if desk is not None:
        app[DESK] = desk
        app.cleanup_ctx.append(backtests.work_off)
    app[OPENAPI] = _told(version)
    for endpoint in ENDPOINTS:
        make = web.get if endpoint.method == "GET" else partial(web.route, endpoint.method)
        app.router.add_routes([make(endpoint.path, guarded(endpoint))])
    app[STREAMS] = Streams()
    app.router.add_routes(pages.ROUTES)
    app.on_response_prepare.append(add_headers)
    app.on_response_prepare.append(tell_origin)
    app.on_shutdown.append(close_streams)
    app.cleanup_ctx.append(_watch_loop)
    return app


@asynccontextmanager
async def serve_app(
    app: web.Application,
    host: str = LOOPBACK,
    port: int = DEFAULT_PORT,
    *,
    tls: ssl.SSLContext | None = None,
    behind_tls_proxy: bool = False,
) -> AsyncIterator[Address]:
    """Serve until the block ends, then give running requests some seconds; yields where. Port 0 takes a free one.

    Raises:
        InvalidInput: others could reach it without a token or without TLS, or the port cannot be had.
    """
    host = loopback_address(host) if app[ACCESS].open else safe_address(host, safe=tls is not None or behind_tls_proxy)
    async with listening_at(app, host, port, tls=tls) as address:
        yield address


def make_metrics_app(fleet: Fleet, metrics: Metrics) -> web.Application:
    """The metrics and nothing else, for scrapers that need no token: whoever reaches it reads the clusters' names."""
    app = web.Application()
    app[FLEET], app[METRICS] = fleet, metrics
    app.router.add_get("/metrics", system.metrics)
    return app


@asynccontextmanager
async def listening_at(
    app: web.Application, host: str, port: int, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Address]:
    """Serve until the block ends, whoever may reach it.

    Raises:
        InvalidInput: the port cannot be had.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, ssl_context=tls)
        try:
            await site.start()
        except (OSError, OverflowError) as problem:
            raise InvalidInput(f"cannot listen on {host} port {port}: {problem}; choose another port") from None
        bound = runner.addresses[0]
        yield Address(host=bound[0], port=bound[1], scheme="http" if tls is None else "https")
    finally:
        await runner.cleanup()


async def _watch_loop(app: web.Application) -> AsyncIterator[None]:
    watch = kept_alive(app[METRICS].watch_loop, "watch the event loop")
    yield
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch


@cache
def _told(version: str) -> bytes:
    """The OpenAPI document; making it takes a while, and it is always the same."""
    return json.dumps(openapi_document(ENDPOINTS, version=version)).encode()

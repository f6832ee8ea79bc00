"""The service at work for `serve` and `demo`, until its time is over or somebody stops it."""

import asyncio
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from aiohttp import web

from autoscaler import __version__
from autoscaler.api.access import Access, Rate
from autoscaler.api.app import DEFAULT_PORT, listening_at, make_app, make_metrics_app, serve_app
from autoscaler.api.loopback import LOOPBACK
from autoscaler.cli.fleet import demo_settings
from autoscaler.cli.watching import Watching
from autoscaler.errors import InvalidInput
from autoscaler.observability.metrics import Metrics
from autoscaler.observability.traces import tracing
from autoscaler.service.access import TokenBook
from autoscaler.service.clock import SystemClock
from autoscaler.service.desk import Desk
from autoscaler.service.listening import ApiDocument
from autoscaler.service.observing import MetricsDocument
from autoscaler.service.replica import Replica, standing
from autoscaler.service.secrets import SecretToken
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.wiring import assembled
from autoscaler.storage.access import Tokens

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the service listens and to whom; ``open_on_loopback`` asks nobody on this machine for a token."""

    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    open_on_loopback: bool = False
    behind_tls_proxy: bool = False


async def serve_fleet(settings: ServiceSettings, listening: Listening) -> None:
    """Run the service and its API until a signal comes."""
    stopped = stop_signal()
    metrics = Metrics(version=__version__, per_cluster=settings.metrics.per_cluster)
    metrics.configured({"digest": settings.digest()})
    tls = tls_of(settings.api)
    with tracing(settings.traces.build(version=__version__)):
        await _serve(settings, listening, metrics, tls, stopped)


async def _serve(
    settings: ServiceSettings,
    listening: Listening,
    metrics: Metrics,
    tls: ssl.SSLContext | None,
    stopped: asyncio.Event,
) -> None:
    async with standing(
        settings,
        observers=[metrics],
        leads=metrics.leads,
        calls=metrics.calls,
        retain=metrics.retain,
        saved=metrics.saved.take,
    ) as fleet:
        access = await access_of(settings, fleet.desk, open_on_loopback=listening.open_on_loopback)
        async with (
            serve_app(
                app_of(fleet, metrics, access),
                listening.host,
                listening.port,
                tls=tls,
                behind_tls_proxy=listening.behind_tls_proxy or settings.api.behind_tls_proxy,
            ) as address,
            serve_metrics(fleet, metrics, settings.metrics),
        ):
            log.info("started", url=address.url, clusters=len(fleet.views()), version=__version__)
            await _either(stopped.wait(), fleet.ended())
            log.info("stopping")
            await fleet.stop()  # before the API: whoever stands by need not wait for our last readers


@asynccontextmanager
async def serve_metrics(fleet: Replica, metrics: Metrics, document: MetricsDocument) -> AsyncIterator[None]:
    """The metrics at a port of their own, where there shall be one."""
    if document.port is None:
        yield
        return
    async with listening_at(make_metrics_app(fleet, metrics), document.host, document.port) as address:
        log.info("metrics_started", url=f"{address.url}/metrics")
        yield


def app_of(fleet: Supervisor | Replica, metrics: Metrics, access: Access) -> web.Application:
    """The API over a fleet and its desk."""
    if fleet.desk is not None:
        metrics.follow_freeze(partial(getattr, fleet.desk, "frozen"))
        metrics.follow_events(fleet.desk.feed)
        metrics.notes.notifications = fleet.desk.notifier.counts
    return make_app(fleet, metrics=metrics, desk=fleet.desk, access=access)


async def access_of(settings: ServiceSettings, desk: Desk | None, *, open_on_loopback: bool) -> Access:
    """Who is let in: whoever has a token, or on request anybody on this machine."""
    allowed, origins = settings.api.allowed_hosts, settings.api.allowed_origins
    rate = Rate(per_minute=settings.api.requests_per_minute)
    if open_on_loopback or desk is None:
        return Access(allowed_hosts=allowed, allowed_origins=origins, rate=rate)
    admin = settings.api.admin_token_file
    token = None if admin is None else SecretToken(admin)
    book = TokenBook(Tokens(desk.database), now=SystemClock().now, admin=token)
    if await book.is_empty():
        log.warning("no_tokens", reason="make one: autoscaler tokens create NAME --config FILE")
    return Access(book=book, allowed_hosts=allowed, allowed_origins=origins, rate=rate)


def tls_of(document: ApiDocument) -> ssl.SSLContext | None:
    """The certificate to show; None where there is none.

    Raises:
        InvalidInput: the files cannot be used.
    """
    if document.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(document.tls_cert, document.tls_key)
    except OSError as problem:  # SSLError is one, too
        files = f"{document.tls_cert} and {document.tls_key}"
        raise InvalidInput(f"{files} are no certificate with its key: {problem.strerror or problem}") from None
    return context


async def show_demo(*, seconds: float | None, speed: float, port: int | None) -> None:
    """Run the demo fleet, print a line for each decision, and in the end what came of it."""
    stopped = stop_signal()
    watching = Watching()
    metrics = Metrics(version=__version__)
    with TemporaryDirectory(prefix="autoscaler-demo-") as folder:
        settings = demo_settings(Path(folder), speed=speed)
        async with (
            assembled(settings, observers=[metrics], on_decision=watching.decided) as fleet,
            serve_app(app_of(fleet, metrics, Access()), port=usual_port() if port is None else port) as address,
        ):
            metrics.leads(True)
            watching.begin(address.url, settings)
            fleet.start()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await stopped.wait()
            views = fleet.views()
        watching.end(views)


def stop_signal() -> asyncio.Event:
    """Set by Ctrl-C and SIGTERM; a second one is not waited for."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        stopped.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    return stopped


async def _either(*ends: Coroutine[Any, Any, object]) -> None:
    """Return when the first one ends; what it raises is raised."""
    tasks = [asyncio.ensure_future(end) for end in ends]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


def usual_port() -> int:
    """The usual port, or 0 for any where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, DEFAULT_PORT))
        except OSError:
            return 0
    return DEFAULT_PORT

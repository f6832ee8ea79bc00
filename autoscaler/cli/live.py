"""The service at work for `serve` and `demo`, until its time is over or somebody stops it."""

import asyncio
import signal
import socket
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from autoscaler import __version__
from autoscaler.api.app import DEFAULT_PORT, make_app, serve_app
from autoscaler.api.loopback import LOOPBACK
from autoscaler.cli.fleet import demo_settings
from autoscaler.cli.watching import Watching
from autoscaler.observability.metrics import Metrics
from autoscaler.service.replica import standing
from autoscaler.service.settings import ServiceSettings
from autoscaler.service.wiring import assembled

log = structlog.get_logger(__name__)


async def serve_fleet(settings: ServiceSettings, *, host: str, port: int) -> None:
    """Run the service and its API until a signal comes."""
    stopped = stop_signal()
    metrics = Metrics(version=__version__)
    async with (
        standing(settings, observers=[metrics], leads=metrics.leads) as fleet,
        serve_app(make_app(fleet, metrics=metrics), host, port) as address,
    ):
        log.info("started", url=address.url, clusters=len(fleet.views()), version=__version__)
        await _either(stopped.wait(), fleet.ended())
        log.info("stopping")
        await fleet.stop()  # before the API: whoever stands by need not wait for our last readers


async def show_demo(*, seconds: float | None, speed: float, port: int | None) -> None:
    """Run the demo fleet, print a line for each decision, and in the end what came of it."""
    stopped = stop_signal()
    watching = Watching()
    metrics = Metrics(version=__version__)
    with TemporaryDirectory(prefix="autoscaler-demo-") as folder:
        settings = demo_settings(Path(folder), speed=speed)
        async with (
            assembled(settings, observers=[metrics], on_decision=watching.decided) as fleet,
            serve_app(make_app(fleet, metrics=metrics), port=usual_port() if port is None else port) as address,
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

"""The life of `local up`: the service over one cluster, until its time is over or somebody stops it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from rich.text import Text

from autoscaler import __version__
from autoscaler.api.access import Access
from autoscaler.api.app import serve_app
from autoscaler.backtest.reports.words import told_number
from autoscaler.cli.live import app_of, stop_signal, usual_port
from autoscaler.cli.local_fleet import CLUSTER_ID, Wish
from autoscaler.cli.show import stdout
from autoscaler.observability.metrics import Metrics
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.views import Observer, TickReport
from autoscaler.service.wiring import assembled


async def stay_up(wish: Wish, *, page_port: int | None, seconds: float | None) -> None:
    """Until Ctrl-C, or so many seconds.

    Raises:
        InvalidInput: a program, a right or a folder is missing, or an option cannot be used.
        ClusterError: the server does not start.
    """
    stopped = stop_signal()
    metrics, changes = Metrics(version=__version__), Changes()
    async with (
        started(wish, observers=[metrics, changes]) as fleet,
        serve_app(app_of(fleet, metrics, Access()), port=usual_port() if page_port is None else page_port) as address,
    ):
        metrics.leads(True)
        _greet(wish, address.url)
        fleet.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stopped.wait()
        print("stopping", flush=True)


@asynccontextmanager
async def started(wish: Wish, *, observers: Iterable[Observer]) -> AsyncIterator[Supervisor]:
    """The service with its cluster running, nothing decided yet.

    Raises:
        InvalidInput: see `stay_up`.
        ClusterError: see there.
    """
    settings = wish.settings()
    async with assembled(settings, observers=observers) as fleet:
        await fleet.job(CLUSTER_ID).cluster.status()  # what is wrong is told now, and not in each tick
        yield fleet


class Changes:
    """Prints a line when size, phase or range have changed since the last tick."""

    def __init__(self) -> None:
        self._console = stdout()
        self._last = ""

    def ticked(self, report: TickReport) -> None:
        """Look at a tick."""
        status = report.status
        if status is None:
            self._tell(report, f"it does not answer: {report.told_outcome}")
            return
        self._tell(report, f"{status.phase.value}, {told_number(status.ready_acu)} ACU of {status.range}")

    def _tell(self, report: TickReport, text: str) -> None:
        if text != self._last:
            demand = f", demand {told_number(report.demand_acu)} ACU" if report.demand_acu is not None else ""
            self._console.print(Text(f"{report.at:%H:%M:%S} {text}{demand}"), soft_wrap=True)
        self._last = text


def _greet(wish: Wish, page: str) -> None:
    console = stdout()
    pause = f"after {wish.pause_after_seconds} s without a transaction" if wish.pause_after_seconds else "never"
    console.print(
        f"A PostgreSQL in {wish.folder}: {wish.min_acu:g} to {wish.ceiling_acu:g} ACU of {wish.cpus_per_acu:g} "
        f"processors and {wish.memory_mib_per_acu:g} MiB each; pauses {pause}.\n",
        soft_wrap=True,
    )
    for what, where in (("connect", f"psql '{wish.url}'"), ("look at it", page)):
        console.print(Text.assemble(f"  {what:<12}", (where, "bold")), soft_wrap=True)
    console.print("\nCtrl-C stops everything; the data stays.\n")

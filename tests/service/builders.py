"""Services in a folder of the test, driven by a clock that stands still until the test moves it."""

import asyncio
from pathlib import Path
from typing import Any

from autoscaler.config import ClusterDocument, LimitsDocument, PolicyDocument
from autoscaler.core.control import Mode
from autoscaler.core.plain import to_plain
from autoscaler.service.settings import ClusterSettings, ServiceSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.views import TickReport
from autoscaler.service.workload import WorkloadDocument
from tests.fakes import ManualClock
from tests.storage.builders import url_in

TICK_SECONDS = 60.0


def make_cluster(
    cluster_id: str = "shop",
    *,
    policy: PolicyDocument | None = None,
    scenario: str = "e-commerce",
    profile: str = "aurora-v2",
    limits: LimitsDocument | None = None,
    faults: dict[str, Any] | None = None,
    seed: int = 0,
    working_set_gib: float = 0.0,
) -> ClusterSettings:
    return ClusterSettings(
        id=cluster_id,
        cluster=ClusterDocument(
            profile=profile,
            overrides={"caching": {"working_set_gib": working_set_gib}} if working_set_gib else {},
            limits=limits or LimitsDocument(min_acu=0.5, max_acu=64),
        ),
        policy=policy or PolicyDocument(policy="reactive"),
        workload=WorkloadDocument(scenario=scenario, seed=seed),
        seed=seed,
        faults=faults or {},
        mode=Mode.ENFORCE,
    )


def make_settings(folder: Path, *clusters: ClusterSettings, **others: Any) -> ServiceSettings:
    """Fits happen in threads: to start a process takes a second."""
    others = {"fit_processes": 0} | others
    return ServiceSettings(database=url_in(folder), clusters=clusters or (make_cluster(),), **others)


async def run_for(supervisor: Supervisor, clock: ManualClock, *, ticks: int) -> None:
    """Tick, then let an interval pass, so many times."""
    for _ in range(ticks):
        await supervisor.beat()
        await supervisor.settle()
        await clock.advance(TICK_SECONDS)


def decisions_of(told: list[TickReport], cluster_id: str = "shop") -> list[object]:
    """The whole decisions about a cluster in their plain form, oldest first."""
    return [to_plain(report.decision) for report in told if report.decision and report.cluster_id == cluster_id]


class Recorder:
    """An observer that keeps everything."""

    def __init__(self) -> None:
        self.reports: list[TickReport] = []
        self._told = asyncio.Event()

    def ticked(self, report: TickReport) -> None:
        self.reports.append(report)
        self._told.set()

    async def wait(self) -> None:
        """Until the next report."""
        self._told.clear()
        await self._told.wait()

    def of(self, cluster_id: str) -> list[TickReport]:
        return [report for report in self.reports if report.cluster_id == cluster_id]

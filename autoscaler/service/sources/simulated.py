"""Simulated clusters: worlds of this process, which a restart lives again from the journal."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from autoscaler.adapters.simulated import SimulatedAdapter
from autoscaler.config import ClusterDocument, Document, left_alone
from autoscaler.service.sources.source import Found, Kind, Surroundings
from autoscaler.service.workload import Seed, WorkloadDocument
from autoscaler.storage.repositories import Journal

if TYPE_CHECKING:
    from autoscaler.service.settings import ClusterSettings

# Reliving takes some 60 ms a day: of a world that is older, only the last days are lived again.
RELIVED_DAYS = 2
ONE_DAY = timedelta(days=1)


class PoolDocument(Document):
    """A simulated cluster that is there to be discovered."""

    id: str
    title: str = ""
    tags: Mapping[str, str] = {}
    cluster: ClusterDocument = ClusterDocument()
    workload: WorkloadDocument
    seed: Seed = 0
    faults: Mapping[str, Any] = {}

    def found(self) -> Found:
        """As discovery tells it: left alone, with all that its owner allows."""
        own = ("cluster", "workload", "seed", "faults")
        return Found(
            id=self.id,
            title=self.title,
            range=left_alone(self.cluster.build_limits()),
            tags=dict(self.tags),
            settings=self.model_dump(mode="json", include=set(own), exclude_unset=True),
        )


class SimulatedSettings(Document):
    """What the settings file says of simulated clusters: those that can be discovered."""

    pool: tuple[PoolDocument, ...] = ()


class Worlds:
    """All simulated clusters."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._pool: SimulatedSettings = surroundings.settings

    async def connect(self, one: "ClusterSettings", *, started_at: datetime) -> SimulatedAdapter:
        """The cluster as it would be now, had the service never stopped."""
        around = self._surroundings
        taken = await Journal(around.database).applied(one.id)
        start = _world_start(started_at, around.clock.now())
        spec = one.cluster_document().build_spec(seed=one.seed)
        for change in taken:
            if change.at < start:
                spec = replace(spec, range=change.range)
        cluster = SimulatedAdapter(
            spec,
            (one.workload or WorkloadDocument()).load(start=started_at, step_seconds=around.step_seconds),
            clock=around.clock,
            start=start,
            step_seconds=around.step_seconds,
            faults=one.build_faults(),
        )
        changes = [(change.at, change.range) for change in taken if change.at >= start]
        await asyncio.get_running_loop().run_in_executor(around.executor, cluster.relive, changes)
        return cluster

    async def discover(self) -> tuple[Found, ...]:
        return tuple(sorted((one.found() for one in self._pool.pool), key=lambda found: found.id))

    async def close(self) -> None:
        """There is nothing to close."""


def _world_start(started_at: datetime, now: datetime) -> datetime:
    """Where a world begins that is at most some days old, whole days after it really began."""
    days = max(0, (now - started_at) // ONE_DAY - RELIVED_DAYS)
    return started_at + days * ONE_DAY


def _problem(one: "ClusterSettings") -> str:
    return "; ".join(_problems(one))


def _problems(one: "ClusterSettings") -> Iterator[str]:
    if one.workload is None:
        yield "a simulated cluster needs a 'workload' to serve"
    if one.source:
        yield "a simulated cluster has no 'source'"


SIMULATED = Kind(name="simulated", acts=True, open=Worlds, problem=_problem, settings=SimulatedSettings)

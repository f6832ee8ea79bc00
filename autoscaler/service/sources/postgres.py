"""The PostgreSQL on this machine: clusters that live in this process, and end with it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from autoscaler.adapters.postgres.cgroups import ROOT
from autoscaler.adapters.postgres.cluster import PostgresCluster
from autoscaler.adapters.postgres.engine import EngineSettings, start_engine
from autoscaler.adapters.postgres.sizes import Unit
from autoscaler.config import Document, left_alone
from autoscaler.core.capacity import Range
from autoscaler.errors import NotPossible
from autoscaler.registry import told
from autoscaler.service.clock import SystemClock
from autoscaler.service.sources.source import Found, Kind, NoSettings, Surroundings
from autoscaler.service.tasks import guarded
from autoscaler.simulator.profiles import Resizing
from autoscaler.storage.repositories import Journal

if TYPE_CHECKING:
    from autoscaler.service.settings import ClusterSettings

Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class PostgresSource(Document):
    """Where it lives and what an ACU of it is: `source` of its settings.

    Args:
        folder: its data, logs and password.
        port: where clients connect, at 127.0.0.1.
        cpus_per_acu, memory_mib_per_acu: what an ACU is.
        shared_buffers_mib: the server's own cache, the same at every size.
        pool_size: how many transactions run at once.
        sample_seconds: the length of a metric interval.
        cgroup_root: where its group is made.
    """

    folder: Path
    port: Annotated[int, Field(ge=1, le=65535)] = 6543
    cpus_per_acu: Above = 0.25
    memory_mib_per_acu: Above = 512.0
    shared_buffers_mib: Annotated[int, Field(ge=16)] = 64
    pool_size: Annotated[int, Field(ge=1, le=50)] = 20
    sample_seconds: Annotated[float, Field(ge=1, le=300)] = 15.0
    cgroup_root: Path = ROOT

    @property
    def name(self) -> str:
        """A name for its group that no other folder has."""
        return f"autoscaler-{sha256(str(self.folder.absolute()).encode()).hexdigest()[:12]}"

    def engine(self) -> EngineSettings:
        """What the adapter wants to know."""
        return EngineSettings(
            folder=self.folder,
            port=self.port,
            unit=Unit(
                cpus=self.cpus_per_acu,
                memory_mib=self.memory_mib_per_acu,
                shared_buffers_mib=self.shared_buffers_mib,
            ),
            pool_size=self.pool_size,
            cgroup_root=self.cgroup_root,
        )


@dataclass(frozen=True, slots=True)
class _Living:
    source: PostgresSource
    cluster: PostgresCluster
    life: asyncio.Task[None]

    async def end(self) -> None:
        self.life.cancel()
        with suppress(asyncio.CancelledError):
            await self.life
        await self.cluster.stop()


class LocalClusters:
    """All of them; each has a loop that sizes it and wakes it."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._journal = Journal(surroundings.database)
        self._told_until = surroundings.clock.now
        self._clock = SystemClock()
        self._living: dict[str, _Living] = {}

    async def connect(self, one: "ClusterSettings", *, started_at: datetime) -> PostgresCluster:
        """Start it in the range that it was last given; one that runs goes on, so that no client notices."""
        document, source = one.cluster_document(), PostgresSource.model_validate(one.source)
        if one.id in self._living:
            if self._living[one.id].source == source:
                return self._living[one.id].cluster
            await self._living.pop(one.id).end()
        taken = await self._journal.applied(one.id)
        allowed = left_alone(document.build_limits())
        held: Range = taken[-1].range if taken else allowed
        settings = source.engine()
        settings.unit.demand_possible(allowed)
        engine = await start_engine(source.name, settings, acu=held.floor_acu, sleep=self._clock.sleep)
        cluster = PostgresCluster(
            one.id,
            engine,
            profile=document.build_profile(),
            held=held,
            clock=self._clock,
            told_until=self._told_until,
            sample_seconds=source.sample_seconds,
        )
        self._living[one.id] = _Living(source, cluster, _start_to_live(cluster))
        return cluster

    async def discover(self) -> tuple[Found, ...]:
        raise NotPossible("a PostgreSQL on this machine is not discovered: it is made where its settings say")

    async def close(self) -> None:
        """Stop them all; their data stays."""
        for living in self._living.values():
            await living.end()


def _start_to_live(cluster: PostgresCluster) -> "asyncio.Task[None]":
    """A look that fails is told once, and the next one comes as usual: clients may be waiting."""
    name = f"live {cluster.cluster_id}"
    beat = guarded(cluster.beat, name, on_death=lambda task, reason: None)
    return asyncio.create_task(cluster.live(beat), name=name)


def _problem(one: "ClusterSettings") -> str:
    given = [name for name in ("workload", "faults") if getattr(one, name)]
    if given:
        return f"a postgres cluster has no {' and no '.join(map(repr, given))}"
    if not isinstance(one.cluster.build_profile().dynamics, Resizing):
        return f"a postgres cluster is sized by us, {one.cluster.profile} is not; set cluster.profile to local-postgres"
    try:
        PostgresSource.model_validate(one.source)
    except ValidationError as problems:
        return f"source of a postgres cluster: {told(problems)}"
    return ""


def _identity(source: Mapping[str, Any]) -> str | None:
    return None if "folder" not in source else str(Path(source["folder"]).absolute())


POSTGRES = Kind(
    name="postgres",
    acts=True,
    open=LocalClusters,
    problem=_problem,
    settings=NoSettings,
    identity=_identity,
    real_time=True,
)

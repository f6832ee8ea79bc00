"""The sources of a process, each opened when it is first used."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import datetime

from autoscaler.core.capacity import Range
from autoscaler.core.doctor import Diagnosis
from autoscaler.core.happenings import Happening
from autoscaler.core.ports import Clock
from autoscaler.errors import NotPossible
from autoscaler.observability.calls import Counted
from autoscaler.service.settings import ClusterSettings, ServiceSettings
from autoscaler.service.sources.kinds import find_kind, read_source_settings
from autoscaler.service.sources.late import LateCluster
from autoscaler.service.sources.source import (
    Forbidden,
    Found,
    Metered,
    Newspaper,
    Outliving,
    PauseDoctor,
    Source,
    Surroundings,
)
from autoscaler.storage.database import Database


class Sources:
    """Where all clusters come from."""

    def __init__(self, settings: ServiceSettings, database: Database, *, clock: Clock, executor: Executor) -> None:
        own = read_source_settings(settings.sources)
        self._own = own
        self._around: Callable[[str], Surroundings] = lambda kind: Surroundings(
            database=database,
            clock=clock,
            executor=executor,
            step_seconds=settings.step_seconds,
            settings=own[kind],
            calls_per_second=settings.calls_per_second,
        )
        self._opened: dict[str, Source] = {}

    def cluster(self, one: ClusterSettings, *, started_at: datetime) -> LateCluster:
        """The cluster behind its settings, connected by whoever asks it first."""
        return LateCluster(one.id, lambda: self._source(one.kind).connect(one, started_at=started_at))

    async def discover(self, kind: str) -> Sequence[Found]:
        """Every cluster of a kind, by id.

        Raises:
            UnknownName: there is no such kind.
            NotPossible: of this kind nobody can tell what there is.
            ClusterError: the provider refused or did not answer.
        """
        return await self._source(kind).discover()

    async def diagnose(self, one: ClusterSettings) -> Diagnosis:
        """What keeps a cluster from pausing.

        Raises:
            NotPossible: of its kind nobody can tell.
            ClusterError: the provider refused or did not answer.
        """
        source = self._source(one.kind)
        if not isinstance(source, PauseDoctor):
            raise NotPossible(f"{one.id} is a {one.kind} cluster, and only of aurora clusters it can be told")
        return await source.diagnose(one)

    async def news(
        self, clusters: Sequence[ClusterSettings], *, since: datetime, until: datetime
    ) -> list[tuple[str, Happening]]:
        """What happened to clusters besides what we ordered, of those whose source tells it.

        Raises:
            ClusterError: a provider refused or did not answer.
        """
        found: list[tuple[str, Happening]] = []
        for kind in sorted({one.kind for one in clusters}):
            source = self._source(kind)
            if isinstance(source, Newspaper):
                found += await source.news([one for one in clusters if one.kind == kind], since=since, until=until)
        return found

    def dead_man_seconds(self, one: ClusterSettings) -> float | None:
        """How long after our last sign of life a cluster gets its safe range; None: never."""
        source = self._source(one.kind)
        return source.dead_man_seconds(one) if isinstance(source, Outliving) else None

    async def arm(self, one: ClusterSettings, safe: Range, *, at: datetime) -> None:
        """At that moment a cluster gets its safe range, unless it is armed anew."""
        source = self._source(one.kind)
        if isinstance(source, Outliving):
            await source.arm(one, safe, at=at)

    async def disarm(self, one: ClusterSettings) -> None:
        """It does not."""
        source = self._source(one.kind)
        if isinstance(source, Outliving):
            await source.disarm(one)

    def refusal(self, one: ClusterSettings) -> str:
        """Why a cluster may not be changed, as far as is known; nothing: nobody has said so."""
        told = find_kind(one.kind).refusal(self._own[one.kind], one)
        source = self._source(one.kind)
        return told or (source.forbidden(one) if isinstance(source, Forbidden) else "")

    def counts(self) -> dict[str, Counted]:
        """What each account was asked so far, by the name that its jobs have."""
        metered = {kind: one for kind, one in self._opened.items() if isinstance(one, Metered)}
        return {f"{kind}/{name}": count for kind, one in metered.items() for name, count in one.counts().items()}

    def usd_per_look(self, one: ClusterSettings) -> float:
        """What it costs to look at a cluster once."""
        source = self._source(one.kind)
        return source.usd_per_look(one) if isinstance(source, Metered) else 0.0

    async def aclose(self) -> None:
        """Close all that was opened."""
        for source in self._opened.values():
            await source.close()

    def _source(self, kind: str) -> Source:
        if kind not in self._opened:
            self._opened[kind] = find_kind(kind).open(self._around(kind))
        return self._opened[kind]

"""Clusters that do as a test says, and a service of them without settings or scheduler."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autoscaler.core.capacity import Limits, Phase, Range, Status
from autoscaler.core.control import Mode
from autoscaler.core.cost import Prices
from autoscaler.core.decision import RuleSettings
from autoscaler.core.ports import Clock, Cluster, Forecaster, Policy
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError
from autoscaler.service.job import Job, Means
from autoscaler.service.worker import Worker
from autoscaler.storage.repositories import Clusters, Journal
from models.outlook import OutlookSettings
from policies.reactive import Reactive
from tests.fakes import MONDAY, ManualClock, later, make_range
from tests.service.builders import TICK_SECONDS
from tests.storage.builders import empty_store, url_in

SMALL, LARGE = make_range(1, 64), make_range(8, 64)
LIMITS = Limits(min_acu=0.5, max_acu=64)
REACTIVE = Reactive()


class Crash(BaseException):
    """The process ends here: nobody may catch it."""


def nothing() -> None:
    """What happens at most places."""


class FakeCluster:
    """A cluster that outlives the service; a test may do something at each of its calls."""

    def __init__(
        self,
        cluster_id: str,
        clock: Clock,
        *,
        held: Range = SMALL,
        demand_acu: float | None = 3.0,
        demand_at: Callable[[datetime], float | None] | None = None,
    ) -> None:
        """The load is ``demand_acu`` all the time, or what ``demand_at`` says."""
        self.cluster_id = cluster_id
        self.range = held
        self.demand_at = demand_at or (lambda at: demand_acu)
        self.asked: list[Range] = []
        self.changed_at: datetime | None = None
        self.at_status: Callable[[], None] = nothing
        self.at_samples: Callable[[], None] = nothing
        self.before_change: Callable[[], None] = nothing
        self.after_change: Callable[[], None] = nothing
        self.gate: asyncio.Event | None = None
        self._clock = clock

    async def status(self) -> Status:
        if self.gate is not None:
            await self.gate.wait()
        self.at_status()
        return Status(
            phase=Phase.AVAILABLE, ready_acu=self.range.floor_acu, range=self.range, changed_at=self.changed_at
        )

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        self.at_samples()
        now = self._clock.now()
        minutes = range(int((now - MONDAY).total_seconds() // 60))
        starts = (later(60.0 * minute) for minute in minutes)
        return [self._sample(start) for start in starts if after is None or start > after]

    async def apply(self, wanted: Range) -> None:
        self.asked.append(wanted)
        self.before_change()
        if wanted.floor_acu % 0.5:
            raise ClusterError(f"{self.cluster_id} has no floor of {wanted.floor_acu} ACU")
        self.range, self.changed_at = wanted, self._clock.now()
        self.after_change()

    def _sample(self, start: datetime) -> Sample:
        return Sample(at=start, seconds=60.0, demand_acu=self.demand_at(start), capacity_acu=self.range.floor_acu)


def raising(problem: BaseException) -> Callable[[], None]:
    """Something that goes wrong."""

    def go_wrong() -> None:
        raise problem

    return go_wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A store and what ticks need besides their cluster."""

    means: Means
    clusters: Clusters
    clock: ManualClock
    policy: Policy = REACTIVE
    forecaster: Forecaster | None = None
    rules: RuleSettings = field(default_factory=RuleSettings)
    outlook: OutlookSettings = field(default_factory=OutlookSettings)

    @property
    def journal(self) -> Journal:
        return self.means.journal

    async def job(self, cluster: Cluster) -> Job:
        """A registered cluster and who decides about it."""
        known = await self.clusters.register(cluster.cluster_id, at=MONDAY, document={"policy": repr(self.policy)})
        return Job(
            cluster=cluster,
            title=cluster.cluster_id.title(),
            profile="fake",
            policy_name="a policy of a test",
            policy=self.policy,
            forecaster=self.forecaster,
            rules=self.rules,
            limits=LIMITS,
            prices=Prices(),
            outlook=self.outlook,
            document_id=known.document_id,
            longest_gap_seconds=300.0,
            mode=Mode.ENFORCE,
        )

    async def workers(self, clusters: Iterable[Cluster]) -> list[Worker]:
        return [Worker(await self.job(one), self.means, decide_seconds=TICK_SECONDS) for one in clusters]


@asynccontextmanager
async def workbench(
    folder: Path,
    *,
    clock: ManualClock,
    policy: Policy = REACTIVE,
    forecaster: Forecaster | None = None,
    rules: RuleSettings | None = None,
    outlook: OutlookSettings | None = None,
    call_seconds: float = 10.0,
) -> AsyncIterator[Bench]:
    """A process with its store; a second one in the same folder finds what the first one left."""
    with ThreadPoolExecutor(1) as executor:
        async with empty_store(url_in(folder)) as database:
            means = Means(journal=Journal(database), clock=clock, executor=executor, call_seconds=call_seconds)
            yield Bench(
                means=means,
                clusters=Clusters(database),
                clock=clock,
                policy=policy,
                forecaster=forecaster,
                rules=rules or RuleSettings(),
                outlook=outlook or OutlookSettings(),
            )
            await means.journal.drain()

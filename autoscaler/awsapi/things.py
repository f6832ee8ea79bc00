"""Clusters and instances of the simulated account, and what happens to them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from autoscaler.awsapi.recorder import Recorder
from autoscaler.core.capacity import Phase, Range
from autoscaler.simulator.blockers import PauseBlocker
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.spec import ClusterSpec

Load = Callable[[datetime], float]


def utc(seconds: float) -> datetime:
    """A moment from seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def no_load(_: datetime) -> float:
    """A cluster that nobody uses."""
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event as DescribeEvents tells it; it has no id there [D]."""

    at: datetime
    source: str
    kind: str
    message: str
    categories: tuple[str, ...]


@dataclass(slots=True)
class State:
    """What the API says of a thing: for a while something passing, then what has come of it."""

    settled: str = "available"
    passing: str = ""
    until: datetime | None = None

    def begin(self, passing: str, *, until: datetime, then: str = "available") -> None:
        """Be busy for a while."""
        self.passing, self.until, self.settled = passing, until, then

    def at(self, now: datetime) -> str:
        """The status at a moment."""
        return self.settled if self.until is None or now >= self.until else self.passing


@dataclass(slots=True, kw_only=True)
class Instance:
    """A DB instance."""

    name: str
    cluster: "Cluster"
    instance_class: str
    tier: int
    created_at: datetime
    resource_id: str
    insights: bool = False
    group: str | None = None
    applied: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    recorder: Recorder = field(default_factory=Recorder)
    state: State = field(default_factory=State)


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A DB cluster: what was asked of the API, and the simulated one behind it while it has serverless instances.

    ``led_by`` is a provisioned writer. ``part`` of the load goes to the serverless instances, ``parts`` of it to the
    provisioned ones; ``group`` is a parameter group other than the default.
    """

    name: str
    resource_id: str
    engine: str
    version: str
    spec: ClusterSpec
    scaling: Range | None
    created_at: datetime
    load: Load
    tags: dict[str, str] = field(default_factory=dict)
    protected: bool = False
    members: list[Instance] = field(default_factory=list)
    state: State = field(default_factory=State)
    simulated: SimulatedCluster | None = None
    places: dict[str, Instance] = field(default_factory=dict)
    phase: Phase = Phase.AVAILABLE
    group: str | None = None
    led_by: Instance | None = None
    part: float = 1.0
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def writer(self) -> Instance | None:
        """Who is behind the writer endpoint."""
        if self.led_by is not None:
            return self.led_by
        if self.simulated is not None:
            return self.places[self.simulated.writer.name]
        return self.members[0] if self.members else None

    @property
    def held(self) -> Range | None:
        """The range in force; a lowered ceiling that could not be reached has been taken back [D]."""
        return self.scaling if self.simulated is None else self.simulated.range

    @property
    def blockers(self) -> frozenset[PauseBlocker]:
        """What keeps it from pausing."""
        return frozenset(self.spec.blockers) if self.simulated is None else self.simulated.blockers

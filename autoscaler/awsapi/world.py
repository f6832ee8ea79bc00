"""An AWS account in one region: clusters that live by a clock, and what is told of them."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from autoscaler.awsapi.faults import cluster_not_found, instance_not_found
from autoscaler.awsapi.measuring import measured
from autoscaler.awsapi.moods import Gate
from autoscaler.awsapi.recorder import Recorder
from autoscaler.core.capacity import Phase, Range
from autoscaler.simulator.blockers import PauseBlocker
from autoscaler.simulator.cluster import SimulatedCluster
from autoscaler.simulator.spec import ClusterSpec

ACCOUNT = "123456789012"
SERVERLESS = "db.serverless"
KEPT_EVENTS = 5000
STEP_SECONDS = 5.0
# Who lags so far behind lives in longer steps: minutes, and five minutes where CloudWatch keeps nothing finer [D].
COARSE_STEPS = ((timedelta(days=15, hours=1), 300.0), (timedelta(minutes=30), 60.0))

Load = Callable[[datetime], float]

# What is told when the instances of a cluster go from one phase to another [D].
INITIATED_PAUSE, PAUSED = "Initiated pause for the DB instance.", "Successfully paused the DB instance."
CANCELLED = "Pause was canceled for the DB instance."
INITIATED_RESUME, RESUMED = "Initiated resume for the DB instance.", "Successfully resumed the DB instance."
TOLD: Mapping[tuple[Phase, Phase], tuple[str, ...]] = {
    (Phase.AVAILABLE, Phase.PAUSING): (INITIATED_PAUSE,),
    (Phase.AVAILABLE, Phase.PAUSED): (INITIATED_PAUSE, PAUSED),
    (Phase.PAUSING, Phase.PAUSED): (PAUSED,),
    (Phase.PAUSING, Phase.AVAILABLE): (CANCELLED,),
    (Phase.PAUSED, Phase.RESUMING): (INITIATED_RESUME,),
    (Phase.PAUSED, Phase.AVAILABLE): (INITIATED_RESUME, RESUMED),
    (Phase.RESUMING, Phase.AVAILABLE): (RESUMED,),
}


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
    tags: dict[str, str] = field(default_factory=dict)
    recorder: Recorder = field(default_factory=Recorder)
    state: State = field(default_factory=State)


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A DB cluster: what was asked of the API, and the simulated one behind it while it has serverless instances."""

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

    @property
    def writer(self) -> Instance | None:
        """Who is behind the writer endpoint."""
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


class World:
    """All clusters. Nothing in it looks at a clock of its own."""

    def __init__(self, *, now: Callable[[], datetime], gate: Gate, region: str = "us-east-1") -> None:
        self.now = now
        self.gate = gate
        self.region = region
        self.clusters: dict[str, Cluster] = {}
        self.instances: dict[str, Instance] = {}
        self.events: deque[Happening] = deque(maxlen=KEPT_EVENTS)
        self._made = 0

    def cluster(self, name: str) -> Cluster:
        """The cluster of that name.

        Raises:
            Fault: there is none.
        """
        found = self.clusters.get(name.lower())
        if found is None:
            raise cluster_not_found(name)
        return found

    def instance(self, name: str) -> Instance:
        """The instance of that name.

        Raises:
            Fault: there is none.
        """
        found = self.instances.get(name.lower())
        if found is None:
            raise instance_not_found(name)
        return found

    def status(self, cluster: Cluster) -> str:
        """What the API says of a cluster."""
        now = self.now()
        if cluster.simulated is not None and cluster.simulated.phase is Phase.UNAVAILABLE:
            return "failing-over"
        status = cluster.state.at(now)
        busy = status == "available" and self.gate.moods.is_busy(cluster.name, now.timestamp())
        return "backing-up" if busy else status

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a cluster or an instance (``db``)."""
        return f"arn:aws:rds:{self.region}:{ACCOUNT}:{kind}:{name}"

    def new_resource_id(self, kind: str, name: str) -> str:
        """An identity that no later thing of the same name has."""
        self._made += 1
        return f"{kind}-{sha256(f'{name} {self._made}'.encode()).hexdigest()[:26].upper()}"

    def tell(self, source: str, kind: str, message: str, *categories: str, at: datetime | None = None) -> None:
        """Something happened."""
        at = at or self.now()
        self.events.append(Happening(at=at, source=source, kind=kind, message=message, categories=categories))

    def settle(self, cluster: Cluster) -> None:
        """Begin the simulated cluster anew after its instances changed: it starts at the size its load needs."""
        writer = cluster.writer
        serverless = [one for one in cluster.members if one.instance_class == SERVERLESS]
        serverless.sort(key=lambda one: one is not writer)
        if not serverless or cluster.scaling is None or cluster.state.settled == "stopped":
            cluster.simulated, cluster.places = None, {}
            return
        now = self.now()
        tiers = tuple(one.tier for one in serverless)
        spec = replace(cluster.spec, range=cluster.held or cluster.scaling, writer_tier=tiers[0], readers=tiers[1:])
        cluster.simulated = simulated = SimulatedCluster(spec, at=now, demand_acu=cluster.load(now))
        members = (simulated.writer, *simulated.readers)
        cluster.places = {member.name: one for member, one in zip(members, serverless, strict=True)}

    def live(self) -> None:
        """Let every cluster live up to now."""
        until = self.now()
        for cluster in self.clusters.values():
            if cluster.simulated is not None:
                self._live(cluster, cluster.simulated, until)

    def _live(self, cluster: Cluster, simulated: SimulatedCluster, until: datetime) -> None:
        while (at := simulated.now) + timedelta(seconds=STEP_SECONDS) <= until:
            seconds = next((length for lag, length in COARSE_STEPS if until - at > lag), STEP_SECONDS)
            simulated.step(cluster.load(at), seconds=seconds)
            for member in (simulated.writer, *simulated.readers):
                values = measured(simulated, member, seconds=seconds)
                cluster.places[member.name].recorder.add(at.timestamp(), values, samples=seconds / STEP_SECONDS)
            self._tell_phase(cluster, simulated)

    def _tell_phase(self, cluster: Cluster, simulated: SimulatedCluster) -> None:
        phase = simulated.nap.phase
        for message in TOLD.get((cluster.phase, phase), ()):
            for member in simulated.writer, *simulated.readers:
                if member.nap is simulated.nap:
                    name = cluster.places[member.name].name
                    self.tell(name, "db-instance", message, "notification", "serverless", at=simulated.now)
        cluster.phase = phase

"""What the service runs: a document like any other, strict and complete."""

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)

from autoscaler.config import (
    ClusterDocument,
    Document,
    PolicyDocument,
    load_cluster,
    load_policy,
)
from autoscaler.core.control import Mode
from autoscaler.core.cost import Prices
from autoscaler.core.selectors import Selector, parse_selector
from autoscaler.documents.notify import TargetDocument
from autoscaler.errors import InvalidInput
from autoscaler.registry import build
from autoscaler.service.caps import FleetCapsDocument
from autoscaler.service.keeping import RetentionSettings
from autoscaler.service.listening import ApiDocument
from autoscaler.service.observing import MetricsDocument, TracesDocument
from autoscaler.service.ringing import RolloutDocument
from autoscaler.service.sources.kinds import find_kind, identity_of, read_source_settings
from autoscaler.service.workload import Seed, WorkloadDocument
from autoscaler.simulator.faults import FaultSettings
from autoscaler.storage.scores import RESERVED

DEFAULT_DATABASE = "sqlite+aiosqlite:///.autoscaler/autoscaler.db"
# A lease is renewed five times in its length, so that this much of it is always left.
LONGEST_CALL = 0.8
CLUSTER_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
TagName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:-]{0,127}$")]
TagValue = Annotated[str, Field(pattern=r"^[^\s,]([^,]{0,254}[^\s,])?$")]

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _named_policy(given: object) -> object:
    return load_policy(given) if isinstance(given, str) else given


def _named_cluster(given: object) -> object:
    return load_cluster(given) if isinstance(given, str) else given


def _repeated(names: list[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


# Who decides where nobody said so: a new cluster is only looked at, so that nothing is lost by it.
USUAL_POLICY = PolicyDocument(name="auto", policy="auto")


class ClusterSettings(Document):
    """A cluster, where it comes from, and who decides about it.

    Args:
        kind: which source has it.
        tags: what it belongs to; lists and policies select by them.
        policy: who decides about it; left out, ``auto``, which chooses by its own past.
        source: what its source wants to know of it, by kind.
        workload, seed, faults: of a simulated one.
        mode: in force until somebody orders another one; a new cluster is only looked at.
        shadows: policies that decide on the same samples beside the one that acts, and are scored.
    """

    id: Annotated[str, Field(pattern=CLUSTER_ID)]
    title: str = ""
    kind: str = "simulated"
    tags: Annotated[Mapping[TagName, TagValue], Field(max_length=50)] = {}
    cluster: Annotated[ClusterDocument, BeforeValidator(_named_cluster)] = ClusterDocument()
    policy: Annotated[PolicyDocument, BeforeValidator(_named_policy)] = USUAL_POLICY
    source: Mapping[str, Any] = {}
    workload: WorkloadDocument | None = None
    seed: Seed = 0
    faults: Mapping[str, Any] = {}
    mode: Mode = Mode.OBSERVE
    shadows: tuple[Annotated[PolicyDocument, BeforeValidator(_named_policy)], ...] = ()

    @field_validator("shadows")
    @classmethod
    def _told_apart(cls, shadows: tuple[PolicyDocument, ...]) -> tuple[PolicyDocument, ...]:
        """Scores are kept by name."""
        names = [one.title for one in shadows]
        for name in names:
            if name in RESERVED or names.count(name) > 1:
                taken = ", ".join(sorted(RESERVED))
                raise ValueError(f"a shadow cannot be named '{name}': give each its own 'name', none of {taken}")
        return shadows

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "ClusterSettings":
        kind = find_kind(self.kind)
        if problem := kind.problem(self):
            raise ValueError(problem)
        if self.mode is Mode.ENFORCE and not kind.acts:
            raise ValueError(
                f"the mode is enforce, but nobody can be asked for the range of a {self.kind} cluster; "
                "take observe or recommend"
            )
        return self

    def demand_usable(self) -> None:
        """Build everything once, so that a mistake does not wait for the first tick.

        Raises:
            InvalidInput: something cannot be built.
        """
        document = self.policy_document()
        document.build_policy(), document.build_rules(), document.build_forecaster(), self.build_faults()
        self.cluster_document().build_limits()

    def cluster_document(self) -> ClusterDocument:
        """The cluster under its id; what the policy says of limits replaces the cluster's, one by one."""
        return self.cluster_under(self.policy).model_copy(update={"name": self.id})

    def cluster_under(self, policy: PolicyDocument) -> ClusterDocument:
        """The cluster under a policy, with what its kind knows of its provider."""
        lowest = self.cluster.pauses_from_acu
        lowest = find_kind(self.kind).pauses_from_acu if lowest is None else lowest
        return self.cluster.under(policy).model_copy(update={"pauses_from_acu": lowest})

    def policy_document(self) -> PolicyDocument:
        """The policy and the forecaster that serves it."""
        return self.policy.with_forecaster()

    def build_prices(self) -> Prices:
        """What capacity costs, and what throttling costs its owner."""
        return self.policy.build_prices(self.cluster.pricing)

    def build_faults(self) -> FaultSettings:
        """What goes wrong between the cluster and the service."""
        return build(FaultSettings, self.faults, f"the faults of cluster {self.id}")


def _parsed_selector(given: object) -> object:
    try:
        return parse_selector(given) if isinstance(given, str) else given
    except InvalidInput as problem:
        raise ValueError(str(problem)) from None


class ServiceSettings(Document):
    """The whole service.

    Args:
        database: where it keeps what it knows; AUTOSCALER_DATABASE, or the URL in ``database_file``, goes before it.
        selector: only clusters with these tags (env=prod,team=shop) are this release's; shares must not overlap.
        clusters_from: files with more ``clusters``.
        speed: how much faster than real time cluster time runs.
        start: cluster time of a new store, when ``speed`` is not 1; left out, it is now.
        decide_seconds: cluster time between two decisions; a multiple of ``step_seconds``.
        step_seconds: the step of the simulated clusters.
        call_seconds: real time that a provider has to answer.
        stop_seconds: real time that running ticks have to finish when the service stops; a stand-by waits for it.
        lease_seconds: real time after which a stand-by acts instead of a replica that no longer answers. Only a
            store on PostgreSQL has stand-bys.
        calls_per_second: the most that is asked of each account of a provider; left out: as much as comes,
            and 10 of an Aurora account, which may have its own.
        fit_processes: how many processes fit forecasters, out of the way of the ticks; one more tunes policies.
            0: threads of this process do both.
        fit_seconds: real time after which a fit is given up, with its process.
        fits_per_hour: the most fits in an hour of real time; whoever has no place goes on with the fit it has.
        retention: how much of the past is kept.
        savings: whether what each cluster saves is kept; it takes twins, some 20 kB and 0.1 ms a tick for each cluster.
        fleet_caps: how much of the fleet may change within an hour.
        kill_switch: while this file exists, nothing is changed anywhere; so it is with AUTOSCALER_FREEZE set.
        api: how the API is reached.
        metrics: which metrics there are, and where.
        rollout: how a changed policy reaches its clusters.
        notify: who can be told of events.
        traces: where spans for OpenTelemetry go.
        sources: what a kind of clusters has to know, by kind.
    """

    database: str = DEFAULT_DATABASE
    database_file: Path | None = None
    selector: Annotated[Selector, BeforeValidator(_parsed_selector), PlainSerializer(str)] | None = None
    clusters: tuple[ClusterSettings, ...] = ()
    clusters_from: tuple[Path, ...] = ()
    speed: Seconds = 1.0
    start: AwareDatetime | None = None
    decide_seconds: Seconds = 60.0
    step_seconds: Seconds = 15.0
    call_seconds: Seconds = 10.0
    stop_seconds: Seconds = 3.0
    lease_seconds: Seconds = 15.0
    calls_per_second: Seconds | None = None
    fit_processes: Annotated[int, Field(ge=0)] = 1
    fit_seconds: Seconds = 60.0
    fits_per_hour: Annotated[int, Field(ge=1)] = 20_000
    retention: RetentionSettings = RetentionSettings()
    savings: bool = True
    fleet_caps: FleetCapsDocument = FleetCapsDocument()
    kill_switch: Path | None = None
    api: ApiDocument = ApiDocument()
    sources: Mapping[str, Any] = {}
    metrics: MetricsDocument = MetricsDocument()
    rollout: RolloutDocument = RolloutDocument()
    notify: tuple[TargetDocument, ...] = ()
    traces: TracesDocument = TracesDocument()

    @field_validator("clusters")
    @classmethod
    def _own(cls, clusters: tuple[ClusterSettings, ...], info: ValidationInfo) -> tuple[ClusterSettings, ...]:
        """All releases may be given the same file: each keeps its share."""
        selector = info.data.get("selector")
        return tuple(one for one in clusters if selector is None or selector.matches(one.tags))

    @property
    def share(self) -> str:
        """A name for the clusters that are this release's; nothing: all are."""
        return "" if self.selector is None else str(self.selector)

    def selects(self, tags: Mapping[str, str]) -> bool:
        """Whether a cluster with these tags is this release's."""
        return self.selector is None or self.selector.matches(tags)

    def digest(self) -> str:
        """A number for what is configured, to see whether two replicas agree; the database's URL is not in it."""
        return sha256(self.model_dump_json(exclude={"database"}).encode()).hexdigest()[:12]

    @model_validator(mode="after")
    def _fits_together(self) -> "ServiceSettings":
        ids = [cluster.id for cluster in self.clusters]
        if twice := _repeated(ids):
            raise ValueError(f"these cluster ids are given more than once: {', '.join(twice)}")
        if twice := _repeated([name for one in self.clusters if (name := identity_of(one.kind, one.source))]):
            raise ValueError(f"these are the source of more than one cluster: {', '.join(twice)}")
        if twice := _repeated([target.name for target in self.notify]):
            raise ValueError(f"these notification targets are given more than once: {', '.join(twice)}")
        ratio = self.decide_seconds / self.step_seconds
        if abs(ratio - round(ratio)) > 1e-9 or ratio < 1:
            raise ValueError(
                f"decide_seconds is {self.decide_seconds:g}, no multiple of step_seconds, {self.step_seconds:g}"
            )
        if not self.database.startswith("sqlite") and self.call_seconds > LONGEST_CALL * self.lease_seconds:
            raise ValueError(
                f"call_seconds is {self.call_seconds:g}, more than {LONGEST_CALL:.0%} of lease_seconds, "
                f"{self.lease_seconds:g}: a call must end before another replica may act"
            )
        if self.start is not None and self.speed == 1:
            raise ValueError("start is for a speed other than 1; at speed 1 cluster time is real time")
        own = read_source_settings(self.sources)
        for one in self.clusters:
            if one.mode is Mode.ENFORCE and (why := find_kind(one.kind).refusal(own[one.kind], one)):
                raise ValueError(f"the mode of {one.id} is enforce, but {why}")
        real = [one.id for one in self.clusters if find_kind(one.kind).real_time]
        if real and self.speed != 1:
            raise ValueError(f"speed is {self.speed:g}, but {', '.join(real)} cannot live faster than real time")
        return self

"""Aurora clusters: accounts, what of them can be discovered, and reads that many clusters share."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from autoscaler.adapters.aurora import AuroraCluster
from autoscaler.adapters.aurora_account import MOST_DESCRIBED, AuroraAccount
from autoscaler.adapters.aurora_calls import USD_PER_METRIC, CallCount
from autoscaler.adapters.aurora_classes import InstanceClasses
from autoscaler.adapters.aurora_control import ControlPlane
from autoscaler.adapters.aurora_dead_man import DeadMan
from autoscaler.adapters.aurora_facts import gather
from autoscaler.adapters.aurora_pause import diagnose
from autoscaler.adapters.aurora_ranges import Described
from autoscaler.core.capacity import LOW_FLOOR_ACU, Range
from autoscaler.core.doctor import Diagnosis
from autoscaler.core.happenings import Happening
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError, UnknownName
from autoscaler.registry import told
from autoscaler.service.sources.aurora_beside import everything
from autoscaler.service.sources.aurora_documents import DEFAULT_ACCOUNT, AuroraSettings, AuroraSource
from autoscaler.service.sources.sensor import Measure, Sensor
from autoscaler.service.sources.sessions import Sessions
from autoscaler.service.sources.source import Found, Kind, Surroundings, or_raise
from autoscaler.service.sources.turns import Turns
from autoscaler.storage.batches import Batches

if TYPE_CHECKING:
    from autoscaler.service.settings import ClusterSettings

LANES = 4  # of one account side by side: a large fleet is read well within the time for a call
# [I] What RDS takes is not published; scripts of a few calls a second are throttled now and then.
USUAL_CALLS_PER_SECOND = 10.0


class SharedCalls:
    """Whoever asks while a call is under way shares the next one."""

    def __init__(
        self, account: AuroraAccount, measure: Measure | None = None, *, sessions: Sessions | None = None
    ) -> None:
        """Metrics come from CloudWatch, or from whoever has them already; ``sessions`` where they are read, too."""
        self._account = account
        self._control = ControlPlane(account)
        self.names: dict[str, tuple[str, str]] = {}
        classes = Batches(account.classes, most=MOST_DESCRIBED)
        self._classes = InstanceClasses(lambda name: _told(classes, name), now=account.now)
        self._descriptions = Batches(account.describe, most=MOST_DESCRIBED, lanes=LANES)
        sensor = Sensor(measure or account.measure, lanes=LANES)
        self.measure, self.measure_past = sensor.measure, sensor.measure_past
        self._sessions = sessions

    async def describe(self, resource_id: str) -> Described:
        told = await self._classes.scaling(or_raise(await self._descriptions.add(resource_id)))
        self.names[resource_id] = told.name, told.instances[0] if told.instances else ""
        return told

    async def happened(
        self, instance: str | None, *, since: datetime, until: datetime, kind: str = "db-instance"
    ) -> list[Happening]:
        """Of one instance, or of all things of a kind."""
        return await self._control.happened(kind, since=since, until=until, source=instance)

    async def with_sessions(self, samples: Sequence[Sample], cluster: Described) -> Sequence[Sample]:
        return samples if self._sessions is None else await self._sessions.added(samples, cluster)

    async def modify(self, cluster: Described, wanted: Range) -> None:
        await self._account.modify(cluster, wanted)


class AuroraClusters:
    """All clusters of all accounts."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._clock = surroundings.clock
        settings: AuroraSettings = surroundings.settings
        self._documents = {one.name: one for one in settings.accounts}
        usual = surroundings.calls_per_second or USUAL_CALLS_PER_SECOND
        self._accounts = {
            one.name: AuroraAccount(
                one.access(), now=surroundings.clock.now, turn=Turns(one.calls_per_second or usual).take
            )
            for one in settings.accounts
        }
        self._clusters: dict[str, AuroraCluster] = {}
        self._servers = {
            one.name: one.prometheus.connect(one.name) for one in settings.accounts if one.prometheus is not None
        }
        self._calls = {
            name: SharedCalls(
                account,
                self._servers[name].measure if name in self._servers else None,
                sessions=Sessions(account, self._clock) if self._documents[name].performance_insights else None,
            )
            for name, account in self._accounts.items()
        }

    async def connect(self, one: "ClusterSettings", *, started_at: datetime) -> AuroraCluster:
        source = AuroraSource.model_validate(one.source)
        self._account(source)
        self._clusters[one.id] = cluster = AuroraCluster(
            one.id,
            source.resource_id,
            self._calls[source.account],
            clock=self._clock,
            settle_seconds=self._documents[source.account].settle_seconds,
            history=timedelta(days=self._documents[source.account].history_days),
            metrics=self._documents[source.account].metrics,
        )
        return cluster

    async def discover(self) -> tuple[Found, ...]:
        found = [
            _found(one, name)
            for name, account in self._accounts.items()
            for one in await account.all_clusters()
            if self._documents[name].discover_tags.items() <= one.tags.items()
        ]
        return tuple(sorted(found, key=lambda one: one.id))

    async def diagnose(self, one: "ClusterSettings") -> Diagnosis:
        source = AuroraSource.model_validate(one.source)
        facts = await gather(self._account(source), source.resource_id, now=self._clock.now())
        return diagnose(facts)

    async def news(
        self, clusters: Sequence["ClusterSettings"], *, since: datetime, until: datetime
    ) -> list[tuple[str, Happening]]:
        found = []
        for name, calls in self._calls.items():
            of_account = [one for one in clusters if one.source.get("account", DEFAULT_ACCOUNT) == name]
            if of_account:
                happened = await everything(calls.happened, since=since, until=until)
                ids = {two: one.id for one in of_account for two in calls.names.get(one.source["resource_id"], ())}
                found += [(ids[two.source], two) for two in happened if two.source in ids]
        return sorted(found, key=lambda one: one[1].at)

    def dead_man_seconds(self, one: "ClusterSettings") -> float | None:
        document = self._documents[AuroraSource.model_validate(one.source).account].dead_man
        return None if document is None else document.after_seconds

    async def arm(self, one: "ClusterSettings", safe: Range, *, at: datetime) -> None:
        source = AuroraSource.model_validate(one.source)
        told = await self._calls[source.account].describe(source.resource_id)
        await self._dead_man(source).arm(source.resource_id, told.name, safe, at=at)

    async def disarm(self, one: "ClusterSettings") -> None:
        source = AuroraSource.model_validate(one.source)
        await self._dead_man(source).disarm(source.resource_id)

    def _dead_man(self, source: AuroraSource) -> DeadMan:
        document = self._documents[source.account].dead_man
        return DeadMan(self._account(source), role_arn="" if document is None else document.role_arn)

    def forbidden(self, one: "ClusterSettings") -> str:
        source = AuroraSource.model_validate(one.source)
        return self._account(source).forbidden.get(source.resource_id, "")

    def counts(self) -> Mapping[str, CallCount]:
        return {name: one.count for name, one in self._accounts.items()}

    def usd_per_look(self, one: "ClusterSettings") -> float:
        account = one.source.get("account", DEFAULT_ACCOUNT)
        if account in self._servers:
            return 0.0
        cluster = self._clusters.get(one.id)
        return len(self._documents[account].metrics) * USD_PER_METRIC * (1 if cluster is None else cluster.instances)

    def _account(self, source: AuroraSource) -> AuroraAccount:
        if source.account not in self._accounts:
            raise UnknownName("account under sources.aurora.accounts", source.account, self._accounts)
        return self._accounts[source.account]

    async def close(self) -> None:
        for account in self._accounts.values():
            await account.close()
        for server in self._servers.values():
            await server.close()


def _found(one: Described, account: str) -> Found:
    """Its id is the one that no later cluster of its name has."""
    source = {"resource_id": one.resource_id, "account": account}
    return Found(id=one.resource_id, title=one.name, range=one.range, tags=dict(one.tags), settings={"source": source})


async def _told(classes: "Batches[str, dict[str, str] | ClusterError]", name: str) -> dict[str, str]:
    return or_raise(await classes.add(name))


def _refusal(settings: AuroraSettings, one: "ClusterSettings") -> str:
    account = one.source.get("account", DEFAULT_ACCOUNT)
    if not any(known.name == account and known.reads_only for known in settings.accounts):
        return ""
    return f"the role of account '{account}' only reads (reads_only); give it docs/iam/enforce.json to change ranges"


def _problem(one: "ClusterSettings") -> str:
    given = [name for name in ("workload", "faults") if getattr(one, name)]
    if given:
        return f"an aurora cluster has no {' and no '.join(map(repr, given))}"
    try:
        AuroraSource.model_validate(one.source)
    except ValidationError as problems:
        return f"source of an aurora cluster: {told(problems)}"
    return ""


AURORA = Kind(
    name="aurora",
    acts=True,
    open=AuroraClusters,
    problem=_problem,
    settings=AuroraSettings,
    pauses_from_acu=LOW_FLOOR_ACU,
    refusal=_refusal,
    remembers=True,
    account=lambda source: source.get("account", DEFAULT_ACCOUNT),
    paces_itself=True,
    identity=lambda source: source.get("resource_id"),
)

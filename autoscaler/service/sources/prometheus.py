"""Clusters whose metrics a Prometheus scrapes already; alone they are only looked at."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator

from autoscaler.adapters.prometheus import Prometheus, Server
from autoscaler.adapters.prometheus_cluster import PrometheusCluster
from autoscaler.adapters.prometheus_queries import EXPORTERS, SIGNALS, Queries
from autoscaler.config import Document, left_alone
from autoscaler.core.capacity import Limits, Range
from autoscaler.documents.owners import Acu
from autoscaler.errors import InvalidInput, NotPossible, UnknownName
from autoscaler.registry import told
from autoscaler.service.sources.sensor import Sensor
from autoscaler.service.sources.source import Found, Kind, Surroundings

if TYPE_CHECKING:
    from autoscaler.service.settings import ClusterSettings

DEFAULT_SERVER = "default"
Instance = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/-]+$")]
LANES = 2  # side by side: a Prometheus has others to serve


class QueriesDocument(Document):
    """PromQL for signals; what is left out is asked by the usual names of the exporter. See `docs/clusters.md`."""

    capacity_acu: str | None = None
    acu_utilization_percent: str | None = None
    cpu_percent: str | None = None
    connections: str | None = None
    queries_per_second: str | None = None
    cache_hit_percent: str | None = None
    reads_per_second: str | None = None
    freeable_bytes: str | None = None

    def expressions(self) -> dict[str, str]:
        """By the names that CloudWatch has for them."""
        return {SIGNALS[name]: query for name, query in self.model_dump(exclude_none=True).items()}


class ServerDocument(Document):
    """A Prometheus.

    Args:
        url: without a password in it, which belongs into a file.
        bearer_token_file: what is shown to it; or a username and a password_file.
        ca_file, cert_file, key_file: for TLS; without them the certificates of this machine count.
        exporter: whose names of metrics and labels they are.
        label: which label tells the instance; left out, that of the exporter.
        queries: other PromQL for single signals.
    """

    url: str
    bearer_token_file: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    exporter: Literal["cloudwatch_exporter", "yace"] = "yace"
    label: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")] | None = None
    queries: QueriesDocument = QueriesDocument()

    @field_validator("url")
    @classmethod
    def _tells_no_secret(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise InvalidInput("the url of a Prometheus is no http or https address such as https://prometheus:9090")
        if "@" in parts.netloc:  # the complaint must not repeat it
            raise InvalidInput("the url of a Prometheus holds a password; give 'username' and 'password_file' instead")
        return url

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.username is None) != (self.password_file is None):
            raise ValueError("a 'username' and a 'password_file' belong together")
        if self.username is not None and self.bearer_token_file is not None:
            raise ValueError("give either a 'bearer_token_file' or a 'username', not both")
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("a 'key_file' is of no use without its 'cert_file'")
        self.build_queries()
        return self

    def build_queries(self) -> Queries:
        """What is asked."""
        exporter = EXPORTERS[self.exporter]
        return Queries(
            label=self.label or exporter.label,
            stamps_the_begin=exporter.stamps_the_begin,
            expressions=self.queries.expressions(),
        )

    def connect(self, name: str) -> Prometheus:
        """Whoever reads it; nothing is opened yet."""
        server = Server(name=name, **self.model_dump(include=set(Server.__slots__) - {"name"}))
        return Prometheus(server, self.build_queries())


class NamedServerDocument(ServerDocument):
    """One of several.

    Args:
        name: what clusters call it.
        step_seconds: the length of a sample: not shorter than it is scraped.
        settle_seconds: how long after a step its metrics are waited for; what is missing then is unknown.
        history_days: how many days of a new cluster's past are read, where they are kept; 0: none.
    """

    name: str = DEFAULT_SERVER
    step_seconds: Annotated[int, Field(ge=15, le=3600)] = 60
    settle_seconds: Annotated[float, Field(ge=0, le=3600)] = 120.0
    history_days: Annotated[float, Field(ge=0, le=400)] = 15.0


class PrometheusSettings(Document):
    """What the settings file says of this kind: the servers."""

    servers: tuple[NamedServerDocument, ...] = ()


class PrometheusSource(Document):
    """Which instances they are, the writer first, and the range in force; left out: the owner's limits."""

    instances: Annotated[tuple[Instance, ...], Field(min_length=1, max_length=16)]
    server: str = DEFAULT_SERVER
    floor_acu: Acu | None = None
    ceiling_acu: Acu | None = None

    def held(self, limits: Limits) -> Range:
        """The range in force, as far as anybody said.

        Raises:
            InvalidInput: it is none.
        """
        left = left_alone(limits)
        floor = left.floor_acu if self.floor_acu is None else self.floor_acu
        ceiling = left.ceiling_acu if self.ceiling_acu is None else self.ceiling_acu
        return replace(left, floor_acu=floor, ceiling_acu=ceiling)


class Scraped:
    """All clusters of this kind."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._clock = surroundings.clock
        settings: PrometheusSettings = surroundings.settings
        self._documents: Mapping[str, NamedServerDocument] = {one.name: one for one in settings.servers}
        self._servers = {one.name: one.connect(one.name) for one in settings.servers}
        self._sensors = {name: Sensor(one.measure, lanes=LANES) for name, one in self._servers.items()}

    async def connect(self, one: "ClusterSettings", *, started_at: datetime) -> PrometheusCluster:
        source = PrometheusSource.model_validate(one.source)
        if source.server not in self._sensors:
            raise UnknownName("server under sources.prometheus.servers", source.server, self._sensors)
        document = self._documents[source.server]
        return PrometheusCluster(
            one.id,
            source.instances,
            self._sensors[source.server],
            held=source.held(one.cluster_document().build_limits()),
            clock=self._clock,
            step_seconds=document.step_seconds,
            settle_seconds=document.settle_seconds,
            history=timedelta(days=document.history_days),
        )

    async def discover(self) -> tuple[Found, ...]:
        raise NotPossible("a Prometheus does not tell which instances are one cluster; register them with their names")

    async def close(self) -> None:
        for server in self._servers.values():
            await server.close()


def _problem(one: "ClusterSettings") -> str:
    given = [name for name in ("workload", "faults") if getattr(one, name)]
    if given:
        return f"a prometheus cluster has no {' and no '.join(map(repr, given))}"
    try:
        PrometheusSource.model_validate(one.source).held(one.cluster_document().build_limits())
    except ValidationError as problems:
        return f"source of a prometheus cluster: {told(problems)}"
    except InvalidInput as problem:
        return f"source of a prometheus cluster: {problem}"
    return ""


PROMETHEUS = Kind(
    name="prometheus",
    acts=False,
    open=Scraped,
    problem=_problem,
    settings=PrometheusSettings,
    remembers=True,
    account=lambda source: source.get("server", DEFAULT_SERVER),
)

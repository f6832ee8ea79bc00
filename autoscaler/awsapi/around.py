"""What is built around clusters, and keeps them from pausing: proxies, global databases, integrations, parameters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from autoscaler.simulator.blockers import PauseBlocker


@dataclass(slots=True, kw_only=True)
class Proxy:
    """An RDS Proxy; ``targets`` are names of clusters."""

    name: str
    family: str
    role: str
    created_at: datetime
    targets: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class GlobalDatabase:
    """A global database; of ``members``, names of clusters, the first one writes."""

    name: str
    engine: str
    version: str
    resource_id: str
    protected: bool = False
    members: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Integration:
    """A zero-ETL integration of a cluster with a warehouse."""

    name: str
    arn: str
    source: str
    target: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Group:
    """A parameter group; ``own`` are the values that somebody set."""

    name: str
    family: str
    description: str
    own: dict[str, str] = field(default_factory=dict)


# Parameters that keep a cluster awake, as they were when its writer started.
SWITCHES: Mapping[PauseBlocker, tuple[str, tuple[str, ...]]] = {
    PauseBlocker.LOGICAL_REPLICATION: ("rds.logical_replication", ("1",)),
    PauseBlocker.BINLOG: ("binlog_format", ("ROW", "STATEMENT", "MIXED")),
    PauseBlocker.BABELFISH: ("rds.babelfish_status", ("on",)),
}


class Around:
    """All of it, by names; clusters by the last part of their ARN."""

    def __init__(self) -> None:
        self.proxies: dict[str, Proxy] = {}
        self.global_databases: dict[str, GlobalDatabase] = {}
        self.integrations: dict[str, Integration] = {}
        self.cluster_groups: dict[str, Group] = {}
        self.instance_groups: dict[str, Group] = {}

    def global_database_of(self, cluster: str) -> GlobalDatabase | None:
        """The one that a cluster is in."""
        return next((one for one in self.global_databases.values() if cluster in one.members), None)

    def blockers(self, cluster: str, parameters: Mapping[str, str]) -> Iterator[PauseBlocker]:
        """What keeps a cluster awake whose writer has these parameters [D]."""
        if any(cluster in one.targets for one in self.proxies.values()):
            yield PauseBlocker.RDS_PROXY
        if any(one.source == cluster for one in self.integrations.values()):
            yield PauseBlocker.ZERO_ETL
        if (found := self.global_database_of(cluster)) is not None:
            writes = found.members[0] == cluster
            yield PauseBlocker.GLOBAL_DATABASE_PRIMARY if writes else PauseBlocker.GLOBAL_DATABASE_SECONDARY
        for blocker, (name, values) in SWITCHES.items():
            if parameters.get(name) in values:
                yield blocker

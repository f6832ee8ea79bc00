"""An AWS account in one region: clusters that live by a clock, and what is told of them."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from math import inf
from typing import Any

from autoscaler.awsapi import living
from autoscaler.awsapi.around import Around, Group
from autoscaler.awsapi.classes import SERVERLESS
from autoscaler.awsapi.faults import cluster_not_found, instance_not_found
from autoscaler.awsapi.living import STEP_SECONDS
from autoscaler.awsapi.moods import Gate
from autoscaler.awsapi.things import Cluster, Happening, Instance, Load, State, no_load, utc
from autoscaler.core.capacity import Phase
from autoscaler.simulator.blockers import PauseBlocker

__all__ = [
    "SERVERLESS",
    "STEP_SECONDS",
    "Cluster",
    "Happening",
    "Instance",
    "Load",
    "State",
    "World",
    "no_load",
    "utc",
]

ACCOUNT = "123456789012"
KEPT_EVENTS = 5000


class World:
    """All clusters. Nothing in it looks at a clock of its own.

    Those that lag behind by more than ``patience`` live in steps of a minute.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        gate: Gate,
        region: str = "us-east-1",
        patience: timedelta = timedelta(minutes=30),
    ) -> None:
        self.now = now
        self.gate = gate
        self.region = region
        self.clusters: dict[str, Cluster] = {}
        self.instances: dict[str, Instance] = {}
        self.around = Around()
        self.events: deque[Happening] = deque(maxlen=KEPT_EVENTS)
        self.schedules: dict[str, Any] = {}
        self.patience = patience
        self._made = self._turn = 0

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
        """Begin the simulated cluster anew after its instances changed."""
        living.settle(self, cluster)

    def live(self, *, most_steps: int | None = None) -> bool:
        """Let clusters live up to now, in turn; says whether all of them got there in about so many steps."""
        until, clusters = self.now(), tuple(self.clusters.values())
        left = inf if most_steps is None else most_steps
        for _ in clusters:
            cluster = clusters[self._turn % len(clusters)]
            self._turn += 1
            if cluster.simulated is not None:
                left -= living.live(self, cluster, cluster.simulated, until)
            if left <= 0:
                return False
        return True

    def blockers_of(self, cluster: Cluster) -> tuple[PauseBlocker, ...]:
        """What keeps a cluster awake: by its nature, what is built around it, and its writer."""
        writer = cluster.writer
        around = self.around.blockers(cluster.name, {} if writer is None else writer.applied)
        led = () if cluster.led_by is None else (PauseBlocker.PROVISIONED_WRITER,)
        return tuple(sorted({*cluster.spec.blockers, *around, *led}))

    def review(self, *names: str) -> None:
        """Something around these clusters was built or taken away."""
        for name in names:
            cluster = self.clusters.get(name)
            if cluster is None or cluster.simulated is None:
                continue
            wanted, simulated = frozenset(self.blockers_of(cluster)), cluster.simulated
            for blocker in sorted(wanted - simulated.blockers):
                simulated.block_pause(blocker)
            for blocker in simulated.blockers - wanted:
                simulated.unblock_pause(blocker)

    def users_of(self, group: Group) -> list[Cluster | Instance]:
        """Who has a parameter group."""
        if self.around.cluster_groups.get(group.name) is group:
            return [one for one in self.clusters.values() if one.group == group.name]
        return [one for one in self.instances.values() if one.group == group.name]

    def changed_parameters(self, group: Group) -> None:
        """A change of parameters wakes whoever sleeps under them [D]."""
        for one in self.users_of(group):
            cluster = one if isinstance(one, Cluster) else one.cluster
            if cluster.simulated is not None:
                cluster.simulated.rouse()

    def wanted_parameters(self, instance: Instance) -> dict[str, str]:
        """What its groups say; it has them once it has started again."""
        groups = (
            self.around.cluster_groups.get(instance.cluster.group or ""),
            self.around.instance_groups.get(instance.group or ""),
        )
        return {name: value for group in groups if group is not None for name, value in group.own.items()}

    def restarted(self, instance: Instance) -> None:
        """It takes over the parameters that have waited for that."""
        instance.applied = self.wanted_parameters(instance)
        self.review(instance.cluster.name)

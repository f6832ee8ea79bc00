"""Clusters that are there from the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from autoscaler.awsapi.clusters import good_name
from autoscaler.awsapi.engines import latest
from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.world import SERVERLESS, Cluster, Instance, Load, World
from autoscaler.errors import InvalidInput
from autoscaler.simulator.spec import ClusterSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A cluster with its instances."""

    spec: ClusterSpec
    load: Load
    tags: Mapping[str, str] = field(default_factory=dict)


def sow(world: World, seed: Seed) -> None:
    """Put it into the world, awake and settled.

    Raises:
        InvalidInput: its name is none that AWS takes, or there is one already.
    """
    spec, now = seed.spec, world.now()
    try:
        name = good_name(spec.cluster_id, "id")
    except Fault as fault:
        raise InvalidInput(f"cluster {spec.cluster_id}: {fault.message}") from None
    if name in world.clusters:
        raise InvalidInput(f"there are two clusters named '{name}'; names differ in more than upper and lower case")
    engine = f"aurora-{spec.profile.connecting.engine}"
    cluster = world.clusters[name] = Cluster(
        name=name,
        resource_id=world.new_resource_id("cluster", name),
        engine=engine,
        version=latest(engine),
        spec=spec,
        # On Aurora a minimum of 0 is what says that a cluster may pause.
        scaling=spec.range if spec.range.pause_after_seconds is None else replace(spec.range, floor_acu=0.0),
        created_at=now,
        load=seed.load,
        tags=dict(seed.tags),
    )
    for number, tier in enumerate((spec.writer_tier, *spec.readers), start=1):
        one = Instance(
            name=f"{name}-{number}",
            cluster=cluster,
            instance_class=SERVERLESS,
            tier=tier,
            created_at=now,
            resource_id=world.new_resource_id("db", f"{name}-{number}"),
        )
        world.instances[one.name] = one
        cluster.members.append(one)
    world.settle(cluster)

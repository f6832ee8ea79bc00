"""Clusters that are there from the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from autoscaler.awsapi.around import SWITCHES, GlobalDatabase, Group, Integration, Proxy
from autoscaler.awsapi.clusters import good_name
from autoscaler.awsapi.engines import family as family_of
from autoscaler.awsapi.engines import latest
from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.proxies import FAMILIES
from autoscaler.awsapi.world import SERVERLESS, Cluster, Instance, Load, World
from autoscaler.errors import InvalidInput
from autoscaler.simulator.blockers import PauseBlocker
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
    natural = tuple(one for one in spec.blockers if not _build(world, name, engine, one))
    cluster = world.clusters[name] = Cluster(
        name=name,
        resource_id=world.new_resource_id("cluster", name),
        engine=engine,
        version=latest(engine),
        spec=replace(spec, blockers=natural),
        group=group_of(name) if group_of(name) in world.around.cluster_groups else None,
        # On Aurora a minimum of 0 is what says that a cluster may pause.
        scaling=spec.range if spec.range.pause_after_seconds is None else replace(spec.range, floor_acu=0.0),
        created_at=now,
        load=seed.load,
        tags=dict(seed.tags),
    )
    _fill(world, cluster)
    world.settle(cluster)


def _fill(world: World, cluster: Cluster) -> None:
    """Its instances, as old as it is."""
    for number, tier in enumerate((cluster.spec.writer_tier, *cluster.spec.readers), start=1):
        name = f"{cluster.name}-{number}"
        one = Instance(
            name=name,
            cluster=cluster,
            instance_class=SERVERLESS,
            tier=tier,
            created_at=cluster.created_at,
            resource_id=world.new_resource_id("db", name),
        )
        world.instances[name] = one
        cluster.members.append(one)
        one.applied = world.wanted_parameters(one)


def group_of(cluster: str) -> str:
    """The name of the parameter group of a cluster that begins with parameters of its own."""
    return f"simulated-{cluster}"


def _build(world: World, name: str, engine: str, blocker: PauseBlocker) -> bool:
    """What keeps it awake is there, and can be taken away; False where nothing can be built for that."""
    around, now = world.around, world.now()
    match blocker:
        case PauseBlocker.RDS_PROXY:
            proxy = f"{name}-proxy"
            family = next(one for one, engines in FAMILIES.items() if engines == engine)
            around.proxies[proxy] = Proxy(name=proxy, family=family, role="simulated", created_at=now, targets=[name])
        case PauseBlocker.ZERO_ETL:
            etl, target = f"{name}-zero-etl", "arn:aws:redshift-serverless:us-east-1:123456789012:namespace/simulated"
            arn = world.arn("integration", etl)
            around.integrations[arn] = Integration(name=etl, arn=arn, source=name, target=target, created_at=now)
        case PauseBlocker.GLOBAL_DATABASE_PRIMARY | PauseBlocker.GLOBAL_DATABASE_SECONDARY:
            found = f"{name}-global"
            primary = [] if blocker is PauseBlocker.GLOBAL_DATABASE_PRIMARY else [f"{name}-elsewhere"]
            around.global_databases[found] = GlobalDatabase(
                name=found,
                engine=engine,
                version=latest(engine),
                resource_id=world.new_resource_id("cluster", found),
                members=[*primary, name],
            )
        case _ if blocker in SWITCHES:
            of = group_of(name)
            group = around.cluster_groups.setdefault(
                of, Group(name=of, family=family_of(engine, latest(engine)), description="made at the start")
            )
            parameter, values = SWITCHES[blocker]
            group.own[parameter] = values[0]
        case _:
            return False
    return True

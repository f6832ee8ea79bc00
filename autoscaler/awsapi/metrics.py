"""The points of a metric as CloudWatch has them: of whom, how much of them, and how far off."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autoscaler.awsapi.recorder import COLUMNS, MINUTE_SECONDS, UNITS, Points, joined
from autoscaler.awsapi.statistics import by_period
from autoscaler.awsapi.world import Instance, World

NAMESPACE = "AWS/RDS"
INSTANCE, CLUSTER, ROLE = "DBInstanceIdentifier", "DBClusterIdentifier", "Role"
INSIGHTS = frozenset(name for name in UNITS if name.startswith("DBLoad"))


def values_of(
    world: World, metric: Mapping[str, Any], *, period: int, statistic: str, start: float, end: float
) -> tuple[list[float], list[float]]:
    """The starts of the periods in ``[start, end)`` and the statistic of each, oldest first; a gap is left out."""
    name = metric.get("MetricName")
    if name not in COLUMNS or metric.get("Namespace") != NAMESPACE:
        return [], []
    # Whole minutes only, as its own are aligned to minutes, too.
    ahead = world.gate.moods.skew_seconds // MINUTE_SECONDS * MINUTE_SECONDS
    first = start // period * period - ahead
    parts = [_published(world, name, one, first, end - ahead, period) for one in _instances(world, metric)]
    found = joined(parts)
    shifted = Points(found.at + ahead, found.total, found.largest, found.least, found.count) if ahead else found
    starts, values = by_period(shifted, period=period, statistic=statistic)
    return starts.tolist(), values.tolist()


def known(world: World) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """All metrics there are: their names and dimensions."""
    for instance in world.instances.values():
        yield from ((name, ((INSTANCE, instance.name),)) for name in UNITS if _has(instance, name))
    for cluster in world.clusters.values():
        for name in UNITS:
            roles = {_role(one) for one in cluster.members if _has(one, name)}
            if roles:
                yield name, ((CLUSTER, cluster.name),)
            yield from ((name, ((CLUSTER, cluster.name), (ROLE, role))) for role in sorted(roles))


def _published(world: World, name: str, one: Instance, start: float, end: float, period: int) -> Points:
    moods, now = world.gate.moods, world.now().timestamp()
    if not _has(one, name):
        return joined([])
    points = one.recorder.between(name, start, end, period=period, now=now)
    if not len(points):
        return points
    return moods.told(name, one.name, points[moods.shows(one.name, points.at, now)])


def _has(one: Instance, name: str) -> bool:
    """DB load is only told while Performance Insights is on [D]."""
    return name in one.recorder.names and (name not in INSIGHTS or one.insights)


def _instances(world: World, metric: Mapping[str, Any]) -> Iterable[Instance]:
    """Those that a metric is of; of none that is not known, as CloudWatch answers."""
    asked = {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}
    match sorted(asked):
        case ["DBInstanceIdentifier"]:
            found = world.instances.get(asked[INSTANCE])
            return () if found is None else (found,)
        case ["DBClusterIdentifier"] | ["DBClusterIdentifier", "Role"]:
            cluster = world.clusters.get(asked[CLUSTER])
            members = () if cluster is None else cluster.members
            return [one for one in members if asked.get(ROLE, _role(one)) == _role(one)]
    return ()


def _role(one: Instance) -> str:
    return "WRITER" if one.cluster.writer is one else "READER"

"""CloudWatch's actions: what the instances of the clusters published, by the minute."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from autoscaler.awsapi.faults import Fault, invalid_combination, invalid_value
from autoscaler.awsapi.recorder import Statistic, merged
from autoscaler.awsapi.world import Instance, World, utc

Parameters = Mapping[str, Any]
NAMESPACE = "AWS/RDS"
MINUTE_SECONDS = 60
MOST_QUERIES = 500  # [D]
INSTANCE, CLUSTER, ROLE = "DBInstanceIdentifier", "DBClusterIdentifier", "Role"
UNITS = {
    "ServerlessDatabaseCapacity": "None",
    "ACUUtilization": "Percent",
    "CPUUtilization": "Percent",
    "DatabaseConnections": "Count",
    "FreeableMemory": "Bytes",
}
STATISTICS = {
    "Average": lambda one: one.average,
    "Maximum": lambda one: one.maximum,
    "Minimum": lambda one: one.minimum,
    "Sum": lambda one: one.average * one.samples,
    "SampleCount": lambda one: float(one.samples),
}


def get_data(world: World, given: Parameters) -> dict[str, Any]:
    """GetMetricData; metric math is not simulated."""
    queries = given["MetricDataQueries"]
    if len(queries) > MOST_QUERIES:
        raise Fault(
            "ValidationError", f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )
    if len({one["Id"] for one in queries}) < len(queries):
        raise Fault("ValidationError", "The values for parameter id in MetricDataQueries must be unique.")
    newest_first = given.get("ScanBy", "TimestampDescending") != "TimestampAscending"
    return {
        "MetricDataResults": [_result(world, one, given, newest_first=newest_first) for one in queries],
        "Messages": [],
    }


def _result(world: World, query: Parameters, given: Parameters, *, newest_first: bool) -> dict[str, Any]:
    if "MetricStat" not in query:
        raise Fault("ValidationError", f"Query {query['Id']} has no MetricStat; metric math is not simulated.")
    asked = query["MetricStat"]
    points = sorted(_points(world, asked["Metric"], asked["Period"], given).items(), reverse=newest_first)
    return {
        "Id": query["Id"],
        "Label": query.get("Label", asked["Metric"].get("MetricName", "")),
        "Timestamps": [utc(at) for at, _ in points],
        "Values": [_statistic(asked["Stat"])(statistic) for _, statistic in points],
        "StatusCode": "Complete",
    }


def get_statistics(world: World, given: Parameters) -> dict[str, Any]:
    """GetMetricStatistics."""
    names = given.get("Statistics", ())
    if not names:
        raise invalid_combination("At least one of the parameters Statistics and ExtendedStatistics must be specified.")
    unit = UNITS.get(given["MetricName"], "None")
    points = _points(world, given, given["Period"], given)
    return {
        "Label": given["MetricName"],
        "Datapoints": [
            {"Timestamp": utc(at), "Unit": unit, **{name: _statistic(name)(statistic) for name in names}}
            for at, statistic in points.items()
        ],
    }


def list_metrics(world: World, given: Parameters) -> dict[str, Any]:
    """ListMetrics, of instances and of clusters, in one page."""
    asked = {one["Name"]: one.get("Value") for one in given.get("Dimensions", ())}
    found = [
        {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": [{"Name": kind, "Value": value}]}
        for kind, value in _things(world)
        for name in UNITS
        if given.get("MetricName") in (None, name)
        and all(key == kind and one in (None, value) for key, one in asked.items())
    ]
    return {"Metrics": found if given.get("Namespace") in (None, NAMESPACE) else []}


def _things(world: World) -> Iterator[tuple[str, str]]:
    yield from ((INSTANCE, name) for name, one in world.instances.items() if one.recorder.minutes)
    yield from ((CLUSTER, name) for name, one in world.clusters.items() if any(m.recorder.minutes for m in one.members))


def _points(world: World, metric: Parameters, period: int, given: Parameters) -> dict[float, Statistic]:
    """The visible statistics by the start of their period, which is a multiple of its length; a gap is left out."""
    if period < MINUTE_SECONDS or period % MINUTE_SECONDS:
        raise invalid_value(f"The parameter Period is {period}; it must be a multiple of {MINUTE_SECONDS}.")
    start, end = given["StartTime"].timestamp(), given["EndTime"].timestamp()
    if start >= end:
        raise Fault("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    moods, name, now = world.gate.moods, metric["MetricName"], world.now().timestamp()
    ahead = moods.skew_seconds // MINUTE_SECONDS * MINUTE_SECONDS
    gathered: dict[float, list[Statistic]] = defaultdict(list)
    for one in _instances(world, metric):
        for minute, values in one.recorder.between(start // period * period - ahead, end - ahead):
            if name in values and moods.shows(one.name, minute, now):
                told = _told(values[name], partial(moods.told, metric=name, instance=one.name, minute=minute))
                gathered[(minute + ahead) // period * period].append(told)
    return {at: merged(parts) for at, parts in sorted(gathered.items())}


def _told(true: Statistic, tell: Callable[[float], float]) -> Statistic:
    return replace(true, average=tell(true.average), maximum=tell(true.maximum), minimum=tell(true.minimum))


def _instances(world: World, metric: Parameters) -> Iterable[Instance]:
    """Those that a metric is of; of none that is not known, as CloudWatch answers."""
    asked = {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}
    if metric.get("Namespace") != NAMESPACE:
        return ()
    match sorted(asked):
        case ["DBInstanceIdentifier"]:
            return [one for name, one in world.instances.items() if name == asked[INSTANCE]]
        case ["DBClusterIdentifier"] | ["DBClusterIdentifier", "Role"]:
            cluster = world.clusters.get(asked[CLUSTER])
            members = () if cluster is None else cluster.members
            return [one for one in members if asked.get(ROLE, _role(one)) == _role(one)]
    return ()


def _role(one: Instance) -> str:
    return "WRITER" if one.cluster.writer is one else "READER"


def _statistic(name: str) -> Any:  # noqa: ANN401 - a function of a Statistic
    if name not in STATISTICS:
        raise invalid_value(f"The statistic {name} is not simulated; there are: {', '.join(STATISTICS)}")
    return STATISTICS[name]

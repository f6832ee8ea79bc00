"""Performance Insights: the load of an instance, and its capacity, by the second and without delay."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Any

import numpy as np

from autoscaler.awsapi.faults import Fault
from autoscaler.awsapi.statistics import by_period
from autoscaler.awsapi.world import STEP_SECONDS, Instance, World, utc

Parameters = Mapping[str, Any]
PERIODS = (1, 10, 60, 300, 3600, 86_400)  # [D]
MINUTE_SECONDS = 60
MOST_QUERIES, MOST_POINTS = 15, 25_000
COLUMNS = {
    "db.load": "DBLoad",
    "os.general.serverlessDatabaseCapacity": "ServerlessDatabaseCapacity",
    "os.general.acuUtilization": "ACUUtilization",
}
STATISTICS = {"avg": "Average", "max": "Maximum", "min": "Minimum", "sum": "Sum"}


def get_metrics(world: World, given: Parameters) -> dict[str, Any]:
    """GetResourceMetrics: averages of ``db.load`` and two counters; a moment without data has no value."""
    instance, period = _instance(world, given), given.get("PeriodInSeconds", MINUTE_SECONDS)
    start, end = _span(given, period)
    queries = given["MetricQueries"]
    if not 1 <= len(queries) <= MOST_QUERIES:
        raise _invalid(f"Value at 'metricQueries' failed to satisfy constraint: between 1 and {MOST_QUERIES} queries")
    found = []
    for query in queries:
        known = _values(instance, query["Metric"], period, start, end, world.now().timestamp())
        keys: dict[str, Any] = {"Metric": query["Metric"]}
        if (group := query.get("GroupBy", {}).get("Group")) is not None:
            keys["Dimensions"] = _dimension(group)
        moments = [start + period * place for place in range(ceil((end - start) / period))]
        points = [{"Timestamp": utc(at), **({"Value": known[at]} if at in known else {})} for at in moments]
        found.append({"Key": keys, "DataPoints": points})
    return {
        "AlignedStartTime": utc(start),
        "AlignedEndTime": utc(end),
        "Identifier": given["Identifier"],
        "MetricList": found,
    }


def describe_keys(world: World, given: Parameters) -> dict[str, Any]:
    """DescribeDimensionKeys: everything waits for CPU here, and comes from one statement, user and host."""
    instance, period = _instance(world, given), given.get("PeriodInSeconds", MINUTE_SECONDS)
    start, end = _span(given, period)
    known = _values(instance, given["Metric"], period, start, end, world.now().timestamp())
    total = sum(known.values()) / max(1, ceil((end - start) / period))
    keys = [{"Dimensions": _dimension(given["GroupBy"]["Group"]), "Total": round(total, 5)}] if total else []
    return {"AlignedStartTime": utc(start), "AlignedEndTime": utc(end), "Keys": keys}


def _values(instance: Instance, metric: str, period: int, start: float, end: float, now: float) -> dict[float, float]:
    """By the start of the period. Finer than a minute only the last hour is known, by steps of the simulation."""
    name, _, statistic = metric.rpartition(".")
    if name not in COLUMNS or statistic not in STATISTICS:
        known = ", ".join(f"{one}.avg" for one in COLUMNS)
        raise _invalid(f"Metric {metric} is not simulated; there are: {known}")
    if period >= MINUTE_SECONDS:
        points = instance.recorder.between(COLUMNS[name], start, end, period=period, now=now)
        moments, values = by_period(points, period=period, statistic=STATISTICS[statistic])
        return dict(zip(moments.tolist(), values.tolist(), strict=True))
    recent = instance.recorder.recent(COLUMNS[name], start - STEP_SECONDS, end)
    found: dict[float, list[float]] = {}
    for at, value in recent:
        for second in range(ceil(at), ceil(at + STEP_SECONDS)):
            found.setdefault(second // period * period, []).append(value)
    return {float(at): round(float(np.mean(values)), 5) for at, values in found.items() if start <= at < end}


def _instance(world: World, given: Parameters) -> Instance:
    asked = given["Identifier"]
    for one in world.instances.values():
        if one.resource_id == asked:
            if one.insights:
                return one
            raise _invalid(f"Performance Insights is not enabled for the resource {asked}")
    raise Fault("NotAuthorizedException", f"The resource {asked} is not there, or you may not see it")


def _span(given: Parameters, period: int) -> tuple[float, float]:
    if period not in PERIODS:
        raise _invalid(f"Value '{period}' at 'periodInSeconds' failed to satisfy constraint: one of {PERIODS}")
    if given["StartTime"] + timedelta(seconds=period * MOST_POINTS) < given["EndTime"]:
        raise _invalid(f"At most {MOST_POINTS} data points can be asked for; ask for less time or a longer period")
    start = given["StartTime"].timestamp() // period * period
    end = -(-given["EndTime"].timestamp() // period) * period
    if start >= end:
        raise _invalid("The start time must be before the end time")
    return float(start), float(end)


def _dimension(group: str) -> dict[str, str]:
    names = {
        "db.wait_event": {"db.wait_event.name": "CPU", "db.wait_event.type": "CPU"},
        "db.user": {"db.user.name": "simulated"},
        "db.host": {"db.host.name": "simulated"},
        "db.sql_tokenized": {"db.sql_tokenized.statement": "SELECT ?", "db.sql_tokenized.id": "simulated"},
    }
    if group not in names:
        raise _invalid(f"Group {group} is not simulated; there are: {', '.join(names)}")
    return names[group]


def _invalid(message: str) -> Fault:
    return Fault("InvalidArgumentException", message)

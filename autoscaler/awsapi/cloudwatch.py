"""CloudWatch's actions."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil
from typing import Any

from autoscaler.awsapi.faults import Fault, invalid_combination, invalid_value
from autoscaler.awsapi.maths import Grid, Series, evaluate
from autoscaler.awsapi.metrics import NAMESPACE, known, values_of
from autoscaler.awsapi.recorder import UNITS
from autoscaler.awsapi.statistics import is_statistic
from autoscaler.awsapi.world import World, utc

Parameters = Mapping[str, Any]
MINUTE_SECONDS = 60
FINER_PERIODS = (1, 5, 10, 20, 30)  # taken, but nothing is published as fine
MOST_QUERIES, MOST_POINTS = 500, 100_800  # [D]
MOST_STATISTICS_POINTS, MOST_LISTED = 1440, 500  # [D]
ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


def get_data(world: World, given: Parameters) -> dict[str, Any]:
    """GetMetricData, in pages."""
    queries, most = given["MetricDataQueries"], given.get("MaxDatapoints", MOST_POINTS)
    _check(queries)
    if not 1 <= most <= MOST_POINTS:
        raise Fault(
            "ValidationError", f"The value {most} for parameter MaxDatapoints is not between 1 and {MOST_POINTS}."
        )
    start, end = _span(given)
    told = [
        {"Id": query["Id"], "Label": query.get("Label", label), "points": sorted(series.items())}
        for query, results in _evaluated(world, queries, start, end)
        if query.get("ReturnData", True)
        for label, series in results
    ]
    if given.get("ScanBy", "TimestampDescending") != "TimestampAscending":
        for one in told:
            one["points"].reverse()
    return {**_page(told, _offset(given.get("NextToken")), most), "Messages": []}


def get_statistics(world: World, given: Parameters) -> dict[str, Any]:
    """GetMetricStatistics: of so many points at most."""
    plain, percentiles = given.get("Statistics", ()), given.get("ExtendedStatistics", ())
    if not (*plain, *percentiles):
        raise invalid_combination("At least one of the parameters Statistics and ExtendedStatistics must be specified.")
    for place, name in enumerate((*plain, *percentiles), start=1):
        if not is_statistic(name):
            raise invalid_value(f"The value {name} for parameter Statistics.member.{place} is not a valid statistic.")
    (start, end), period = _span(given), given["Period"]
    _check_period(period, "Period")
    asked = ceil((end - start) / period)
    if asked > MOST_STATISTICS_POINTS:
        raise invalid_combination(
            f"You have requested up to {asked} datapoints, which exceeds the limit of {MOST_STATISTICS_POINTS}. You may"
            " reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
    unit = UNITS.get(given["MetricName"], "None")
    points: dict[float, dict[str, Any]] = {}
    for name in (*plain, *percentiles) if given.get("Unit", unit) == unit else ():
        moments, values = values_of(world, given, period=period, statistic=name, start=start, end=end)
        for at, value in zip(moments, values, strict=True):
            point = points.setdefault(at, {"Timestamp": utc(at), "Unit": unit})
            (point if name in plain else point.setdefault("ExtendedStatistics", {}))[name] = value
    return {"Label": given["MetricName"], "Datapoints": list(points.values())}


def list_metrics(world: World, given: Parameters) -> dict[str, Any]:
    """ListMetrics, of instances and of clusters, in pages."""
    asked = {one["Name"]: one.get("Value") for one in given.get("Dimensions", ())}
    found = [
        {
            "Namespace": NAMESPACE,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
        }
        for name, dimensions in known(world)
        if given.get("MetricName") in (None, name)
        and all(key in dict(dimensions) and value in (None, dict(dimensions)[key]) for key, value in asked.items())
    ]
    if given.get("Namespace") not in (None, NAMESPACE):
        return {"Metrics": []}
    first = _offset(given.get("NextToken"))
    more = {"NextToken": str(first + MOST_LISTED)} if first + MOST_LISTED < len(found) else {}
    return {"Metrics": found[first : first + MOST_LISTED], **more}


def _evaluated(
    world: World, queries: Sequence[Parameters], start: float, end: float
) -> list[tuple[Parameters, list[tuple[str, Series]]]]:
    """Each query's series with their labels, in the order of the queries; an expression may name a later one."""
    series: dict[str, Series] = {}
    for query in queries:
        if (asked := query.get("MetricStat")) is not None:
            moments, values = values_of(
                world, asked["Metric"], period=asked["Period"], statistic=asked["Stat"], start=start, end=end
            )
            series[query["Id"]] = dict(zip(moments, values, strict=True))
    metrics = [one["Id"] for one in queries if "MetricStat" in one]
    periods = [one["MetricStat"]["Period"] for one in queries if "MetricStat" in one]
    results = {}
    waiting = [one for one in queries if "MetricStat" not in one]
    for query in _in_order(waiting):
        grid = Grid(start=start, end=end, period=query.get("Period", max(periods, default=MINUTE_SECONDS)))
        found = evaluate(query["Expression"], series, grid, metrics=metrics)
        results[query["Id"]] = [(query["Id"], one) for one in found]
        if len(found) == 1:
            series[query["Id"]] = found[0]
    return [
        (one, results.get(one["Id"]) or [(one["MetricStat"]["Metric"].get("MetricName", ""), series[one["Id"]])])
        for one in queries
    ]


def _in_order(expressions: Sequence[Parameters]) -> list[Parameters]:
    """Those that others name come first."""
    ids = {one["Id"] for one in expressions}
    names = {one["Id"]: ids & set(re.findall(r"\w+", one["Expression"])) for one in expressions}
    done: list[Parameters] = []
    while len(done) < len(expressions):
        placed = {one["Id"] for one in done}
        ready = [one for one in expressions if one["Id"] not in placed and names[one["Id"]] <= placed]
        if not ready:
            raise Fault(
                "ValidationError", f"Expressions name each other in a circle: {', '.join(sorted(ids - placed))}"
            )
        done += ready
    return done


def _page(told: Sequence[Mapping[str, Any]], offset: int, most: int) -> dict[str, Any]:
    """As many points as fit, from ``offset`` on; a result that goes on elsewhere is partial [D]."""
    bounds = [0]
    for one in told:
        bounds.append(bounds[-1] + len(one["points"]))
    end = min(offset + most, bounds[-1])
    results = []
    for one, (first, last) in zip(told, pairwise(bounds), strict=True):
        part = one["points"][max(0, offset - first) : max(0, end - first)]
        if part or (first == last and offset <= first <= end):
            results.append(
                {
                    "Id": one["Id"],
                    "Label": one["Label"],
                    "Timestamps": [utc(at) for at, _ in part],
                    "Values": [value for _, value in part],
                    "StatusCode": "Complete" if offset <= first and last <= end else "PartialData",
                }
            )
    return {"MetricDataResults": results, **({"NextToken": str(end)} if end < bounds[-1] else {})}


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise invalid_value(f"The value {token} for parameter NextToken is not valid.")
    return int(token)


def _span(given: Parameters) -> tuple[float, float]:
    start, end = given["StartTime"].timestamp(), given["EndTime"].timestamp()
    if start >= end:
        raise Fault("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def _check(queries: Sequence[Parameters]) -> None:
    if len(queries) > MOST_QUERIES:
        raise Fault(
            "ValidationError", f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )
    if len({one["Id"] for one in queries}) < len(queries):
        raise Fault("ValidationError", "The values for parameter id in MetricDataQueries must be unique.")
    for place, one in enumerate(queries, start=1):
        here = f"MetricDataQueries.member.{place}"
        if not ID.fullmatch(one["Id"]):
            raise Fault(
                "ValidationError",
                f"The value {one['Id']} for parameter {here}.Id is not matching the expected"
                " pattern ^[a-z][a-zA-Z0-9_]*$.",
            )
        if ("MetricStat" in one) == ("Expression" in one):
            raise Fault("ValidationError", f"The parameter {here} must have either MetricStat or Expression.")
        if (asked := one.get("MetricStat")) is not None:
            if not is_statistic(asked["Stat"]):
                raise Fault(
                    "ValidationError",
                    f"The value {asked['Stat']} for parameter {here}.MetricStat.Stat is not a valid statistic.",
                )
            _check_period(asked["Period"], f"{here}.MetricStat.Period")


def _check_period(period: int, name: str) -> None:
    if period not in FINER_PERIODS and (period < MINUTE_SECONDS or period % MINUTE_SECONDS):
        raise invalid_value(f"The parameter {name} must be one of {FINER_PERIODS} or a multiple of {MINUTE_SECONDS}.")

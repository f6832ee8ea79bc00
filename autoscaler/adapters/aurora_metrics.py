"""GetMetricData: metrics of many instances in few calls."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from autoscaler.adapters.aurora_errors import translated
from autoscaler.adapters.aurora_samples import Points, Window
from autoscaler.errors import ClusterError

MOST_QUERIES = 500  # [D] of a call

Client = Callable[[], Awaitable[Any]]
Values = dict[tuple[str, str], dict[float, float]]


class _Asked(NamedTuple):
    """One metric of one instance, for the window at ``place``."""

    place: int
    metric: str
    instance: str
    statistic: str


async def measured(client: Client, windows: Sequence[Window]) -> list[Points | ClusterError]:
    """What CloudWatch has of each window, in their order; windows of one period share calls, which span them all."""
    points: list[Values] = [{} for _ in windows]
    of_period: dict[int, list[int]] = defaultdict(list)
    for place, window in enumerate(windows):
        of_period[window.period_seconds].append(place)
    try:
        for period, places in of_period.items():
            asked = [one for place in places for one in _asked(place, windows[place])]
            for first in range(0, len(asked), MOST_QUERIES):
                part = asked[first : first + MOST_QUERIES]
                for one, values in zip(part, await _data(client, part, windows, period), strict=True):
                    points[one.place][one.metric, one.instance] = values
    except ClusterError as problem:
        return [problem] * len(windows)
    return list(points)


def _asked(place: int, window: Window) -> list[_Asked]:
    return [_Asked(place, name, one, window.statistic) for one in window.instances for name in window.metrics]


async def _data(
    client: Client, asked: Sequence[_Asked], windows: Sequence[Window], period: int
) -> list[dict[float, float]]:
    """The values of each query by the start of their period; all pages of them."""
    values: dict[str, dict[float, float]] = {f"q{number}": {} for number in range(len(asked))}
    places = {one.place for one in asked}
    async with translated("cloudwatch:GetMetricData", f"{len(asked)} metrics"):
        pages = (
            (await client())
            .get_paginator("get_metric_data")
            .paginate(
                MetricDataQueries=[_query(number, one, period) for number, one in enumerate(asked)],
                StartTime=min(windows[place].start for place in places),
                EndTime=max(windows[place].end for place in places),
                ScanBy="TimestampAscending",
            )
        )
        async for page in pages:
            for one in page["MetricDataResults"]:
                moments = (at.timestamp() for at in one["Timestamps"])
                values[one["Id"]].update(zip(moments, one["Values"], strict=True))
    return list(values.values())


def _query(number: int, asked: _Asked, period: int) -> dict[str, Any]:
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": asked.instance}]
    metric = {"Namespace": "AWS/RDS", "MetricName": asked.metric, "Dimensions": dimensions}
    return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": asked.statistic}}

"""Points of a metric by periods, and what CloudWatch makes of each period."""

import re
from collections.abc import Callable, Mapping

import numpy as np

from autoscaler.awsapi.recorder import Numbers, Points

PLAIN: Mapping[str, Callable[[Points], Numbers]] = {
    "Average": lambda points: points.average,
    "Maximum": lambda points: points.largest,
    "Minimum": lambda points: points.least,
    "Sum": lambda points: points.total,
    "SampleCount": lambda points: points.count,
}
PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100)")
DECIMALS = 5  # of the seven digits that are kept, so that 6.4 is not told as 6.400000095


def is_statistic(name: str) -> bool:
    """Whether there is a statistic of that name; trimmed means are not simulated."""
    return name in PLAIN or PERCENTILE.fullmatch(name) is not None


def by_period(points: Points, *, period: int, statistic: str) -> tuple[Numbers, Numbers]:
    """The starts of the periods that have points, which are multiples of their length, and the statistic of each."""
    if not len(points):
        return np.zeros(0), np.zeros(0)
    points = points[np.argsort(points.at, kind="stable")]
    periods, first = np.unique(points.at // period, return_index=True)
    if statistic in PLAIN:
        values = PLAIN[statistic](points if len(first) == len(points) else _merged(points, first))
    else:
        percent = float(statistic[1:])
        values = np.array([np.percentile(one, percent) for one in np.split(points.average, first[1:])])
    return periods * period, np.round(values, DECIMALS)


def _merged(points: Points, first: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Points:
    """Several points as one each: over time, or over instances, where the average is not their sum [D]."""
    return Points(
        points.at[first],
        np.add.reduceat(points.total, first),
        np.maximum.reduceat(points.largest, first),
        np.minimum.reduceat(points.least, first),
        np.add.reduceat(points.count, first),
    )

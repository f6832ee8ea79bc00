"""How much of a processor the simulated AWS takes: `python -m benchmarks.simulated_aws --clusters 1000`."""

import resource
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta

from autoscaler.awsapi import models, query, rpc
from autoscaler.awsapi.cloudwatch import get_data
from autoscaler.awsapi.clusters import describe
from autoscaler.awsapi.models import CLOUDWATCH, RDS
from autoscaler.awsapi.recorder import UNITS
from autoscaler.cli.endpoint import EndpointDocument, make_world
from autoscaler.simulator.scenarios import SCENARIOS

QUERIES, MINUTES = 500, 5


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def main() -> None:
    """Measure, and print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--history-days", type=float, default=15.0, help="of the one cluster whose past is measured")
    given = parser.parse_args()
    clock = HandClock()
    world = make_world(_document(given.clusters, 0.0), clock)
    for service in (RDS, CLOUDWATCH):
        models.service_model(service)
    began = _cpu_seconds()
    for _ in range(MINUTES):
        clock.at += timedelta(minutes=1)
        world.live()
    print(f"{given.clusters} clusters live a minute: {(_cpu_seconds() - began) / MINUTES:.3f} s")
    asked, began = _queries(clock, given.clusters), _cpu_seconds()
    size = len(rpc.JSON_1_0.render(get_data(world, asked)))
    print(f"GetMetricData, {QUERIES} queries of 5 minutes: {_cpu_seconds() - began:.3f} s, {size / 1e3:.0f} kB")
    began = _cpu_seconds()
    size = len(query.render(models.operation(RDS, "DescribeDBClusters"), describe(world, {}), "1"))
    print(f"DescribeDBClusters, a page of 100: {_cpu_seconds() - began:.3f} s, {size / 1e3:.0f} kB")
    began = _cpu_seconds()
    make_world(_document(1, given.history_days), HandClock())
    print(f"a history of {given.history_days:g} days of a cluster: {_cpu_seconds() - began:.2f} s")


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _document(clusters: int, history_days: float) -> EndpointDocument:
    names = list(SCENARIOS)
    return EndpointDocument.model_validate(
        {
            "history_days": history_days,
            "clusters": [
                {
                    "id": f"c{number:05}",
                    "workload": {"scenario": names[number % len(names)], "seed": number},
                    "cluster": {"limits": {"min_acu": 1, "max_acu": 32}},
                }
                for number in range(clusters)
            ],
        }
    )


def _queries(clock: HandClock, clusters: int) -> dict[str, object]:
    names = list(UNITS)[:5]
    return {
        "StartTime": clock.at - timedelta(minutes=5),
        "EndTime": clock.at,
        "MetricDataQueries": [
            {
                "Id": f"q{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/RDS",
                        "MetricName": names[number % len(names)],
                        "Dimensions": [
                            {"Name": "DBInstanceIdentifier", "Value": f"c{number // len(names) % clusters:05}-1"}
                        ],
                    },
                    "Period": 60,
                    "Stat": "Average",
                },
            }
            for number in range(QUERIES)
        ],
    }


if __name__ == "__main__":
    main()

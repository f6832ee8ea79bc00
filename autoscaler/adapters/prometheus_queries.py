"""What is asked of a Prometheus: a query for each signal, for many instances at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autoscaler.adapters.aurora_samples import (
    AVERAGE,
    CAPACITY,
    CONNECTIONS,
    CPU,
    FREE,
    HITS,
    OF_MAXIMUM,
    QUERIES,
    READS,
)
from autoscaler.errors import InvalidInput

PLACES = ("$instances", "$step")
# What a signal is called in settings, and in CloudWatch.
SIGNALS: Mapping[str, str] = {
    "capacity_acu": CAPACITY,
    "acu_utilization_percent": OF_MAXIMUM,
    "cpu_percent": CPU,
    "connections": CONNECTIONS,
    "queries_per_second": QUERIES,
    "cache_hit_percent": HITS,
    "reads_per_second": READS,
    "freeable_bytes": FREE,
}
EXPORTED: Mapping[str, str] = {
    CAPACITY: "aws_rds_serverless_database_capacity_average",
    OF_MAXIMUM: "aws_rds_acuutilization_average",
    CPU: "aws_rds_cpuutilization_average",
    CONNECTIONS: "aws_rds_database_connections_average",
    QUERIES: "aws_rds_queries_average",
    HITS: "aws_rds_buffer_cache_hit_ratio_average",
    READS: "aws_rds_read_iops_average",
    FREE: "aws_rds_freeable_memory_average",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """How an exporter labels the instances, and whether it keeps CloudWatch's times, which are when a minute began."""

    label: str
    stamps_the_begin: bool


EXPORTERS: Mapping[str, Exporter] = {
    "cloudwatch_exporter": Exporter(label="dbinstance_identifier", stamps_the_begin=True),
    "yace": Exporter(label="dimension_DBInstanceIdentifier", stamps_the_begin=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """PromQL for each signal, by CloudWatch's name of it; ``label`` tells the instance of a series.

    ``$instances`` stands for a regular expression of the instances, ``$step`` for the length of a sample and
    ``$over`` for avg_over_time or max_over_time.
    """

    label: str
    stamps_the_begin: bool = False
    expressions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, expression in self.expressions.items():
            missing = [place for place in PLACES if place not in expression]
            if missing:
                raise InvalidInput(
                    f"the query for {name} has no {' and no '.join(missing)}: {expression}; "
                    "without $instances it reads everything, and without $step it takes old values for new ones"
                )

    def written(self, metric: str, instances: Iterable[str], *, step_seconds: int, statistic: str) -> str:
        """The query for one signal of these instances."""
        pattern = "|".join(re.escape(one).replace("\\", "\\\\") for one in instances)
        over = "avg_over_time" if statistic == AVERAGE else "max_over_time"
        expression = self.expressions.get(metric) or self._usual(metric)
        # A millisecond less than a step: a sample of the step before would count in both.
        step = f"{step_seconds - 1}s999ms"
        return expression.replace("$instances", pattern).replace("$step", step).replace("$over", over)

    def _usual(self, metric: str) -> str:
        return f'$over({EXPORTED[metric]}{{{self.label}=~"$instances"}}[$step])'

"""An Aurora cluster of moto, somebody else's reading of the wire, and the adapter in front of it.

moto stores the settings and never acts on them; the numbers of CloudWatch are put there by the test, two hours of them.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from autoscaler.adapters.aurora import AuroraCluster
from autoscaler.adapters.aurora_account import Access, AuroraAccount
from autoscaler.adapters.aurora_control import ControlPlane
from autoscaler.adapters.aurora_ranges import Described
from autoscaler.adapters.aurora_samples import Points, Window
from autoscaler.core.capacity import Range
from autoscaler.core.happenings import Happening
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError
from tests.fakes import MONDAY, ManualClock

REGION = "us-east-1"
NUMBERS = {
    "ServerlessDatabaseCapacity": 4.0,
    "ACUUtilization": 25.0,
    "CPUUtilization": 12.5,
    "DatabaseConnections": 20.0,
}
MINUTES = 125
USED = count()
# One worker runs all of them: the server takes a while to start.
needs_moto = [pytest.mark.slow, pytest.mark.xdist_group("moto")]


@contextmanager
def moto_server() -> Iterator[str]:
    """A server on a free port; yields its URL."""
    from moto.server import ThreadedMotoServer  # its import takes seconds

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Listed:
    """The calls of an account, one for each who asks.

    moto does not know the filter db-cluster-resource-id, which RDS documents: a cluster is found in the list of all.
    """

    def __init__(self, account: AuroraAccount) -> None:
        self._account = account
        self.modify = account.modify
        self.measure_past = account.measure
        self._control = ControlPlane(account)

    async def happened(self, instance: str, *, since: datetime, until: datetime) -> list[Happening]:
        return await self._control.happened("db-instance", since=since, until=until, source=instance)

    async def with_sessions(self, samples: Sequence[Sample], cluster: Described) -> Sequence[Sample]:
        return samples

    async def describe(self, resource_id: str) -> Described:
        return next(one for one in await self._account.all_clusters() if one.resource_id == resource_id)

    async def measure(self, window: Window) -> Points:
        [answer] = await self._account.measure([window])
        assert not isinstance(answer, ClusterError)
        return answer


@asynccontextmanager
async def behind_moto(clock: ManualClock, url: str, *, held: Range) -> AsyncIterator[AuroraCluster]:
    """A cluster named orders with two hours of metrics from Monday on, all the same."""
    import boto3  # every test run imports this file, and seldom needs that

    rds, cloudwatch = (
        boto3.client(name, endpoint_url=url, region_name=REGION, aws_access_key_id="any", aws_secret_access_key="any")
        for name in ("rds", "cloudwatch")
    )
    name = f"orders-{next(USED)}"
    resource_id = _create(rds, name, held)
    _publish(cloudwatch, name)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "any")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "any")
        account = AuroraAccount(Access(region=REGION, endpoint_url=url), now=clock.now)
        try:
            yield AuroraCluster("orders", resource_id, Listed(account), clock=clock)
        finally:
            await account.close()


def _create(rds: Any, name: str, held: Range) -> str:
    made = rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        MasterUsername="root",
        MasterUserPassword="hunter2-hunter2",
        ServerlessV2ScalingConfiguration={"MinCapacity": held.floor_acu, "MaxCapacity": held.ceiling_acu},
    )["DBCluster"]
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBClusterIdentifier=name,
        DBInstanceClass="db.serverless",
        Engine="aurora-postgresql",
    )
    return str(made["DbClusterResourceId"])


def _publish(cloudwatch: Any, instance: str) -> None:
    cloudwatch.put_metric_data(
        Namespace="AWS/RDS",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": instance}],
                "Timestamp": MONDAY + timedelta(minutes=minute),
                "Value": value,
            }
            for metric, value in NUMBERS.items()
            for minute in range(MINUTES)
        ],
    )

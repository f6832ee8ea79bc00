"""The Aurora adapter's requests against moto, somebody else's reading of the wire.

moto stores the settings and never acts on them; CloudWatch's numbers are put there by the test. Nor does it know the
filter db-cluster-resource-id, which RDS documents: here a cluster is found in the list of all.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from autoscaler.adapters.aurora import AuroraCluster
from autoscaler.adapters.aurora_account import Access, AuroraAccount
from autoscaler.adapters.aurora_control import ControlPlane
from autoscaler.adapters.aurora_ranges import Described
from autoscaler.adapters.aurora_samples import Points, Window
from autoscaler.core.capacity import Phase
from autoscaler.core.happenings import Happening
from autoscaler.errors import ClusterError
from autoscaler.service.clock import SystemClock
from tests.fakes import ManualClock, make_range

REGION = "us-east-1"


@pytest.fixture(scope="module")
def url() -> Any:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
async def account(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AuroraAccount]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    one = AuroraAccount(Access(region=REGION, endpoint_url=url), now=SystemClock().now)
    yield one
    await one.close()


class Listed:
    """The calls of an account, one for each who asks."""

    def __init__(self, account: AuroraAccount) -> None:
        self._account = account
        self.modify = account.modify
        self.measure_past = account.measure
        self._control = ControlPlane(account)

    async def happened(self, instance: str, *, since: datetime, until: datetime) -> list[Happening]:
        return await self._control.happened("db-instance", since=since, until=until, source=instance)

    async def describe(self, resource_id: str) -> Described:
        return next(one for one in await self._account.all_clusters() if one.resource_id == resource_id)

    async def measure(self, window: Window) -> Points:
        [answer] = await self._account.measure([window])
        assert not isinstance(answer, ClusterError)
        return answer


def client(service: str, url: str) -> Any:
    return boto3.client(
        service, endpoint_url=url, region_name=REGION, aws_access_key_id="any", aws_secret_access_key="any"
    )


async def test_its_requests_are_real_requests(url: str, account: AuroraAccount) -> None:
    rds = client("rds", url)
    made = rds.create_db_cluster(
        DBClusterIdentifier="orders",
        Engine="aurora-postgresql",
        MasterUsername="root",
        MasterUserPassword="hunter2-hunter2",
        ServerlessV2ScalingConfiguration={"MinCapacity": 2.0, "MaxCapacity": 16.0},
    )["DBCluster"]
    rds.create_db_instance(
        DBInstanceIdentifier="orders-1",
        DBClusterIdentifier="orders",
        DBInstanceClass="db.serverless",
        Engine="aurora-postgresql",
    )
    clock = ManualClock(SystemClock().now().replace(second=0, microsecond=0))
    numbers = {"ServerlessDatabaseCapacity": 4.0, "ACUUtilization": 25.0, "CPUUtilization": 12.5}
    client("cloudwatch", url).put_metric_data(
        Namespace="AWS/RDS",
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "orders-1"}],
                "Timestamp": clock.now() - timedelta(minutes=minutes),
                "Value": value,
            }
            for name, value in numbers.items()
            for minutes in range(4, 10)
        ],
    )
    cluster = AuroraCluster("orders", made["DbClusterResourceId"], Listed(account), clock=clock)

    await cluster.apply(make_range(4, 16))
    status = await cluster.status()
    samples = await cluster.samples_since(clock.now() - timedelta(minutes=8))

    assert (status.phase, status.range) == (Phase.AVAILABLE, make_range(4, 16))
    assert [one.demand_acu for one in samples[:4]] == [2.0] * 4

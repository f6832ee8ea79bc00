"""An Aurora cluster of the simulated AWS, and the adapter in front of it, by one clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from autoscaler.adapters.aurora import AuroraCluster
from autoscaler.adapters.aurora_account import Access, AuroraAccount
from autoscaler.adapters.aurora_samples import METRICS
from autoscaler.awsapi.moods import Gate, Moods
from autoscaler.awsapi.seeding import Seed, sow
from autoscaler.awsapi.world import World, no_load
from autoscaler.core.capacity import Range
from autoscaler.service.sources.aurora import SharedCalls
from autoscaler.simulator.profiles import AURORA_V2, Profile
from autoscaler.simulator.spec import ClusterSpec
from tests.awsapi.servers import served
from tests.fakes import ManualClock

REGION = "us-east-1"


@dataclass
class Connected:
    """The adapter, its account, and the world behind them; ``demand_acu`` is the load."""

    cluster: AuroraCluster
    account: AuroraAccount
    world: World
    url: str
    demand_acu: float = 1.0

    @property
    def resource_id(self) -> str:
        """The identity of the cluster at AWS."""
        return self.world.clusters["orders"].resource_id


@asynccontextmanager
async def aurora(
    clock: ManualClock,
    *,
    held: Range,
    moods: Moods | None = None,
    profile: Profile = AURORA_V2,
    metrics: tuple[str, ...] = METRICS,
    **of_spec: Any,
) -> AsyncIterator[Connected]:
    """A cluster named orders, awake, with one instance unless ``of_spec`` says otherwise."""
    world = World(now=clock.now, gate=Gate(moods or Moods(), now=clock.now))
    spec = ClusterSpec(cluster_id="orders", profile=profile, range=held, **of_spec)
    load = [lambda: 1.0]
    sow(world, Seed(spec=spec, load=lambda at: load[0](), tags={"env": "prod"}))
    with served(world, lambda tags: no_load) as url, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "any")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "any")
        account = AuroraAccount(Access(region=REGION, endpoint_url=url), now=clock.now)
        resource_id, calls = world.clusters["orders"].resource_id, SharedCalls(account)
        cluster = AuroraCluster("orders", resource_id, calls, clock=clock, metrics=metrics)
        connected = Connected(cluster, account, world, url)
        load[0] = lambda: connected.demand_acu
        try:
            yield connected
        finally:
            await account.close()

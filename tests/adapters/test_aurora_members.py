"""Mixed clusters, standbys and waiting parameters, behind the simulated AWS."""

from typing import Any

import pytest

from autoscaler.adapters.aurora_ranges import described
from autoscaler.awsapi.moods import Moods
from autoscaler.awsapi.world import Instance
from autoscaler.core.capacity import Status
from autoscaler.errors import ClusterError
from autoscaler.simulator.blockers import PauseBlocker
from tests.adapters.aurora_clusters import Connected, aurora
from tests.fakes import MONDAY, ManualClock, make_range

HELD = make_range(2, 16)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MONDAY)


def add_provisioned(one: Connected, name: str) -> None:
    cluster = one.world.clusters["orders"]
    instance = Instance(
        name=name,
        resource_id=f"db-{name.upper()}",
        cluster=cluster,
        instance_class="db.r6g.large",
        tier=1,
        created_at=MONDAY,
    )
    one.world.instances[name] = instance
    cluster.members.append(instance)


async def test_provisioned_instances_are_neither_measured_nor_missed(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD) as one:
        add_provisioned(one, "orders-big")
        one.demand_acu = 3.0
        await clock.advance(900.0)

        status = await one.cluster.status()
        demands = [sample.demand_acu for sample in await one.cluster.samples_since(MONDAY)]

    assert (status.range, status.standbys) == (HELD, 0)
    assert demands[-3:] == pytest.approx([3.0] * 3, abs=0.05)


async def test_where_nobody_may_tell_the_classes_a_mixed_cluster_is_unknown_and_not_idle(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD, moods=Moods(denied=("rds:DescribeDBInstances",))) as one:
        add_provisioned(one, "orders-big")
        await clock.advance(900.0)

        samples = await one.cluster.samples_since(MONDAY)

    assert {sample.demand_acu for sample in samples} == {None}


async def test_a_cluster_without_serverless_instances_is_told(clock: ManualClock) -> None:
    async with aurora(clock, held=HELD) as one:
        for member in one.world.clusters["orders"].members:
            member.instance_class = "db.r6g.large"

        with pytest.raises(ClusterError, match=r"orders has no db\.serverless instance"):
            await one.cluster.status()


async def seen(clock: ManualClock, **of_spec: Any) -> Status:
    async with aurora(clock, held=HELD, **of_spec) as one:
        return await one.cluster.status()


async def test_readers_of_far_tiers_and_secondaries_stand_by(clock: ManualClock) -> None:
    assert (await seen(clock, readers=(0, 1))).standbys == 0
    assert (await seen(clock, readers=(1, 2, 15))).standbys == 2
    assert (await seen(clock, readers=(1,), blockers=(PauseBlocker.GLOBAL_DATABASE_PRIMARY,))).standbys == 0
    assert (await seen(clock, readers=(1,), blockers=(PauseBlocker.GLOBAL_DATABASE_SECONDARY,))).standbys == 2


async def test_parameters_that_wait_for_a_restart_are_seen(clock: ManualClock) -> None:
    async with aurora(clock, held=make_range(1, 8)) as one:
        before = (await one.cluster.status()).awaits_restart
        await one.cluster.apply(make_range(1, 32))
        after = (await one.cluster.status()).awaits_restart

    assert (before, after) == (False, True)


def test_a_minimum_of_0_is_the_lowest_floor_and_a_pause() -> None:
    scaling = {"MinCapacity": 0.0, "MaxCapacity": 8.0, "SecondsUntilAutoPause": 600}
    document = {
        "DBClusterIdentifier": "orders",
        "DbClusterResourceId": "cluster-X",
        "Status": "available",
        "ServerlessV2ScalingConfiguration": scaling,
    }

    told = described(document)

    assert told is not None
    assert told.range == make_range(0.5, 8, 600)

"""Clusters that are there from the start, and their past."""

from datetime import timedelta

import pytest

from autoscaler.awsapi.metrics import values_of
from autoscaler.awsapi.world import World
from autoscaler.cli.endpoint import EndpointDocument, make_world
from autoscaler.simulator.scenarios import find_scenario
from tests.awsapi.servers import HandClock

SHOP = {"id": "shop", "workload": {"scenario": "e-commerce"}, "cluster": {"limits": {"min_acu": 1, "max_acu": 32}}}


def test_clusters_come_from_a_file() -> None:
    document = EndpointDocument.model_validate(
        {
            "clusters": [
                {
                    "id": "shop",
                    "workload": {"scenario": "e-commerce"},
                    "cluster": {"limits": {"min_acu": 0, "max_acu": 8}, "readers": [1]},
                }
            ]
        }
    )

    world = make_world(document, HandClock())  # type: ignore[arg-type]

    assert list(world.instances) == ["shop-1", "shop-2"]
    held = world.cluster("shop").held
    assert held is not None
    assert (held.floor_acu, held.ceiling_acu, held.pause_after_seconds) == (0.0, 8.0, 300)


def points(world: World, days_ago: float, *, hours: float, period: int) -> list[float]:
    metric = {
        "Namespace": "AWS/RDS",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "shop-1"}],
    }
    start = (world.now() - timedelta(days=days_ago)).timestamp()
    return values_of(world, metric, period=period, statistic="Average", start=start, end=start + hours * 3600)[1]


@pytest.mark.slow
def test_a_cluster_has_a_past_of_minutes_and_before_that_of_five_minutes() -> None:
    clock = HandClock()
    world = make_world(EndpointDocument.model_validate({"clusters": [SHOP], "history_days": 16}), clock)  # type: ignore[arg-type]

    told = {
        (days, period): len(points(world, days, hours=12, period=period))
        for days in (1, 14, 15.5)
        for period in (60, 300)
    }
    day = points(world, 2, hours=24, period=3600)

    assert told == {
        (1, 60): 720, (1, 300): 144,
        (14, 60): 720, (14, 300): 144,
        (15.5, 60): 0, (15.5, 300): 144,
    }  # fmt: skip
    assert min(day) < 0.3 * max(day)  # an online shop sleeps at night
    assert max(day) * 32 / 100 < 1.2 * find_scenario("e-commerce").peak_acu
    assert world.instances["shop-1"].created_at == world.now() - timedelta(days=16)


def test_who_lags_behind_catches_up_in_longer_steps() -> None:
    """A machine that slept for a night, or is too slow, is not busy with it for long."""
    clock = HandClock()
    world = make_world(EndpointDocument.model_validate({"clusters": [SHOP]}), clock)  # type: ignore[arg-type]
    clock.move(7200.0)
    world.live()
    simulated = world.clusters["shop"].simulated

    assert simulated is not None
    told = points(world, 1 / 16, hours=0.5, period=60)
    assert simulated.now == world.now()
    assert len(told) == 30
    assert len(set(told)) > 1


def test_a_large_world_lives_in_turn_and_nobody_is_left_behind() -> None:
    clock = HandClock()
    many = [{**SHOP, "id": f"c{number}"} for number in range(10)]
    world = make_world(EndpointDocument.model_validate({"clusters": many}), clock)  # type: ignore[arg-type]
    clock.move(60.0)

    def behind() -> int:
        return sum(one.simulated is not None and one.simulated.now < clock.now() for one in world.clusters.values())

    rounds = [(world.live(most_steps=40), behind()) for _ in range(3)]

    assert rounds == [(False, 6), (False, 2), (True, 0)]

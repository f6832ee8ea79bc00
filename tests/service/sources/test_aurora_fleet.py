"""The whole service over twenty clusters of the simulated AWS, whose calls fail and whose metrics get lost."""

from pathlib import Path

import pytest

from autoscaler.awsapi.moods import Gate, Moods
from autoscaler.awsapi.world import Cluster, World, no_load
from autoscaler.cli.endpoint import EndpointDocument, make_world
from autoscaler.core.capacity import Range
from autoscaler.errors import NotPossible
from autoscaler.service.registrar import Asked
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.wiring import assembled
from autoscaler.simulator.scenarios import SCENARIOS
from tests.awsapi.servers import served
from tests.fakes import MONDAY, ManualClock
from tests.service.builders import Recorder, make_settings, run_for

CLUSTERS, BAD_TICKS, GOOD_TICKS = 20, 90, 15
LIMITS = {"min_acu": 1, "max_acu": 32}
BAD = Moods(failing_fraction=0.1, missing_fraction=0.2, burst=10_000)


def twenty_clusters(clock: ManualClock) -> World:
    names = list(SCENARIOS)
    clusters = [
        {
            "id": f"c{number:02}",
            "workload": {"scenario": names[number % len(names)], "seed": number},
            "cluster": {"limits": LIMITS},
        }
        for number in range(CLUSTERS)
    ]
    world = make_world(EndpointDocument.model_validate({"clusters": clusters}), clock)
    world.gate = Gate(BAD, now=clock.now)
    return world


def settings_of(one: Cluster) -> ClusterSettings:
    return ClusterSettings.model_validate(
        {
            "id": one.name,
            "kind": "aurora",
            "mode": "enforce",
            "policy": "reactive",
            "source": {"resource_id": one.resource_id},
            "cluster": {"limits": LIMITS},
        }
    )


def held(world: World) -> list[Range]:
    return [one for cluster in world.clusters.values() if (one := cluster.held) is not None]


@pytest.mark.slow
async def test_lost_calls_and_metrics_shrink_nothing_and_leave_no_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    clock, told = ManualClock(MONDAY), Recorder()
    world = twenty_clusters(clock)
    clusters = [settings_of(one) for one in world.clusters.values()]
    with served(world, lambda tags: no_load) as url:
        sources = {"aurora": {"accounts": [{"region": "us-east-1", "endpoint_url": url}]}}
        settings = make_settings(tmp_path, *clusters, sources=sources, savings=False)
        async with assembled(settings, observers=[told], clock=clock) as supervisor:
            for _ in range(BAD_TICKS):
                await run_for(supervisor, clock, ticks=1)
                assert all(1 <= one.floor_acu <= one.ceiling_acu <= 32 for one in held(world))
            bad, told.reports = told.reports, []
            world.gate.moods = Moods(burst=10_000)
            await run_for(supervisor, clock, ticks=GOOD_TICKS)

    decided = [(one, one.decision) for one in bad if one.decision is not None]
    shrunk_blind = [one for one, decision in decided if one.blind and decision.after.shrinks(decision.before)]
    assert shrunk_blind == []
    assert any(one.failed for one in bad)
    assert any(one.outcome == "applied" for one, _ in decided)
    assert any(sample.demand_acu is None for one in bad for sample in one.fresh)
    assert [one.failed for one in told.reports if one.failed] == []
    assert {one.cluster_id for one in told.reports[-CLUSTERS:]} == {one.id for one in clusters}
    assert not any(one.blind for one in told.reports[-CLUSTERS:])


async def test_a_cluster_is_registered_once_under_whatever_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    clock = ManualClock(MONDAY)
    world = twenty_clusters(clock)
    world.gate.moods = Moods()
    first, *others = map(settings_of, world.clusters.values())
    with served(world, lambda tags: no_load) as url:
        sources = {"aurora": {"accounts": [{"region": "us-east-1", "endpoint_url": url}]}}
        settings = make_settings(tmp_path, first, sources=sources, savings=False)
        async with assembled(settings, clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=1)
            assert supervisor.desk is not None
            registrar = supervisor.desk.registrar
            found = await registrar.discover("aurora")
            with pytest.raises(NotPossible, match="is registered as 'c00' already"):
                await registrar.register(
                    {**first.model_dump(mode="json"), "id": "again"}, Asked(actor="me", request_id="1")
                )

    assert {one.title for one in found} == {one.id for one in others}
    with pytest.raises(ValueError, match="source of more than one cluster"):
        make_settings(tmp_path, first, first.model_copy(update={"id": "again"}))

"""A cluster of the simulated AWS is registered, and at once has a forecast that knows the days before."""

import asyncio
from pathlib import Path

import pytest

from autoscaler.awsapi.world import no_load
from autoscaler.cli.endpoint import EndpointDocument, make_world
from autoscaler.service.settings import ClusterSettings
from autoscaler.service.supervisor import Supervisor
from autoscaler.service.wiring import assembled
from tests.awsapi.servers import served
from tests.fakes import MONDAY, ManualClock
from tests.service.builders import make_settings, run_for

LIMITS = {"min_acu": 1, "max_acu": 32}
DAYS = 2


async def read_the_past(supervisor: Supervisor) -> None:
    """What the scheduler does now and then."""
    [chore] = [job.func for job in supervisor._scheduler.get_jobs() if job.name == "chore ReadPasts"]
    await chore()
    await asyncio.wait([task for task in asyncio.all_tasks() if task.get_name().startswith("past ")])


@pytest.mark.slow
async def test_a_new_cluster_has_a_forecast_that_knows_the_days_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    clock = ManualClock(MONDAY)
    shop = {"id": "shop", "workload": {"scenario": "e-commerce"}, "cluster": {"limits": LIMITS}}
    world = make_world(EndpointDocument.model_validate({"clusters": [shop]}), clock)
    await clock.advance(DAYS * 86_400.0)
    world.live()
    source = {"resource_id": world.clusters["shop"].resource_id}
    given = {"id": "shop", "kind": "aurora", "policy": "quantile", "source": source, "cluster": {"limits": LIMITS}}
    with served(world, lambda tags: no_load) as url:
        sources = {"aurora": {"accounts": [{"region": "us-east-1", "endpoint_url": url, "history_days": 10}]}}
        settings = make_settings(tmp_path, ClusterSettings.model_validate(given), sources=sources, savings=False)
        async with assembled(settings, clock=clock) as supervisor:
            await run_for(supervisor, clock, ticks=2)
            mind = supervisor._worker("shop")._mind
            before = 0 if mind is None else len(mind.outlook._windows)
            await read_the_past(supervisor)
            await run_for(supervisor, clock, ticks=1)
            mind = supervisor._worker("shop")._mind
            assert mind is not None
            after, view = len(mind.outlook._windows), supervisor.view("shop")

    assert before < 40, "three hours of it were read live"
    assert after == pytest.approx(DAYS * 288, abs=3)
    assert view.forecast is not None
    assert view.forecast.trusted
    assert mind.fitted_at == view.last_tick_at

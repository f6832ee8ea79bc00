"""A fleet that starts decides at once, and remembers its weeks afterwards."""

import asyncio
from datetime import datetime
from pathlib import Path

from autoscaler.service.histories import MOST_AT_ONCE, Histories
from autoscaler.service.job import Mind
from autoscaler.service.recovery import complete, recover
from autoscaler.service.tick import tick
from models.last_value import LastValue
from policies.quantile import Quantile
from tests.fakes import MONDAY, ManualClock
from tests.service.fleets import Bench, FakeCluster, workbench


def demand_at(at: datetime) -> float:
    return 2.0 + (at - MONDAY).total_seconds() // 600 % 4


async def ticked(bench: Bench, cluster: FakeCluster, mind: Mind, *, times: int) -> None:
    job = await bench.job(cluster)
    for _ in range(times):
        await tick(job, bench.means, mind, bench.clock.now())
        await bench.clock.advance(60.0)


async def test_who_finds_no_place_decides_without_a_forecast_and_soon_knows_as_much_as_before(tmp_path: Path) -> None:
    clock = ManualClock()
    cluster = FakeCluster("orders", clock, demand_at=demand_at)
    async with workbench(tmp_path, clock=clock, policy=Quantile(), forecaster=LastValue()) as bench:
        before = await recover(await bench.job(cluster), bench.means)
        await ticked(bench, cluster, before, times=90)

    async with workbench(tmp_path, clock=clock, policy=Quantile(), forecaster=LastValue()) as bench:
        job, places = await bench.job(cluster), bench.means.histories.places
        for _ in range(MOST_AT_ONCE):
            await places.acquire()
        mind = await recover(job, bench.means)
        blind = await tick(job, bench.means, mind, clock.now())
        assert (blind.forecast, blind.unfitted, mind.fitted_at, mind.memory.watching_since) == (
            None,
            None,
            None,
            before.memory.watching_since,
        )

        places.release()
        assert mind.rest is not None
        await asyncio.wait([mind.rest])
        complete(mind)
        await clock.advance(60.0)
        seeing = await tick(job, bench.means, mind, clock.now())

    before.outlook.observe(await cluster.samples_since(before.outlook.newest_at))
    assert mind.fitted_at == before.fitted_at
    told = [[(one.at, one.demand_acu) for one in mind.outlook.recent] for mind in (mind, before)]
    assert told[0] == told[1]
    assert seeing.forecast is not None


async def test_nobody_reads_on_after_a_stop() -> None:
    histories, begun = Histories(most=1), []

    async def read(name: str) -> None:
        begun.append(name)
        await asyncio.Event().wait()

    tasks = [histories.later(read(name), name) for name in ("first", "second")]
    await asyncio.sleep(0)
    await histories.close()

    assert begun == ["first"]
    assert all(task.cancelled() for task in tasks)

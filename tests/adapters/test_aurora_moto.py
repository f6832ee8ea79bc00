"""The Aurora adapter's requests against moto."""

from datetime import timedelta

from autoscaler.core.capacity import Phase
from tests.adapters.aurora_moto import behind_moto, needs_moto
from tests.fakes import ManualClock, later, make_range

pytestmark = needs_moto


async def test_its_requests_are_real_requests(moto_url: str) -> None:
    clock = ManualClock(later(3600))
    async with behind_moto(clock, moto_url, held=make_range(2, 16)) as cluster:
        await cluster.apply(make_range(4, 16))
        status = await cluster.status()
        samples = await cluster.samples_since(clock.now() - timedelta(minutes=8))

    assert (status.phase, status.ready_acu, status.range) == (Phase.AVAILABLE, 4.0, make_range(4, 16))
    assert [(one.demand_acu, one.connections) for one in samples] == [(2.0, 20)] * 5

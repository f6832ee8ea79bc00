"""What happened to the clusters of an account, read for all of them at once."""

from autoscaler.core.happenings import What
from autoscaler.service.sources.aurora import AURORA
from autoscaler.service.sources.aurora_documents import AuroraSettings
from autoscaler.service.sources.source import Surroundings
from tests.adapters.aurora_clusters import aurora
from tests.fakes import MONDAY, ManualClock, make_range
from tests.service.sources.registered import registered, sources_of


async def test_pauses_of_registered_clusters_are_told_by_their_ids() -> None:
    clock = ManualClock(MONDAY)
    async with aurora(clock, held=make_range(0.5, 16, 300), readers=(1,)) as one:
        settings = AuroraSettings.model_validate(sources_of(one)["aurora"])
        around = Surroundings(database=None, clock=clock, executor=None, step_seconds=15.0, settings=settings)  # type: ignore[arg-type]
        source = AURORA.open(around)
        orders = registered(one, id="shop")
        await (await source.connect(orders, started_at=MONDAY)).status()
        one.demand_acu = 0.0
        await clock.advance(3600.0)
        told = await source.news([orders], since=MONDAY, until=clock.now())  # type: ignore[attr-defined]
        await source.close()

    assert [(name, happening.what, happening.source) for name, happening in told] == [
        ("shop", What.PAUSING, "orders-1"),
        ("shop", What.PAUSED, "orders-1"),
    ]

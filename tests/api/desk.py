"""A desk over a real store: two known clusters, one journalled decision, a clock that stands still."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from autoscaler.core.control import Mode
from autoscaler.service.desk import Desk
from autoscaler.service.steering import KillSwitch, Steering
from autoscaler.storage.controls import Controls
from autoscaler.storage.repositories import Clusters, Journal
from tests.fakes import MONDAY, ManualClock
from tests.service.builders import make_cluster
from tests.storage.builders import empty_store, make_decision, make_record, url_in


@asynccontextmanager
async def opened_desk(folder: Path) -> AsyncIterator[Desk]:
    """Its kill switch is the file `stop` in the folder."""
    async with empty_store(url_in(folder)) as database:
        clusters, journal = Clusters(database), Journal(database)
        for name in ("orders", "bills"):
            await clusters.register(name, at=MONDAY, document=make_cluster(name).model_dump(mode="json"))
        await journal.write(make_record(make_decision()))
        steering = Steering(Controls(database), KillSwitch(path=folder / "stop"))
        yield Desk(database, journal=journal, steering=steering, clock=ManualClock(), modes={"orders": Mode.RECOMMEND})
        await journal.drain()

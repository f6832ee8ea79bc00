"""A desk over a real store: two known clusters, some journalled decisions, a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import insert

from autoscaler.core.control import Mode
from autoscaler.core.rollout import Ring
from autoscaler.service.desk import Desk
from autoscaler.service.feed import Feed
from autoscaler.service.policy_desk import PolicyDesk
from autoscaler.service.roster import Roster, sow
from autoscaler.service.steering import KillSwitch, Steering
from autoscaler.storage.audit import Deed
from autoscaler.storage.backtest_tables import BacktestTable
from autoscaler.storage.backtests import JobState
from autoscaler.storage.controls import Controls
from autoscaler.storage.database import Database
from autoscaler.storage.entries import State
from autoscaler.storage.events import Events
from autoscaler.storage.policy_edits import create
from autoscaler.storage.repositories import Clusters, Journal
from autoscaler.storage.roster import Listings
from tests.fakes import MONDAY, ManualClock, later
from tests.service.builders import make_cluster
from tests.storage.builders import LARGE, empty_store, make_decision, make_record, url_in


@asynccontextmanager
async def opened_desk(folder: Path, *, decisions: int = 1) -> AsyncIterator[Desk]:
    """Its kill switch is the file `stop` in the folder; every tenth decision changes something."""
    async with empty_store(url_in(folder)) as database:
        clusters, journal = Clusters(database), Journal(database)
        modes = {"orders": Mode.RECOMMEND, "bills": Mode.OBSERVE}
        seeds = [make_cluster(name).model_copy(update={"mode": mode}) for name, mode in modes.items()]
        await sow(seeds, Listings(database), at=MONDAY)
        for one in seeds:
            await clusters.register(one.id, at=MONDAY, document=one.model_dump(mode="json"))
        await asyncio.gather(*(_journal(journal, number) for number in range(1, decisions + 1)))
        steering = Steering(Controls(database), KillSwitch(path=folder / "stop"))
        clock, roster = ManualClock(), Roster(Listings(database))
        await roster.refresh()
        feed = Feed(Events(database), now=clock.now)
        await feed.start()
        policies = PolicyDesk(
            database,
            journal=journal,
            clusters=lambda: [make_cluster("orders"), make_cluster("bills")],
            clock=clock,
            rings=(Ring(soak_seconds=600), Ring(fraction=1.0, soak_seconds=600)),
            most_rise_fraction=0.02,
        )
        async with database.write() as connection:
            deed = Deed(at=MONDAY, actor="a test", request_id="r-0", action="policy.create")
            await create("standard", {"policy": "reactive"}, deed)(connection, None, 1)
        await _backtest(database)
        yield Desk(
            database,
            journal=journal,
            steering=steering,
            clock=clock,
            roster=roster,
            feed=feed,
            policies=policies,
        )
        await feed.close()
        await journal.drain()


async def _backtest(database: Database) -> None:
    """One that has been done."""
    done = {
        "created_at": MONDAY,
        "actor": "a test",
        "order": {"scenario": "e-commerce", "policy": "native"},
        "state": JobState.DONE.value,
        "progress_fraction": 1.0,
        "started_at": MONDAY,
        "finished_at": later(9),
        "summary": {"acu_hours": 12.5},
        "report": "<!doctype html><p>done</p>",
    }
    async with database.write() as connection:
        await connection.execute(insert(BacktestTable).values(**done))


async def _journal(journal: Journal, number: int) -> None:
    """A decision a minute, from Monday morning on."""
    at = later(60.0 * (number - 1))
    if number % 10:
        await journal.write(make_record(make_decision(at)))
        return
    entry_id = await journal.write(make_record(make_decision(at, after=LARGE)))
    await journal.finish(entry_id, State.APPLIED, outcome="the provider took it", at=later(1.0, at))

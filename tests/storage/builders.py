"""A store in a folder of the test, and records as a tick leaves them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from autoscaler.core.budget import Use
from autoscaler.core.capacity import Phase, Range, Status
from autoscaler.core.control import NO_CONTROL
from autoscaler.core.decision import Decision, Memory, Step
from autoscaler.core.fleet import FleetAllowance
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from autoscaler.storage.database import Database
from autoscaler.storage.entries import Inputs, Record
from autoscaler.storage.migrate import migrate
from tests.fakes import MONDAY, later, make_range

SMALL, LARGE = make_range(1, 16), make_range(4, 16, pause_after_seconds=600)


def url_in(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'autoscaler.db'}"


@cache
def _migrated() -> bytes:
    """An empty SQLite store, made once: migrations take longer than most tests."""
    with TemporaryDirectory() as folder:
        asyncio.run(_make(url_in(Path(folder))))
        return (Path(folder) / "autoscaler.db").read_bytes()


async def _make(url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.close()


@asynccontextmanager
async def empty_store(url: str) -> AsyncIterator[Database]:
    """Migrated and closed again."""
    database = Database(url)
    try:
        if database.on_file and not database.path.exists():
            database.path.parent.mkdir(parents=True, exist_ok=True)
            database.path.write_bytes(await asyncio.to_thread(_migrated))
        await migrate(database)
        yield database
    finally:
        await database.close()


def make_decision(at: datetime = MONDAY, *, before: Range = SMALL, after: Range = SMALL) -> Decision:
    step = Step(rule="shrink_gently", before=before, after=after, why="a test says so")
    return Decision(at=at, cluster_id="orders", before=before, wish=LARGE, after=after, reason="a test", steps=(step,))


def make_record(
    decision: Decision,
    *,
    document_id: int = 1,
    samples: tuple[Sample, ...] = (),
    forecast: Forecast | None = None,
    blind_seconds: float = 0.0,
) -> Record:
    memory = Memory(watching_since=MONDAY, shrink_since=decision.at, shrink_wish=SMALL)
    return Record(
        decision=decision,
        memory=memory,
        inputs=Inputs(
            status=Status(phase=Phase.AVAILABLE, ready_acu=2.5, range=decision.before, changed_at=MONDAY),
            blind_seconds=blind_seconds,
            control=NO_CONTROL,
            memory=replace(memory, changed_at=MONDAY),
            recent_from=samples[0].at if samples else None,
            recent_to=samples[-1].at if samples else None,
            forecast_made_at=None if forecast is None else forecast.made_at,
            fitted_at=None,
            fleet=FleetAllowance(may_shrink=False, blind_growth_acu=12.5),
            spending=Use().with_samples([make_sample(0.0, 7.5)]).spending(decision.at),
        ),
        document_id=document_id,
        samples=samples,
        forecast=forecast,
    )


def make_forecast(at: datetime = MONDAY) -> Forecast:
    return Forecast(
        made_at=at,
        start=at,
        step_seconds=300.0,
        levels=(0.5, 0.95),
        demand_acu=((1.0, 2.0), (3.0, 4.1)),
        model="seasonal-naive",
    )


def make_sample(seconds_later: float, demand_acu: float | None) -> Sample:
    return Sample(
        at=later(seconds_later),
        seconds=60.0,
        demand_acu=demand_acu,
        censored=True,
        capacity_acu=4.0,
        connections=7,
        queries_per_second=None,
    )

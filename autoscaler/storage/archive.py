"""The past of a cluster, for looking at: only what is shown, and the same on every replica."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, Text, cast, func, select

from autoscaler.core.decision import Decision
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from autoscaler.registry import adapter_of, read_back
from autoscaler.storage.database import Database
from autoscaler.storage.entries import State
from autoscaler.storage.rollup import Grain, rolled_up
from autoscaler.storage.rows import to_seen
from autoscaler.storage.tables import DecisionTable, ForecastTable, SampleTable

# As text: parsed once, by what makes a Decision of it; the memory and the inputs not at all.
SHOWN = (
    DecisionTable.id,
    cast(DecisionTable.decision, Text).label("text"),
    DecisionTable.state,
    DecisionTable.outcome,
    DecisionTable.finished_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which decisions; what is None does not matter. ``until`` is excluded."""

    changes: bool | None = None
    driver: str | None = None
    state: State | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """A decision and what became of it, without what it was made of."""

    id: int
    decision: Decision
    state: State
    outcome: str | None
    finished_at: datetime | None


ANY = Wanted()


class Archive:
    """Reads, and writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def decisions(
        self, cluster_id: str, *, limit: int, before: int | None = None, wanted: Wanted = ANY
    ) -> tuple[JournalLine, ...]:
        """Up to ``limit`` decisions with ids below ``before``, newest first.

        Raises:
            StorageError: the journal cannot be read.
        """
        asked = select(*SHOWN).where(DecisionTable.cluster_id == cluster_id, *self._conditions(wanted))
        if before is not None:
            asked = asked.where(DecisionTable.id < before)
        return tuple(map(_to_line, await self._rows(asked.order_by(DecisionTable.id.desc()).limit(limit))))

    async def samples(
        self, cluster_id: str, *, since: datetime, until: datetime, limit: int | None = None
    ) -> tuple[Sample, ...]:
        """Up to ``limit`` samples that start from ``since`` on and before ``until``, as they are kept, oldest first."""
        span = (SampleTable.cluster_id == cluster_id, SampleTable.at >= since, SampleTable.at < until)
        asked = select(SampleTable).where(*span).order_by(SampleTable.at).limit(limit)
        return tuple(to_seen(row).sample for row in await self._rows(asked))

    async def rolled_samples(
        self, cluster_id: str, grain: Grain, *, since: datetime, until: datetime
    ) -> tuple[Sample, ...]:
        """One sample for each whole interval that begins between both and has any, oldest first."""
        first, last = grain.floor(since), grain.floor(until - timedelta(microseconds=1))
        span = (SampleTable.cluster_id == cluster_id, SampleTable.at >= first)
        asked = select(SampleTable).where(*span, SampleTable.at < last + timedelta(seconds=grain.seconds))
        rows = await self._rows(asked.order_by(SampleTable.at))
        return tuple(one.sample for one in rolled_up(map(to_seen, rows), grain))

    async def newest_forecast(self, cluster_id: str) -> Forecast | None:
        """The forecast that the latest decisions looked at."""
        asked = select(ForecastTable.forecast).where(ForecastTable.cluster_id == cluster_id)
        for row in await self._rows(asked.order_by(ForecastTable.made_at.desc()).limit(1)):
            return read_back(Forecast, row.forecast, "a forecast")
        return None

    def _conditions(self, wanted: Wanted) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if wanted.changes is not None:
            idle = DecisionTable.state == State.NONE.value
            found.append(~idle if wanted.changes else idle)
        if wanted.driver is not None:
            found.append(self._driver() == wanted.driver)
        if wanted.state is not None:
            found.append(DecisionTable.state == wanted.state.value)
        if wanted.since is not None:
            found.append(DecisionTable.at >= wanted.since)
        if wanted.until is not None:
            found.append(DecisionTable.at < wanted.until)
        return found

    def _driver(self) -> ColumnElement[str]:
        """As `Decision.driver`: the two databases count from the end of a list in their own ways."""
        decision = DecisionTable.decision
        last: ColumnElement[Any] = (
            func.json_extract(decision, "$.steps[#-1].rule")
            if self._database.on_file
            else decision[("steps", -1, "rule")].as_string()
        )
        return func.coalesce(last, "policy")

    async def _rows(self, asked: Executable) -> list[Row[Any]]:
        async with self._database.read() as connection:
            return list((await connection.execute(asked)).all())


def _to_line(row: Row[Any]) -> JournalLine:
    return JournalLine(
        id=row.id,
        decision=adapter_of(Decision).validate_json(row.text, extra="ignore"),
        state=State(row.state),
        outcome=row.outcome,
        finished_at=row.finished_at,
    )

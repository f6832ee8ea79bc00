"""Clusters and their journal, in and out of the store as values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, literal, select, text, update

from autoscaler.core.capacity import SECONDS_PER_HOUR
from autoscaler.core.decision import Decision
from autoscaler.core.forecast import Forecast
from autoscaler.errors import StorageError
from autoscaler.registry import read_back
from autoscaler.storage.batches import Batches
from autoscaler.storage.database import Database
from autoscaler.storage.entries import AppliedRange, JournalEntry, Record, Registration, SeenSample, State
from autoscaler.storage.lease import Fence, Open
from autoscaler.storage.registering import Newcomer, register_all
from autoscaler.storage.rows import RecordRows, record_rows, to_entry, to_seen
from autoscaler.storage.tables import ACTED, ClusterTable, DecisionTable, DocumentTable, ForecastTable, SampleTable

# A look into the index for each cluster; to group all decisions would read the whole of it.
NEWEST_ID = (
    select(func.max(DecisionTable.id))
    .where(DecisionTable.cluster_id == ClusterTable.id)
    .correlate(ClusterTable)
    .scalar_subquery()
)


class Clusters:
    """Which clusters there are, since when, and what was configured for them."""

    def __init__(self, database: Database, fence: Fence | None = None) -> None:
        self._database = database
        self._fence = fence or Open()
        self._newcomers = Batches(self._register_all)

    async def register(self, cluster_id: str, *, at: datetime, document: Mapping[str, Any]) -> Registration:
        """Make a cluster known, and keep its document if it is another than before; many share a transaction."""
        return await self._newcomers.add(Newcomer(cluster_id, at, dict(document)))

    async def newest_moment(self) -> datetime | None:
        """How far cluster time has come; None in a new store."""
        async with self._database.read() as connection:
            started = await connection.scalar(select(func.max(ClusterTable.started_at)))
            decided = await connection.scalar(select(func.max(DecisionTable.at)))
            finished = await connection.scalar(select(func.max(DecisionTable.finished_at)))
        return max((moment for moment in (started, decided, finished) if moment is not None), default=None)

    async def _register_all(self, newcomers: Sequence[Newcomer]) -> Sequence[Registration]:
        async with self._database.write() as connection:
            await self._fence.check(connection)
            return await register_all(connection, newcomers)


class Journal:
    """The decisions and what they were made of; with a fence, only for the replica that acts to write."""

    def __init__(self, database: Database, fence: Fence | None = None) -> None:
        self._database = database
        self._fence = fence or Open()
        self._records = Batches(self._write_all)
        self._endings = Batches(self._finish_all)
        self._newest = Batches(self._newest_of)
        self._planned = Batches(self._planned_of)

    async def write(self, record: Record) -> int:
        """Keep all of it or nothing; returns the id of the entry.

        Raises:
            LeaseLost: another replica acts by now.
            StorageError: it could not be kept, or there is a decision for this cluster at this moment already.
        """
        return await self._records.add(record_rows(record))

    async def finish(self, entry_id: int, state: State, *, outcome: str | None, at: datetime) -> None:
        """What became of a planned decision.

        Raises:
            StorageError: it could not be kept, or the entry is not planned.
        """
        await self._endings.add({"entry_id": entry_id, "state": state.value, "outcome": outcome, "finished_at": at})

    async def drain(self) -> None:
        """Return when nothing is being written."""
        await self._records.drain()
        await self._endings.drain()

    async def newest(self, cluster_id: str) -> JournalEntry | None:
        """The last decision about a cluster; those who ask at the same time share a query."""
        return await self._newest.add(cluster_id)

    async def newest_of_all(self) -> dict[str, JournalEntry]:
        """The last decision about each cluster, by its id."""
        newest = select(NEWEST_ID).select_from(ClusterTable)
        rows = await self._rows(select(DecisionTable).where(DecisionTable.id.in_(newest)))
        return {row.cluster_id: to_entry(row) for row in rows}

    async def entries(self, cluster_id: str, *, limit: int, before: int | None = None) -> tuple[JournalEntry, ...]:
        """Up to ``limit`` decisions with ids below ``before``, newest first."""
        wanted = select(DecisionTable).where(DecisionTable.cluster_id == cluster_id)
        if before is not None:
            wanted = wanted.where(DecisionTable.id < before)
        return tuple(map(to_entry, await self._rows(wanted.order_by(DecisionTable.id.desc()).limit(limit))))

    async def entry(self, cluster_id: str, entry_id: int) -> JournalEntry | None:
        """One decision about a cluster."""
        wanted = select(DecisionTable).where(DecisionTable.cluster_id == cluster_id, DecisionTable.id == entry_id)
        return next(map(to_entry, await self._rows(wanted)), None)

    async def document(self, document_id: int) -> dict[str, Any]:
        """What was configured for the cluster when decisions named this document."""
        (row,) = await self._rows(select(DocumentTable.document).where(DocumentTable.id == document_id))
        return dict(row.document)

    async def planned(self, cluster_id: str) -> tuple[JournalEntry, ...]:
        """Decisions that were about to be asked for when their process ended, oldest first."""
        return await self._planned.add(cluster_id)

    async def applied(self, cluster_id: str) -> tuple[AppliedRange, ...]:
        """Every range the provider took, oldest first."""
        taken = select(DecisionTable.finished_at, DecisionTable.decision).where(
            DecisionTable.cluster_id == cluster_id, DecisionTable.state == State.APPLIED.value
        )
        rows = await self._rows(taken.order_by(DecisionTable.id))
        return tuple(
            AppliedRange(at=row.finished_at, range=read_back(Decision, row.decision, "a decision").after)
            for row in rows
        )

    async def acted_since(self, at: datetime) -> tuple[JournalEntry, ...]:
        """All changes of all clusters that were asked for from ``at`` on, oldest first."""
        wanted = select(DecisionTable).where(DecisionTable.at >= at, text(ACTED))
        return tuple(map(to_entry, await self._rows(wanted.order_by(DecisionTable.id))))

    async def samples(
        self, cluster_id: str, *, since: datetime, until: datetime | None = None
    ) -> tuple[SeenSample, ...]:
        """The samples that start from ``since`` on, up to ``until`` (included), oldest first."""
        wanted = select(SampleTable).where(SampleTable.cluster_id == cluster_id, SampleTable.at >= since)
        if until is not None:
            wanted = wanted.where(SampleTable.at <= until)
        return tuple(map(to_seen, await self._rows(wanted.order_by(SampleTable.at))))

    async def forecast(self, cluster_id: str, made_at: datetime) -> Forecast | None:
        """The forecast made at that moment."""
        wanted = select(ForecastTable).where(ForecastTable.cluster_id == cluster_id, ForecastTable.made_at == made_at)
        for row in await self._rows(wanted):
            return read_back(Forecast, row.forecast, "a forecast")
        return None

    async def acu_hours(self, cluster_id: str) -> float | None:
        """Capacity used in all samples there ever were; None before the first one with a capacity."""
        used = select(func.sum(SampleTable.capacity_acu * SampleTable.seconds)).where(
            SampleTable.cluster_id == cluster_id
        )
        forgotten = select(ClusterTable.forgotten_acu_hours).where(ClusterTable.id == cluster_id)
        async with self._database.read() as connection:
            acu_seconds = await connection.scalar(used)
            gone = await connection.scalar(forgotten) or 0.0
        return gone or None if acu_seconds is None else gone + acu_seconds / SECONDS_PER_HOUR

    async def _newest_of(self, cluster_ids: Sequence[str]) -> Sequence[JournalEntry | None]:
        newest = select(NEWEST_ID).select_from(ClusterTable).where(ClusterTable.id.in_(cluster_ids))
        rows = await self._rows(select(DecisionTable).where(DecisionTable.id.in_(newest)))
        found = {row.cluster_id: row for row in rows}
        return [to_entry(found[name]) if name in found else None for name in cluster_ids]

    async def _planned_of(self, cluster_ids: Sequence[str]) -> Sequence[tuple[JournalEntry, ...]]:
        # The literal is what lets the database use the small index of what is planned.
        planned = DecisionTable.state == literal(State.PLANNED.value, literal_execute=True)
        wanted = select(DecisionTable).where(planned, DecisionTable.cluster_id.in_(cluster_ids))
        rows = await self._rows(wanted.order_by(DecisionTable.id))
        return [tuple(to_entry(row) for row in rows if row.cluster_id == name) for name in cluster_ids]

    async def _write_all(self, records: Sequence[RecordRows]) -> Sequence[int]:
        samples = [row for one in records for row in one.samples]
        forecasts = [row for one in records for row in one.forecasts]
        decisions = [one.decision for one in records]
        async with self._database.write() as connection:
            await self._fence.check(connection)
            if samples:
                await connection.execute(insert(SampleTable), samples)
            if forecasts:
                await connection.execute(insert(ForecastTable), forecasts)
            told = insert(DecisionTable).returning(DecisionTable.id, sort_by_parameter_order=True)
            return (await connection.scalars(told, decisions)).all()

    async def _finish_all(self, endings: Sequence[dict[str, Any]]) -> Sequence[None]:
        ids = [ending["entry_id"] for ending in endings]
        planned = select(DecisionTable.id).where(DecisionTable.id.in_(ids), DecisionTable.state == State.PLANNED.value)
        async with self._database.write() as connection:
            await self._fence.check(connection)
            # Counted beforehand and locked: not every driver tells how many rows a batch of updates met.
            found = (await connection.scalars(planned.with_for_update())).all()
            if len(found) != len(ids):
                told = ", ".join(map(str, ids))
                raise StorageError(f"the journal has no planned decision {told}; another service finished it")
            await connection.execute(
                update(DecisionTable).where(DecisionTable.id == bindparam("entry_id")), list(endings)
            )
        return [None] * len(endings)

    async def _rows(self, wanted: Select[Any]) -> list[Row[Any]]:
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).all())

"""Clusters and their journal, in and out of the store as values."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Row, Select, bindparam, func, insert, select, update

from autoscaler.core.capacity import SECONDS_PER_HOUR
from autoscaler.core.decision import Decision, Memory
from autoscaler.core.forecast import Forecast
from autoscaler.core.plain import to_plain
from autoscaler.core.samples import Sample
from autoscaler.errors import StorageError
from autoscaler.registry import build
from autoscaler.storage.batches import Batches
from autoscaler.storage.database import Database
from autoscaler.storage.entries import AppliedRange, Inputs, JournalEntry, Record, Registration, SeenSample, State
from autoscaler.storage.tables import ClusterTable, DecisionTable, DocumentTable, ForecastTable, SampleTable


class Clusters:
    """Which clusters there are, since when, and what was configured for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self, cluster_id: str, *, at: datetime, document: Mapping[str, Any]) -> Registration:
        """Make a cluster known, and keep its document if it is another than before."""
        async with self._database.write() as connection:
            started_at = await connection.scalar(select(ClusterTable.started_at).where(ClusterTable.id == cluster_id))
            if started_at is None:
                started_at = at.astimezone(UTC)
                await connection.execute(insert(ClusterTable).values(id=cluster_id, started_at=at))
            newest = select(DocumentTable).where(DocumentTable.cluster_id == cluster_id)
            known = (await connection.execute(newest.order_by(DocumentTable.id.desc()).limit(1))).first()
            if known is not None and known.document == document:
                return Registration(started_at=started_at, document_id=known.id)
            told = insert(DocumentTable).values(cluster_id=cluster_id, at=at, document=dict(document))
            document_id = await connection.scalar(told.returning(DocumentTable.id))
        return Registration(started_at=started_at, document_id=cast("int", document_id))

    async def newest_moment(self) -> datetime | None:
        """How far cluster time has come; None in a new store."""
        async with self._database.read() as connection:
            started = await connection.scalar(select(func.max(ClusterTable.started_at)))
            decided = await connection.scalar(select(func.max(DecisionTable.at)))
            finished = await connection.scalar(select(func.max(DecisionTable.finished_at)))
        return max((moment for moment in (started, decided, finished) if moment is not None), default=None)


class Journal:
    """The decisions and what they were made of."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._records = Batches(self._write_all)
        self._endings = Batches(self._finish_all)

    async def write(self, record: Record) -> int:
        """Keep all of it or nothing; returns the id of the entry.

        Raises:
            StorageError: it could not be kept, or there is a decision for this cluster at this moment already.
        """
        return await self._records.add(record)

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
        """The last decision about a cluster."""
        entries = await self.entries(cluster_id, limit=1)
        return entries[0] if entries else None

    async def entries(self, cluster_id: str, *, limit: int, before: int | None = None) -> tuple[JournalEntry, ...]:
        """Up to ``limit`` decisions with ids below ``before``, newest first."""
        wanted = select(DecisionTable).where(DecisionTable.cluster_id == cluster_id)
        if before is not None:
            wanted = wanted.where(DecisionTable.id < before)
        return tuple(map(_entry, await self._rows(wanted.order_by(DecisionTable.id.desc()).limit(limit))))

    async def entry(self, cluster_id: str, entry_id: int) -> JournalEntry | None:
        """One decision about a cluster."""
        wanted = select(DecisionTable).where(DecisionTable.cluster_id == cluster_id, DecisionTable.id == entry_id)
        return next(map(_entry, await self._rows(wanted)), None)

    async def document(self, document_id: int) -> dict[str, Any]:
        """What was configured for the cluster when decisions named this document."""
        (row,) = await self._rows(select(DocumentTable.document).where(DocumentTable.id == document_id))
        return dict(row.document)

    async def planned(self, cluster_id: str) -> tuple[JournalEntry, ...]:
        """Decisions that were about to be asked for when their process ended, oldest first."""
        wanted = select(DecisionTable).where(
            DecisionTable.cluster_id == cluster_id, DecisionTable.state == State.PLANNED.value
        )
        return tuple(map(_entry, await self._rows(wanted.order_by(DecisionTable.id))))

    async def applied(self, cluster_id: str) -> tuple[AppliedRange, ...]:
        """Every range the provider took, oldest first."""
        taken = select(DecisionTable.finished_at, DecisionTable.decision).where(
            DecisionTable.cluster_id == cluster_id, DecisionTable.state == State.APPLIED.value
        )
        rows = await self._rows(taken.order_by(DecisionTable.id))
        return tuple(
            AppliedRange(at=row.finished_at, range=build(Decision, row.decision, "a decision").after) for row in rows
        )

    async def samples(
        self, cluster_id: str, *, since: datetime, until: datetime | None = None
    ) -> tuple[SeenSample, ...]:
        """The samples that start from ``since`` on, up to ``until`` (included), oldest first."""
        wanted = select(SampleTable).where(SampleTable.cluster_id == cluster_id, SampleTable.at >= since)
        if until is not None:
            wanted = wanted.where(SampleTable.at <= until)
        return tuple(map(_seen, await self._rows(wanted.order_by(SampleTable.at))))

    async def forecast(self, cluster_id: str, made_at: datetime) -> Forecast | None:
        """The forecast made at that moment."""
        wanted = select(ForecastTable).where(ForecastTable.cluster_id == cluster_id, ForecastTable.made_at == made_at)
        for row in await self._rows(wanted):
            return build(Forecast, row.forecast, "a forecast")
        return None

    async def acu_hours(self, cluster_id: str) -> float | None:
        """Capacity used in all samples together; None before the first one with a capacity."""
        used = select(func.sum(SampleTable.capacity_acu * SampleTable.seconds)).where(
            SampleTable.cluster_id == cluster_id
        )
        async with self._database.read() as connection:
            acu_seconds = await connection.scalar(used)
        return None if acu_seconds is None else acu_seconds / SECONDS_PER_HOUR

    async def _write_all(self, records: Sequence[Record]) -> Sequence[int]:
        samples = [_sample_row(sample, one.decision) for one in records for sample in one.samples]
        forecasts = [_forecast_row(one.forecast, one.decision) for one in records if one.forecast is not None]
        decisions = [_decision_row(one) for one in records]
        async with self._database.write() as connection:
            if samples:
                await connection.execute(insert(SampleTable), samples)
            if forecasts:
                await connection.execute(insert(ForecastTable), forecasts)
            told = insert(DecisionTable).returning(DecisionTable.id, sort_by_parameter_order=True)
            return (await connection.scalars(told, decisions)).all()

    async def _finish_all(self, endings: Sequence[dict[str, Any]]) -> Sequence[None]:
        planned = update(DecisionTable).where(
            DecisionTable.id == bindparam("entry_id"), DecisionTable.state == State.PLANNED.value
        )
        async with self._database.write() as connection:
            done = await connection.execute(planned, list(endings))
            if done.rowcount != len(endings):
                ids = ", ".join(str(ending["entry_id"]) for ending in endings)
                raise StorageError(f"the journal has no planned decision {ids}; another service finished it")
        return [None] * len(endings)

    async def _rows(self, wanted: Select[Any]) -> list[Row[Any]]:
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).all())


def _decision_row(record: Record) -> dict[str, Any]:
    decision = record.decision
    return {
        "cluster_id": decision.cluster_id,
        "document_id": record.document_id,
        "at": decision.at,
        "decision": to_plain(decision),
        "memory": to_plain(record.memory),
        "inputs": to_plain(record.inputs),
        "state": record.state.value,
        "outcome": record.outcome,
    }


def _sample_row(sample: Sample, decision: Decision) -> dict[str, Any]:
    return {
        "cluster_id": decision.cluster_id,
        "at": sample.at,
        "seen_at": decision.at,
        "seconds": sample.seconds,
        "demand_acu": sample.demand_acu,
        "censored": sample.censored,
        "capacity_acu": sample.capacity_acu,
        "connections": sample.connections,
        "queries_per_second": sample.queries_per_second,
    }


def _forecast_row(forecast: Forecast, decision: Decision) -> dict[str, Any]:
    return {"cluster_id": decision.cluster_id, "made_at": forecast.made_at, "forecast": to_plain(forecast)}


def _entry(row: Row[Any]) -> JournalEntry:
    return JournalEntry(
        id=row.id,
        decision=build(Decision, row.decision, f"decision {row.id}"),
        memory=build(Memory, row.memory, f"the memory after decision {row.id}"),
        inputs=build(Inputs, row.inputs, f"the inputs of decision {row.id}"),
        document_id=row.document_id,
        state=State(row.state),
        outcome=row.outcome,
        finished_at=row.finished_at,
    )


def _seen(row: Row[Any]) -> SeenSample:
    sample = Sample(
        at=row.at,
        seconds=row.seconds,
        demand_acu=row.demand_acu,
        censored=row.censored,
        capacity_acu=row.capacity_acu,
        connections=row.connections,
        queries_per_second=row.queries_per_second,
    )
    return SeenSample(seen_at=row.seen_at, sample=sample)

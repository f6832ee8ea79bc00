"""Backtests as jobs: a queue in the store, which outlives the process that fills it and the one that works it off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.errors import NotPossible, UnknownName
from autoscaler.storage.audit import Deed, log_deed
from autoscaler.storage.backtest_tables import BacktestTable
from autoscaler.storage.database import Database
from autoscaler.storage.once import Once, keep_answer, kept_answer

MOST_QUEUED, MOST_KEPT = 20, 200
# Whoever runs one says so every few seconds; after this long without a word the process is taken for dead.
LONGEST_SILENCE = timedelta(seconds=60)


class JobState(StrEnum):
    """Where a backtest is; ``interrupted``: the process that ran it died, and nobody begins it again by itself."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A backtest without its report; ``has_report`` tells whether there is one."""

    id: int
    created_at: datetime
    actor: str
    cluster_id: str | None
    order: Mapping[str, Any]
    state: JobState
    doing: str | None
    progress_fraction: float
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    summary: Mapping[str, Any] | None
    has_report: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The id that an order was given; what is kept for its idempotency key."""

    id: int


COLUMNS = (
    *(BacktestTable.id, BacktestTable.created_at, BacktestTable.actor, BacktestTable.cluster_id, BacktestTable.order),
    *(BacktestTable.state, BacktestTable.doing, BacktestTable.progress_fraction, BacktestTable.started_at),
    *(BacktestTable.finished_at, BacktestTable.error, BacktestTable.summary),
    BacktestTable.report.is_not(None).label("has_report"),
)


class Backtests:
    """The jobs in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, order: Mapping[str, Any], cluster_id: str | None, deed: Deed, once: Once | None) -> int:
        """Queue an order; returns its id.

        Raises:
            NotPossible: too many wait already.
            AlreadyUsed: the idempotency key was used for something else.
        """
        async with self._database.write() as connection:
            kept = await kept_answer(connection, deed, once, Ordered)
            if kept is not None:
                return kept.id
            await _make_room(connection)
            values = {"created_at": deed.at, "actor": deed.actor, "cluster_id": cluster_id, "order": dict(order)}
            told = insert(BacktestTable).values(**values, state=JobState.QUEUED.value, progress_fraction=0.0)
            job_id = cast("int", await connection.scalar(told.returning(BacktestTable.id)))
            await log_deed(connection, deed, f"backtest {job_id}", before={}, after={"cluster_id": cluster_id})
            await keep_answer(connection, deed, once, Ordered(id=job_id))
        return job_id

    async def claim(self, owner: str, at: datetime) -> Job | None:
        """The job that has waited longest, from now on the owner's; None when none waits.

        What its owner has not been heard of for long is told as interrupted.
        """
        async with self._database.write() as connection:
            silent = BacktestTable.seen_at < at - LONGEST_SILENCE
            await connection.execute(
                update(BacktestTable)
                .where(BacktestTable.state == JobState.RUNNING.value, silent)
                .values(state=JobState.INTERRUPTED.value, finished_at=at, error="the process that ran it died")
            )
            oldest = select(BacktestTable.id).where(BacktestTable.state == JobState.QUEUED.value)
            job_id = await connection.scalar(
                oldest.order_by(BacktestTable.id).limit(1).with_for_update(skip_locked=True)
            )
            if job_id is None:
                return None
            mine = {"state": JobState.RUNNING.value, "owner": owner, "seen_at": at, "started_at": at}
            await connection.execute(update(BacktestTable).where(BacktestTable.id == job_id).values(**mine))
            found = await connection.execute(select(*COLUMNS).where(BacktestTable.id == job_id))
            return _to_job(found.one())

    async def tell(self, job_id: int, *, doing: str, progress_fraction: float, at: datetime) -> bool:
        """A sign of life; False when the job was cancelled meanwhile."""
        values = {"doing": doing, "progress_fraction": progress_fraction, "seen_at": at}
        return await self._change(job_id, JobState.RUNNING, values)

    async def finish(
        self,
        job_id: int,
        state: JobState,
        at: datetime,
        *,
        summary: Mapping[str, Any] | None = None,
        report: str | None = None,
        error: str | None = None,
    ) -> None:
        """How it ended; nothing, when it was cancelled meanwhile."""
        values = {"state": state.value, "finished_at": at, "error": error, "report": report}
        done = {"doing": None, "progress_fraction": 1.0} if state is JobState.DONE else {"doing": None}
        await self._change(job_id, JobState.RUNNING, {**values, **done, "summary": summary})

    async def requeue(self, job_id: int) -> None:
        """Its process stops in peace: the next one begins it anew."""
        values = {"state": JobState.QUEUED.value, "progress_fraction": 0.0, "doing": None, "owner": None}
        await self._change(job_id, JobState.RUNNING, values)

    async def cancel(self, job_id: int, deed: Deed) -> None:
        """End it, whether or not it has begun.

        Raises:
            NotPossible: it has ended already.
        """
        async with self._database.write() as connection:
            there = (BacktestTable.id == job_id, BacktestTable.state.in_(UNFINISHED))
            values = {"state": JobState.CANCELLED.value, "finished_at": deed.at, "doing": None}
            done = await connection.execute(update(BacktestTable).where(*there).values(**values))
            if done.rowcount == 0:
                raise NotPossible(f"backtest {job_id} has ended already")
            await log_deed(connection, deed, f"backtest {job_id}", before={}, after={"state": "cancelled"})

    async def find(self, job_id: int) -> Job:
        """One job.

        Raises:
            UnknownName: there is none.
        """
        async with self._database.read() as connection:
            row = (await connection.execute(select(*COLUMNS).where(BacktestTable.id == job_id))).first()
        if row is None:
            raise UnknownName("backtest", str(job_id), ())
        return _to_job(row)

    async def newest(self, *, limit: int, before: int | None = None) -> tuple[Job, ...]:
        """Up to ``limit`` jobs with ids below ``before``, newest first."""
        asked = select(*COLUMNS).order_by(BacktestTable.id.desc()).limit(limit)
        if before is not None:
            asked = asked.where(BacktestTable.id < before)
        async with self._database.read() as connection:
            return tuple(map(_to_job, (await connection.execute(asked)).all()))

    async def report(self, job_id: int) -> str | None:
        """The report as a page."""
        async with self._database.read() as connection:
            return await connection.scalar(select(BacktestTable.report).where(BacktestTable.id == job_id))

    async def _change(self, job_id: int, state: JobState, values: Mapping[str, Any]) -> bool:
        there = (BacktestTable.id == job_id, BacktestTable.state == state.value)
        async with self._database.write() as connection:
            return (await connection.execute(update(BacktestTable).where(*there).values(**values))).rowcount > 0


async def _make_room(connection: AsyncConnection) -> None:
    waiting = select(func.count()).where(BacktestTable.state == JobState.QUEUED.value)
    if (await connection.scalar(waiting) or 0) >= MOST_QUEUED:
        raise NotPossible(f"{MOST_QUEUED} backtests wait already; cancel some, or order it later")
    newest = select(BacktestTable.id).order_by(BacktestTable.id.desc()).offset(MOST_KEPT).limit(1)
    last = await connection.scalar(newest)
    if last is not None:
        ended = BacktestTable.state.not_in(UNFINISHED)
        await connection.execute(delete(BacktestTable).where(BacktestTable.id <= last, ended))


def _to_job(row: Row[Any]) -> Job:
    return Job(**{**row._mapping, "state": JobState(row.state)})

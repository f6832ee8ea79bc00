"""What is old becomes less: samples are rolled up, decisions thinned, and in the end both are forgotten.

Each step remembers how far it has come, in the transaction that does it: so it may be broken off anywhere, and costs
what it removes and not what is kept.
"""

from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from autoscaler.storage.database import Database
from autoscaler.storage.entries import Kept, Removed, State
from autoscaler.storage.event_tables import EventTable
from autoscaler.storage.lease import Fence
from autoscaler.storage.rollup import FIVE_MINUTES, HOUR, Grain, acu_hours, rolled_up
from autoscaler.storage.rows import sample_row, to_seen
from autoscaler.storage.score_tables import ScoreTable
from autoscaler.storage.tables import ClusterTable, DecisionTable, ForecastTable, SampleTable

# The most of one cluster that one transaction looks at: ticks wait for it no longer than some hundredths of a second.
AT_ONCE = timedelta(days=1)
SOME = 500

Column = InstrumentedAttribute[datetime | None]


class Retention:
    """Makes room. Whatever recovery needs stays: the newest decision, the last applied one, any that is planned."""

    def __init__(self, database: Database, fence: Fence, kept: Kept, *, only: AbstractSet[str] | None = None) -> None:
        """``only``: the clusters that others do not see to; None: all of the store."""
        self._only = only
        self._database = database
        self._fence = fence
        self._kept = kept

    async def run(self, now: datetime) -> Removed:
        """Go through all clusters, a little at a time.

        Raises:
            StorageError: the store cannot be used; what was done so far is kept.
        """
        removed = Removed()
        async with self._database.read() as connection:
            names = (await connection.scalars(select(ClusterTable.id).order_by(ClusterTable.id))).all()
        for name in names if self._only is None else sorted(self._only & set(names)):
            await self._roll_up(name, FIVE_MINUTES, now - self._kept.samples, removed)
            await self._roll_up(name, HOUR, now - self._kept.five_minutes, removed)
            await self._thin(name, now - self._kept.every_decision, removed)
            await self._forget(name, now, removed)
        removed.events = await self._forget_events(now - self._kept.events)
        await self._forget_scores(now - self._kept.hours)
        return removed

    async def _roll_up(self, name: str, grain: Grain, until: datetime, removed: Removed) -> None:
        column = getattr(ClusterTable, grain.column)
        oldest = select(func.min(SampleTable.at)).where(SampleTable.cluster_id == name)
        async for since, end in self._spans(name, column, oldest.scalar_subquery(), grain, until):
            async with self._database.write() as connection:
                await self._fence.check(connection)
                removed.samples += await _roll_up(connection, name, grain, since, end)
                await _note(connection, name, column, end)

    async def _thin(self, name: str, until: datetime, removed: Removed) -> None:
        """Of the decisions that changed nothing one an hour is left, to show that somebody looked."""
        column = ClusterTable.thinned_until
        oldest = select(func.min(DecisionTable.at)).where(DecisionTable.cluster_id == name)
        async for since, end in self._spans(name, column, oldest.scalar_subquery(), HOUR, until):
            async with self._database.write() as connection:
                await self._fence.check(connection)
                removed.decisions += await _thin(connection, name, since, end)
                await _note(connection, name, column, end)

    async def _spans(
        self,
        name: str,
        column: Column,
        oldest: ScalarSelect[datetime],
        grain: Grain,
        until: datetime,
    ) -> AsyncIterator[tuple[datetime, datetime]]:
        """Whole intervals from where it was left up to ``until``, at most a day at once."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(column, oldest).where(ClusterTable.id == name))).one()
        begin: datetime | None = row[0] or row[1]
        since, until = until if begin is None else grain.floor(begin), grain.floor(until)
        while since < until:
            end = min(since + AT_ONCE, until)
            yield since, end
            since = end

    async def _forget(self, name: str, now: datetime, removed: Removed) -> None:
        async with self._database.write() as connection:
            await self._fence.check(connection)
            removed.samples += await _forget_samples(connection, name, now - self._kept.hours)
            removed.forecasts += await _forget_forecasts(connection, name, now - self._kept.samples)
            removed.decisions += await _forget_decisions(connection, name, now - self._kept.decisions)

    async def _forget_events(self, until: datetime) -> int:
        async with self._database.write() as connection:
            await self._fence.check(connection)
            return (await connection.execute(delete(EventTable).where(EventTable.at < until))).rowcount

    async def _forget_scores(self, until: datetime) -> None:
        async with self._database.write() as connection:
            await self._fence.check(connection)
            await connection.execute(delete(ScoreTable).where(ScoreTable.day < until))


async def _roll_up(connection: AsyncConnection, name: str, grain: Grain, since: datetime, end: datetime) -> int:
    span = (SampleTable.cluster_id == name, SampleTable.at >= since, SampleTable.at < end)
    before = [
        to_seen(row) for row in await connection.execute(select(SampleTable).where(*span).order_by(SampleTable.at))
    ]
    after = rolled_up(before, grain)
    if after == before:
        return 0
    await connection.execute(delete(SampleTable).where(*span))
    rows = [sample_row(one.sample, cluster_id=name, seen_at=one.seen_at) for one in after]
    await connection.execute(insert(SampleTable), rows)
    await _keep_the_sum(connection, name, acu_hours(before) - acu_hours(after))
    return len(before) - len(after)


async def _thin(connection: AsyncConnection, name: str, since: datetime, end: datetime) -> int:
    span = (DecisionTable.cluster_id == name, DecisionTable.at >= since, DecisionTable.at < end)
    idle = select(DecisionTable.id, DecisionTable.at).where(*span, DecisionTable.state == State.NONE.value)
    rows = (await connection.execute(idle.order_by(DecisionTable.at))).all()
    kept = {HOUR.floor(row.at): row.id for row in reversed(rows)}  # the first of each hour stays
    return await _delete(
        connection, sorted({row.id for row in rows} - set(kept.values())), await _needed(connection, name)
    )


async def _forget_samples(connection: AsyncConnection, name: str, until: datetime) -> int:
    span = (SampleTable.cluster_id == name, SampleTable.at < until)
    rows = (await connection.execute(select(SampleTable).where(*span))).all()
    if rows:
        await connection.execute(delete(SampleTable).where(*span))
        await _keep_the_sum(connection, name, acu_hours(map(to_seen, rows)))
    return len(rows)


async def _forget_forecasts(connection: AsyncConnection, name: str, until: datetime) -> int:
    """They are of use beside the samples they were made from, and no longer."""
    gone = delete(ForecastTable).where(ForecastTable.cluster_id == name, ForecastTable.made_at < until)
    return (await connection.execute(gone)).rowcount


async def _forget_decisions(connection: AsyncConnection, name: str, until: datetime) -> int:
    old = select(DecisionTable.id).where(
        DecisionTable.cluster_id == name, DecisionTable.at < until, DecisionTable.state != State.PLANNED.value
    )
    ids = (await connection.scalars(old)).all()
    return await _delete(connection, ids, await _needed(connection, name)) if ids else 0


async def _needed(connection: AsyncConnection, name: str) -> set[int | None]:
    """What a restart looks at, however old it is."""
    newest = select(func.max(DecisionTable.id)).where(DecisionTable.cluster_id == name)
    applied = newest.where(DecisionTable.state == State.APPLIED.value)
    return {await connection.scalar(newest), await connection.scalar(applied)}


async def _delete(connection: AsyncConnection, ids: Sequence[int], needed: set[int | None]) -> int:
    gone = [one for one in ids if one not in needed]
    for first in range(0, len(gone), SOME):
        await connection.execute(delete(DecisionTable).where(DecisionTable.id.in_(gone[first : first + SOME])))
    return len(gone)


async def _note(connection: AsyncConnection, name: str, column: Column, end: datetime) -> None:
    await connection.execute(update(ClusterTable).where(ClusterTable.id == name).values({column: end}))


async def _keep_the_sum(connection: AsyncConnection, name: str, lost_acu_hours: float) -> None:
    """What the samples no longer tell is added to what was forgotten before."""
    total = ClusterTable.forgotten_acu_hours + lost_acu_hours
    await connection.execute(update(ClusterTable).where(ClusterTable.id == name).values(forgotten_acu_hours=total))

"""A cluster's past from before it was known here: into the store in pieces, each of them once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_into_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.samples import Sample
from autoscaler.storage.backfill_tables import BackfillTable
from autoscaler.storage.database import Database
from autoscaler.storage.entries import Kept, SeenSample
from autoscaler.storage.lease import Fence, Open
from autoscaler.storage.rollup import FIVE_MINUTES, HOUR, rolled_up
from autoscaler.storage.rows import sample_row
from autoscaler.storage.tables import SampleTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """How far one has come: it has read up to ``upto`` of what lies ``before`` the first sample that was seen live."""

    cluster_id: str
    before: datetime
    upto: datetime | None
    samples: int
    ended_at: datetime | None


class Backfills:
    """Backfills in the store; with a fence, only for the replica that acts to write."""

    def __init__(self, database: Database, fence: Fence | None = None) -> None:
        self._database = database
        self._fence = fence or Open()

    async def begin(self, cluster_id: str, *, at: datetime) -> Backfill | None:
        """That of a cluster, begun now if it never was; None as long as nothing was seen live.

        Raises:
            StorageError: the store cannot be used.
        """
        first = select(func.min(SampleTable.at)).where(SampleTable.cluster_id == cluster_id)
        async with self._database.read() as connection:
            found, before = await _found(connection, cluster_id), await connection.scalar(first)
        if found is not None or before is None:
            return found
        row = {"cluster_id": cluster_id, "before": before, "samples": 0, "begun_at": at}
        async with self._database.write() as connection:
            await self._fence.check(connection)
            await connection.execute(insert(BackfillTable).values(**row))
        return Backfill(cluster_id=cluster_id, before=before, upto=None, samples=0, ended_at=None)

    async def ended(self) -> frozenset[str]:
        """The clusters whose past was read to its end.

        Raises:
            StorageError: the store cannot be used.
        """
        wanted = select(BackfillTable.cluster_id).where(BackfillTable.ended_at.is_not(None))
        async with self._database.read() as connection:
            return frozenset((await connection.scalars(wanted)).all())

    async def keep(
        self, one: Backfill, samples: Sequence[Sample], *, upto: datetime, at: datetime, kept: Kept
    ) -> Backfill:
        """Keep the next piece, as coarse as what is so old is ``kept``; what is there already stays as it is.

        Raises:
            StorageError: nothing of it was kept.
        """
        earlier = [sample for sample in samples if sample.end <= one.before]
        rows = [
            sample_row(seen.sample, cluster_id=one.cluster_id, seen_at=seen.seen_at)
            for seen in _as_old(earlier, at=at, kept=kept)
        ]
        ended_at = at if upto >= one.before else None
        changed = {"upto": upto, "samples": one.samples + len(rows), "ended_at": ended_at}
        inserting = insert_into_sqlite if self._database.on_file else insert_into_postgresql
        async with self._database.write() as connection:
            await self._fence.check(connection)
            if rows:
                await connection.execute(inserting(SampleTable).on_conflict_do_nothing(), rows)
            mine = BackfillTable.cluster_id == one.cluster_id
            await connection.execute(update(BackfillTable).where(mine).values(**changed))
        return Backfill(
            cluster_id=one.cluster_id,
            before=one.before,
            upto=upto,
            samples=one.samples + len(rows),
            ended_at=ended_at,
        )


async def _found(connection: AsyncConnection, cluster_id: str) -> Backfill | None:
    rows = await connection.execute(select(BackfillTable).where(BackfillTable.cluster_id == cluster_id))
    for row in rows:
        return Backfill(
            cluster_id=row.cluster_id, before=row.before, upto=row.upto, samples=row.samples, ended_at=row.ended_at
        )
    return None


def _as_old(samples: Sequence[Sample], *, at: datetime, kept: Kept) -> list[SeenSample]:
    """As retention would have left them by now; it does not come back to what it has rolled up once."""
    fine, middle = FIVE_MINUTES.floor(at - kept.samples), HOUR.floor(at - kept.five_minutes)
    seen = [SeenSample(seen_at=at, sample=sample) for sample in samples]
    old = rolled_up((one for one in seen if one.sample.at < middle), HOUR)
    aged = rolled_up((one for one in seen if middle <= one.sample.at < fine), FIVE_MINUTES)
    return [*old, *aged, *(one for one in seen if one.sample.at >= fine)]

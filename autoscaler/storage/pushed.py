"""Samples that somebody sends, on their way to the ticks: only new ones at the end, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.capacity import Range
from autoscaler.core.plain import to_plain
from autoscaler.core.samples import Sample
from autoscaler.registry import read_back
from autoscaler.storage.database import Database
from autoscaler.storage.roster_tables import PushedRangeTable, PushedSampleTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of the samples of one push.

    ``repeated`` were there already, the same; ``late`` began before the newest one and are not used, as everywhere.
    """

    accepted: int
    repeated: int
    late: int
    newest_at: datetime | None


class PushedSamples:
    """Pushed samples and ranges in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def push(self, cluster_id: str, samples: Sequence[Sample], *, held: Range | None, at: datetime) -> Taken:
        """Keep what is new, all of it or nothing; ``held`` is the range in force, where it was told.

        Args:
            samples: oldest first, of different moments.

        Raises:
            StorageError: nothing was kept.
        """
        async with self._database.write() as connection:
            newest = await _newest(connection, cluster_id)
            fresh = [one for one in samples if newest is None or one.at > newest.at]
            known = await _known(connection, cluster_id, samples)
            rows = [{"cluster_id": cluster_id, "at": one.at, "sample": to_plain(one)} for one in fresh]
            if rows:
                await connection.execute(insert(PushedSampleTable), rows)
            if held is not None:
                await _tell(connection, cluster_id, held, at)
        repeated = sum(one.at in known for one in samples)
        newest_at = fresh[-1].at if fresh else None if newest is None else newest.at
        late = len(samples) - len(fresh) - repeated
        return Taken(accepted=len(fresh), repeated=repeated, late=late, newest_at=newest_at)

    async def newest(self, cluster_id: str) -> Sample | None:
        """The sample that begins last."""
        async with self._database.read() as connection:
            return await _newest(connection, cluster_id)

    async def after(self, cluster_id: str, moment: datetime | None) -> tuple[Sample, ...]:
        """The samples that begin after a moment, oldest first."""
        wanted = select(PushedSampleTable.sample).where(PushedSampleTable.cluster_id == cluster_id)
        if moment is not None:
            wanted = wanted.where(PushedSampleTable.at > moment)
        async with self._database.read() as connection:
            rows = (await connection.scalars(wanted.order_by(PushedSampleTable.at))).all()
        return tuple(read_back(Sample, row, f"a sample pushed for {cluster_id}") for row in rows)

    async def told_range(self, cluster_id: str) -> Range | None:
        """The range in force, as it was told last."""
        wanted = select(PushedRangeTable.range).where(PushedRangeTable.cluster_id == cluster_id)
        async with self._database.read() as connection:
            row = await connection.scalar(wanted)
        return None if row is None else read_back(Range, row, f"the range told of {cluster_id}")

    async def forget(self, until: datetime) -> int:
        """Forget samples that begin before; returns how many there are less."""
        async with self._database.write() as connection:
            return (await connection.execute(delete(PushedSampleTable).where(PushedSampleTable.at < until))).rowcount


async def _newest(connection: AsyncConnection, cluster_id: str) -> Sample | None:
    wanted = select(PushedSampleTable.sample).where(PushedSampleTable.cluster_id == cluster_id)
    row = await connection.scalar(wanted.order_by(PushedSampleTable.at.desc()).limit(1))
    return None if row is None else read_back(Sample, row, f"a sample pushed for {cluster_id}")


async def _known(connection: AsyncConnection, cluster_id: str, samples: Sequence[Sample]) -> set[datetime]:
    """The moments of a push that are kept already; the first sample of a moment is the one that counts."""
    if not samples:
        return set()
    wanted = select(PushedSampleTable.at).where(
        PushedSampleTable.cluster_id == cluster_id, PushedSampleTable.at.between(samples[0].at, samples[-1].at)
    )
    return set((await connection.scalars(wanted)).all())


async def _tell(connection: AsyncConnection, cluster_id: str, held: Range, at: datetime) -> None:
    await connection.execute(delete(PushedRangeTable).where(PushedRangeTable.cluster_id == cluster_id))
    row = {"cluster_id": cluster_id, "told_at": at, "range": to_plain(held)}
    await connection.execute(insert(PushedRangeTable).values(**row))

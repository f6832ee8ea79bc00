"""What each policy cost and throttled on each cluster, added up by day."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as insert_into_postgresql
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite

from autoscaler.core.tally import Tally
from autoscaler.storage.database import Database
from autoscaler.storage.lease import Fence, Open
from autoscaler.storage.score_tables import ScoreTable

# What is scored beside shadows: the capacity as it was metered, a twin under the ranges in force, one left alone, and
# one left alone that never pauses, where the others may.
MEASURED, ACTING, LEFT_ALONE, NEVER_PAUSED = "measured", "acting", "left-alone", "never-paused"
RESERVED = frozenset({MEASURED, ACTING, LEFT_ALONE, NEVER_PAUSED})
KEYS = ("cluster_id", "day", "policy")
NUMBERS = tuple(one.name for one in fields(Tally))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreKey:
    """Whose score it is; ``day`` is its first moment, UTC."""

    cluster_id: str
    day: datetime
    policy: str


def day_of(at: datetime) -> datetime:
    """The day, UTC, that a moment is scored under."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class Scores:
    """Scores in the store; with a fence, only for the replica that acts to write."""

    def __init__(self, database: Database, fence: Fence | None = None) -> None:
        self._database = database
        self._fence = fence or Open()

    async def add(self, tallies: Mapping[ScoreKey, Tally]) -> None:
        """Add to what is kept; all of it or nothing.

        Raises:
            LeaseLost: another replica acts by now.
            StorageError: it could not be kept.
        """
        if not tallies:
            return
        async with self._database.write() as connection:
            await self._fence.check(connection)
            await connection.execute(self._adding(), [asdict(key) | asdict(one) for key, one in tallies.items()])

    async def since(self, day: datetime, cluster_id: str | None = None) -> dict[tuple[str, str], Tally]:
        """What has been added up from a day on, by cluster and policy; of one cluster, or of all."""
        sums = (func.sum(getattr(ScoreTable, name)).label(name) for name in NUMBERS)
        wanted = select(ScoreTable.cluster_id, ScoreTable.policy, *sums).where(ScoreTable.day >= day)
        if cluster_id is not None:
            wanted = wanted.where(ScoreTable.cluster_id == cluster_id)
        async with self._database.read() as connection:
            rows = await connection.execute(wanted.group_by(ScoreTable.cluster_id, ScoreTable.policy))
            return {
                (row.cluster_id, row.policy): Tally(**{name: getattr(row, name) for name in NUMBERS}) for row in rows
            }

    def _adding(self) -> SqliteInsert | PostgresqlInsert:
        insert = insert_into_sqlite if self._database.on_file else insert_into_postgresql
        adding = insert(ScoreTable)
        sums = {name: getattr(ScoreTable, name) + adding.excluded[name] for name in NUMBERS}
        return adding.on_conflict_do_update(index_elements=KEYS, set_=sums)


def _tally(row: Row[Any]) -> Tally:
    return Tally(**{name: getattr(row, name) for name in NUMBERS})

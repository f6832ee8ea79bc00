"""What happened, in and out of the store; every replica reads the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, select, text

from autoscaler.core.plain import to_plain
from autoscaler.observability.events import ENDS, Event, Kind
from autoscaler.storage.database import Database
from autoscaler.storage.event_tables import EventTable

EVERY_KIND = frozenset(Kind)
# Any number that nobody else locks.
LOCK = 20_261_125


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """An event in the store; ``id`` grows with every one, so that a reader can go on after the last he has seen."""

    id: int
    event: Event


class Events:
    """The events in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def shared(self) -> bool:
        """Whether other processes may add some, too."""
        return not self._database.on_file

    async def add(self, events: Sequence[Event]) -> int:
        """Keep some, in their order; returns the id of the last one.

        Raises:
            StorageError: none of them could be kept.
        """
        rows = [
            {
                "at": one.at,
                "cluster_id": one.cluster_id,
                "kind": one.kind.value,
                "text": one.text,
                "details": to_plain(dict(one.details)),
            }
            for one in events
        ]
        async with self._database.write() as connection:
            if self.shared:
                # Ids must become visible in their order: a reader who has seen 7 never asks for 6 again.
                await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            told = insert(EventTable).returning(EventTable.id, sort_by_parameter_order=True)
            return max((await connection.scalars(told, rows)).all())

    async def newest_id(self) -> int:
        """The id of the last one; 0 where nothing has happened."""
        async with self._database.read() as connection:
            return await connection.scalar(select(func.max(EventTable.id))) or 0

    async def after(
        self, event_id: int, *, limit: int, kinds: Collection[Kind] = EVERY_KIND, cluster_id: str | None = None
    ) -> tuple[KeptEvent, ...]:
        """Up to ``limit`` events with ids above, oldest first."""
        wanted = _of(kinds, cluster_id).where(EventTable.id > event_id).order_by(EventTable.id)
        return await self._read(wanted.limit(limit))

    async def before(
        self, event_id: int | None, *, limit: int, kinds: Collection[Kind] = EVERY_KIND, cluster_id: str | None = None
    ) -> tuple[KeptEvent, ...]:
        """Up to ``limit`` events with ids below, newest first."""
        wanted = _of(kinds, cluster_id).order_by(EventTable.id.desc()).limit(limit)
        return await self._read(wanted if event_id is None else wanted.where(EventTable.id < event_id))

    async def lasting(self) -> set[tuple[str, Kind]]:
        """The conditions that began and have not ended, each with its cluster."""
        newest = select(EventTable.cluster_id, EventTable.kind, func.max(EventTable.id).label("id")).where(
            EventTable.kind.in_([*ENDS, *ENDS.values()])
        )
        async with self._database.read() as connection:
            rows = await connection.execute(newest.group_by(EventTable.cluster_id, EventTable.kind))
            ids = {(row.cluster_id, row.kind): row.id for row in rows}
        begun = ((cluster_id, Kind(kind), id_) for (cluster_id, kind), id_ in ids.items() if kind in ENDS)
        return {(cluster, kind) for cluster, kind, id_ in begun if id_ > ids.get((cluster, ENDS[kind]), 0)}

    async def _read(self, wanted: Select[Any]) -> tuple[KeptEvent, ...]:
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return tuple(
            KeptEvent(
                id=row.id,
                event=Event(
                    kind=Kind(row.kind), at=row.at, text=row.text, cluster_id=row.cluster_id, details=row.details
                ),
            )
            for row in rows
        )


def _of(kinds: Collection[Kind], cluster_id: str | None) -> Select[Any]:
    """A kind that only a newer version knows is left out, and not stumbled over."""
    wanted = select(EventTable).where(EventTable.kind.in_(sorted(kinds)))
    return wanted if cluster_id is None else wanted.where(EventTable.cluster_id == cluster_id)

"""Which clusters there are: the settings file sows them, people change them, and the store is the truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.capacity import Range
from autoscaler.core.decision import Decision
from autoscaler.core.plain import to_plain
from autoscaler.errors import Outdated
from autoscaler.registry import read_back
from autoscaler.storage.audit import Deed, log_deed
from autoscaler.storage.controls import forget_orders
from autoscaler.storage.database import Database
from autoscaler.storage.lease import Fence, Open
from autoscaler.storage.once import Once, keep_answer, kept_answer
from autoscaler.storage.roster_tables import RosterTable
from autoscaler.storage.tables import ClusterTable, DecisionTable


class Origin(StrEnum):
    """Who had the last word about a cluster: the settings file, until somebody changes it over the API."""

    FILE = "file"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A cluster on the roster, or one that was removed; ``revision`` 0 is not kept yet.

    ``document`` is its settings in their plain form. ``found`` is the range it had when it was adopted; None where
    nobody asked, then the journal's first look tells.
    """

    cluster_id: str
    revision: int
    origin: Origin
    document: dict[str, Any]
    registered_at: datetime
    removed_at: datetime | None = None
    found: Range | None = None

    @property
    def removed(self) -> bool:
        """Whether it is no longer of the fleet."""
        return self.removed_at is not None


class Listings:
    """The roster in the store."""

    def __init__(self, database: Database, fence: Fence | None = None) -> None:
        self._database = database
        self._fence = fence or Open()

    async def since(self, revision: int) -> tuple[Listing, ...]:
        """What was written after a revision, oldest first; removed clusters, too."""
        wanted = select(RosterTable).where(RosterTable.revision > revision).order_by(RosterTable.revision)
        async with self._database.read() as connection:
            return tuple(map(_listing, (await connection.execute(wanted)).all()))

    async def find(self, cluster_id: str) -> Listing | None:
        """One cluster, removed or not; None: there never was one."""
        async with self._database.read() as connection:
            return await _current(connection, cluster_id)

    async def note_found(self, ranges: Mapping[str, Range]) -> None:
        """Remember the ranges that were found at clusters of which nobody had noted any."""
        async with self._database.write() as connection:
            await self._fence.check(connection)
            for cluster_id, found in ranges.items():
                there = RosterTable.cluster_id == cluster_id
                await connection.execute(update(RosterTable).where(there).values(found=to_plain(found)))

    async def sow(
        self,
        documents: Mapping[str, dict[str, Any]],
        *,
        at: datetime,
        selects: Callable[[Mapping[str, str]], bool] = lambda tags: True,
    ) -> tuple[Listing, ...]:
        """Bring the roster in line with the settings file, but for what people changed; returns what they changed.

        What the file no longer names is removed, where ``selects`` says that its tags are this release's.

        Raises:
            LeaseLost: another replica acts by now.
            StorageError: it could not be kept.
        """
        async with self._database.write() as connection:
            await self._fence.check(connection)
            known = {row.cluster_id: _listing(row) for row in await connection.execute(select(RosterTable))}
            free = {name: one for name, one in known.items() if one.origin is Origin.FILE}
            sown = [_sown(name, document, free.get(name), at) for name, document in documents.items()]
            changed = [one for one in sown if one.cluster_id not in known or one != free.get(one.cluster_id, one)]
            changed += [
                replace(one, removed_at=at)
                for name, one in free.items()
                if name not in documents and not one.removed and selects(one.document.get("tags", {}))
            ]
            await _write(connection, changed, known=set(known))
        return tuple(one for name, one in known.items() if name in documents and name not in free)

    async def change(
        self,
        cluster_id: str,
        edit: Callable[[Listing | None], Listing],
        deed: Deed,
        *,
        expected: int | None = None,
        once: Once | None = None,
    ) -> Listing:
        """A listing after an edit, which is kept and logged in one transaction; ``edit`` is given None for a new one.

        A cluster that joins the fleet, for the first time or again, has no orders.

        Args:
            expected: the revision that the caller has seen; None: whatever there is.
            once: the same key again changes nothing and answers the same.

        Raises:
            Outdated: somebody else changed it meanwhile.
            AlreadyUsed: the key was used for something else.
            StorageError: it could not be kept.
        """
        async with self._database.write() as connection:
            if (kept := await kept_answer(connection, deed, once, Listing)) is not None:
                return kept
            before = await _current(connection, cluster_id)
            if expected is not None and before is not None and expected != before.revision:
                raise Outdated(
                    f"{cluster_id} is at revision {before.revision}, not {expected}; read its settings again"
                )
            after = edit(before)
            (after,) = await _write(connection, [after], known=set() if before is None else {cluster_id})
            if before is None or (before.removed and not after.removed):
                await forget_orders(connection, cluster_id)
            await log_deed(connection, deed, cluster_id, before=before, after=after)
            await keep_answer(connection, deed, once, after)
        return after


async def first_range(database: Database, cluster_id: str, *, since: datetime) -> Range | None:
    """The range that the first decision since a moment found; nothing had been asked for before it."""
    wanted = select(DecisionTable.decision).where(DecisionTable.cluster_id == cluster_id, DecisionTable.at >= since)
    async with database.read() as connection:
        first = await connection.scalar(wanted.order_by(DecisionTable.id).limit(1))
    return None if first is None else read_back(Decision, first, f"the first decision about {cluster_id}").before


def _sown(cluster_id: str, document: dict[str, Any], before: Listing | None, at: datetime) -> Listing:
    if before is None or before.removed:
        return Listing(cluster_id=cluster_id, revision=0, origin=Origin.FILE, document=document, registered_at=at)
    return replace(before, document=document)


async def _current(connection: AsyncConnection, cluster_id: str) -> Listing | None:
    row = (await connection.execute(select(RosterTable).where(RosterTable.cluster_id == cluster_id))).first()
    return None if row is None else _listing(row)


async def _write(connection: AsyncConnection, listings: list[Listing], *, known: set[str]) -> list[Listing]:
    """Each under a revision of its own."""
    newest = await connection.scalar(select(func.max(RosterTable.revision))) or 0
    written = [replace(one, revision=newest + place) for place, one in enumerate(listings, start=1)]
    new = [one for one in written if one.cluster_id not in known]
    if new:
        await _introduce(connection, new)
        await connection.execute(insert(RosterTable), [_row(one) for one in new])
    for one in written:
        if one.cluster_id in known:
            there = RosterTable.cluster_id == one.cluster_id
            await connection.execute(update(RosterTable).where(there).values(**_row(one)))
    return written


async def _introduce(connection: AsyncConnection, new: list[Listing]) -> None:
    """The clusters of the file may have a history from before there was a roster."""
    there = set((await connection.scalars(select(ClusterTable.id))).all())
    rows = [
        {"id": one.cluster_id, "started_at": one.registered_at.astimezone(UTC)}
        for one in new
        if one.cluster_id not in there
    ]
    if rows:
        await connection.execute(insert(ClusterTable), rows)


def _row(one: Listing) -> dict[str, Any]:
    return {
        "cluster_id": one.cluster_id,
        "revision": one.revision,
        "origin": one.origin.value,
        "document": one.document,
        "registered_at": one.registered_at,
        "removed_at": one.removed_at,
        "found": None if one.found is None else to_plain(one.found),
    }


def _listing(row: Row[Any]) -> Listing:
    return Listing(
        cluster_id=row.cluster_id,
        revision=row.revision,
        origin=Origin(row.origin),
        document=row.document,
        registered_at=row.registered_at,
        removed_at=row.removed_at,
        found=None if row.found is None else read_back(Range, row.found, f"the range found at {row.cluster_id}"),
    )

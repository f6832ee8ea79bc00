"""What people have ordered for their clusters, written together with the audit log."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.capacity import Range
from autoscaler.core.control import Control, Freeze, Mode, Override
from autoscaler.core.plain import to_plain
from autoscaler.errors import Outdated
from autoscaler.registry import read_back
from autoscaler.storage.audit import Deed, log_deed
from autoscaler.storage.control_tables import ControlTable
from autoscaler.storage.database import Database
from autoscaler.storage.once import Once, keep_answer, kept_answer

# The override of a release has no end of its own; the one that a decision is shown lies ahead of it.
RELEASE_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The range that a cluster is given back; when it is in force, the cluster is only looked at."""

    range: Range
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What is ordered for a cluster; ``mode`` None: what its settings say. ``revision`` 0: nobody ever ordered.

    ``acknowledged`` is when the newest drift was noticed that somebody has acknowledged. While there is a ``release``,
    it counts before any override and mode.
    """

    cluster_id: str
    revision: int = 0
    override: Override | None = None
    freeze: Freeze | None = None
    mode: Mode | None = None
    release: Release | None = None
    acknowledged: datetime | None = None

    def control(self, moment: datetime, *, mode: Mode, halted: str) -> Control:
        """What a decision at that moment has to obey; ``mode`` where nobody ordered one."""
        now = self.at(moment)
        if self.release is None:
            return Control(override=now.override, freeze=now.freeze, mode=self.mode or mode, halted=halted)
        back = Override(range=self.release.range, until=moment + RELEASE_AHEAD, by=self.release.by)
        return Control(override=back, freeze=now.freeze, mode=Mode.ENFORCE, halted=halted)

    def at(self, moment: datetime) -> "Orders":
        """Without what has expired by then."""
        override, freeze = self.override, self.freeze
        if override is None and freeze is None:
            return self
        return replace(
            self,
            override=None if override is None or override.until <= moment else override,
            freeze=None if freeze is None or freeze.until <= moment else freeze,
        )


class Controls:
    """The orders in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, revision: int) -> tuple[Orders, ...]:
        """The orders written after a revision, oldest first."""
        wanted = select(ControlTable).where(ControlTable.revision > revision).order_by(ControlTable.revision)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return tuple(read_back(Orders, row.orders, f"the orders for {row.cluster_id}") for row in rows)

    async def change(
        self,
        cluster_id: str,
        edit: Callable[[Orders], Orders],
        deed: Deed,
        *,
        expected: int | None,
        once: Once | None = None,
    ) -> Orders:
        """Orders after an edit, which is kept and logged in one transaction.

        Args:
            expected: the revision that the caller has seen; None: whatever there is.
            once: the same key again changes nothing and answers the same.

        Raises:
            Outdated: somebody else ordered something meanwhile.
            AlreadyUsed: the key was used for something else.
            StorageError: it could not be kept.
        """
        async with self._database.write() as connection:
            if (kept := await kept_answer(connection, deed, once, Orders)) is not None:
                return kept
            before = await _current(connection, cluster_id)
            if expected is not None and expected != before.revision:
                raise Outdated(
                    f"the orders for {cluster_id} are at revision {before.revision}, not {expected}; read them again"
                )
            after = replace(edit(before), revision=await _next_revision(connection))
            await _write(connection, before, after)
            await log_deed(connection, deed, cluster_id, before=before, after=after)
            await keep_answer(connection, deed, once, after)
        return after


async def forget_orders(connection: AsyncConnection, cluster_id: str) -> None:
    """Nothing is ordered any more: a cluster that comes back is a new one, and only looked at."""
    before = await _current(connection, cluster_id)
    if before.revision:
        await _write(connection, before, Orders(cluster_id=cluster_id, revision=await _next_revision(connection)))


async def _next_revision(connection: AsyncConnection) -> int:
    return (await connection.scalar(select(func.max(ControlTable.revision))) or 0) + 1


async def _current(connection: AsyncConnection, cluster_id: str) -> Orders:
    wanted = select(ControlTable.orders).where(ControlTable.cluster_id == cluster_id)
    orders = await connection.scalar(wanted)
    return (
        Orders(cluster_id=cluster_id) if orders is None else read_back(Orders, orders, f"the orders for {cluster_id}")
    )


async def _write(connection: AsyncConnection, before: Orders, after: Orders) -> None:
    values = {"revision": after.revision, "orders": to_plain(after)}
    if before.revision == 0:
        await connection.execute(insert(ControlTable).values(cluster_id=after.cluster_id, **values))
    else:
        there = ControlTable.cluster_id == after.cluster_id
        await connection.execute(update(ControlTable).where(there).values(**values))

"""What people have ordered for their clusters, written together with the audit log."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.control import Freeze, Mode, Override
from autoscaler.core.plain import to_plain
from autoscaler.errors import Outdated
from autoscaler.registry import build
from autoscaler.storage.audit import Deed, log_deed
from autoscaler.storage.control_tables import ControlTable
from autoscaler.storage.database import Database
from autoscaler.storage.once import Once, keep_answer, kept_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What is ordered for a cluster; ``mode`` None: what its settings say. ``revision`` 0: nobody ever ordered."""

    cluster_id: str
    revision: int = 0
    override: Override | None = None
    freeze: Freeze | None = None
    mode: Mode | None = None

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
        return tuple(build(Orders, row.orders, f"the orders for {row.cluster_id}") for row in rows)

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
            newest = await connection.scalar(select(func.max(ControlTable.revision)))
            after = replace(edit(before), revision=(newest or 0) + 1)
            await _write(connection, before, after)
            await log_deed(connection, deed, cluster_id, before=before, after=after)
            await keep_answer(connection, deed, once, after)
        return after


async def _current(connection: AsyncConnection, cluster_id: str) -> Orders:
    wanted = select(ControlTable.orders).where(ControlTable.cluster_id == cluster_id)
    orders = await connection.scalar(wanted)
    return Orders(cluster_id=cluster_id) if orders is None else build(Orders, orders, f"the orders for {cluster_id}")


async def _write(connection: AsyncConnection, before: Orders, after: Orders) -> None:
    values = {"revision": after.revision, "orders": to_plain(after)}
    if before.revision == 0:
        await connection.execute(insert(ControlTable).values(cluster_id=after.cluster_id, **values))
    else:
        there = ControlTable.cluster_id == after.cluster_id
        await connection.execute(update(ControlTable).where(there).values(**values))

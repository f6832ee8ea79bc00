"""The audit log: who changed what, when, and from what to what. It only grows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.plain import to_plain
from autoscaler.storage.control_tables import AuditTable
from autoscaler.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who is about to change something, and why we know: ``at`` is real time."""

    at: datetime
    actor: str
    request_id: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A line of the log; ``subject`` is the id of what was changed."""

    id: int
    at: datetime
    actor: str
    request_id: str
    action: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]


class Audit:
    """Reads the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, *, limit: int, before: int | None = None) -> tuple[AuditEntry, ...]:
        """Up to ``limit`` lines with ids below ``before``, newest first."""
        wanted = select(AuditTable).order_by(AuditTable.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(AuditTable.id < before)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return tuple(AuditEntry(**row._mapping) for row in rows)


async def log_deed(connection: AsyncConnection, deed: Deed, subject: str, *, before: object, after: object) -> None:
    """Write a line in the transaction of the change itself: there is no change without one."""
    line = {"subject": subject, "before": _document(before), "after": _document(after)}
    who = {"at": deed.at, "actor": deed.actor, "request_id": deed.request_id, "action": deed.action}
    await connection.execute(insert(AuditTable).values(**who, **line))


def _document(value: object) -> dict[str, Any]:
    plain = to_plain(value)
    return plain if isinstance(plain, dict) else {}

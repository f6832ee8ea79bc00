"""Writes that happen once: the answers to callers' idempotency keys."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.plain import to_plain
from autoscaler.errors import AlreadyUsed
from autoscaler.registry import read_back
from autoscaler.storage.audit import Deed
from autoscaler.storage.control_tables import KeptAnswerTable

KEPT = timedelta(days=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A caller's key that makes a write happen once, and what it was used for."""

    key: str
    fingerprint: str


async def kept_answer(connection: AsyncConnection, deed: Deed, once: Once | None, kind: type[T]) -> T | None:
    """What the same key was answered before; None: it is new, or there is none.

    Raises:
        AlreadyUsed: the key was used for something else.
    """
    if once is None:
        return None
    await connection.execute(delete(KeptAnswerTable).where(KeptAnswerTable.at < deed.at - KEPT))
    wanted = select(KeptAnswerTable).where(KeptAnswerTable.actor == deed.actor, KeptAnswerTable.key == once.key)
    row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    if row.fingerprint != once.fingerprint:
        raise AlreadyUsed(f"the idempotency key '{once.key}' was used for another request; take a new one")
    return read_back(kind, row.answer, f"the answer kept for key {once.key}")


async def keep_answer(connection: AsyncConnection, deed: Deed, once: Once | None, answer: object) -> None:
    """Keep it for whoever sends the same key again."""
    if once is not None:
        kept = {"actor": deed.actor, "key": once.key, "fingerprint": once.fingerprint}
        await connection.execute(insert(KeptAnswerTable).values(**kept, at=deed.at, answer=to_plain(answer)))

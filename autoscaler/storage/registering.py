"""New clusters and new documents enter the store many at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.storage.entries import Registration
from autoscaler.storage.tables import ClusterTable, DocumentTable


class Newcomer(NamedTuple):
    """A cluster that may be new, and what is configured for it from ``at`` on."""

    cluster_id: str
    at: datetime
    document: dict[str, Any]


async def register_all(connection: AsyncConnection, newcomers: Sequence[Newcomer]) -> list[Registration]:
    """Make them known, and keep each document that is another than before; answers in their order."""
    names = [one.cluster_id for one in newcomers]
    started = await _started(connection, names)
    fresh = {one.cluster_id: one.at.astimezone(UTC) for one in newcomers if one.cluster_id not in started}
    if fresh:
        rows = [{"id": name, "started_at": at} for name, at in fresh.items()]
        await connection.execute(insert(ClusterTable), rows)
    known = await _documents(connection, names)
    changed = [one for one in newcomers if known.get(one.cluster_id, (0, None))[1] != one.document]
    ids = {name: number for name, (number, _) in known.items()} | await _keep(connection, changed)
    started |= fresh
    return [Registration(started_at=started[name], document_id=ids[name]) for name in names]


async def _started(connection: AsyncConnection, names: Sequence[str]) -> dict[str, datetime]:
    wanted = select(ClusterTable.id, ClusterTable.started_at).where(ClusterTable.id.in_(names))
    return {row.id: row.started_at for row in await connection.execute(wanted)}


async def _documents(connection: AsyncConnection, names: Sequence[str]) -> dict[str, tuple[int, dict[str, Any]]]:
    """The newest document of each, with its id."""
    newest = select(func.max(DocumentTable.id)).where(DocumentTable.cluster_id.in_(names))
    wanted = select(DocumentTable).where(DocumentTable.id.in_(newest.group_by(DocumentTable.cluster_id)))
    return {row.cluster_id: (row.id, row.document) for row in await connection.execute(wanted)}


async def _keep(connection: AsyncConnection, changed: Sequence[Newcomer]) -> dict[str, int]:
    if not changed:
        return {}
    rows = [{"cluster_id": one.cluster_id, "at": one.at, "document": one.document} for one in changed]
    told = insert(DocumentTable).returning(DocumentTable.id, sort_by_parameter_order=True)
    ids = (await connection.scalars(told, rows)).all()
    return {one.cluster_id: number for one, number in zip(changed, ids, strict=True)}

"""Policies in and out of the store; every write is one transaction with its line in the audit log."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.plain import to_plain
from autoscaler.core.rollout import Rollout
from autoscaler.core.selectors import Binding, parse_selector
from autoscaler.errors import Outdated, UnknownName
from autoscaler.registry import read_back
from autoscaler.storage.audit import Deed, log_deed
from autoscaler.storage.database import Database
from autoscaler.storage.lease import Fence, Open
from autoscaler.storage.once import Once, keep_answer, kept_answer
from autoscaler.storage.policy_entries import PolicyBook, PolicyVersion, StoredPolicy, book_of
from autoscaler.storage.policy_tables import (
    PolicyBindingTable,
    PolicyBookTable,
    PolicyRolloutTable,
    PolicyTable,
    PolicyVersionTable,
)

Edit = Callable[[AsyncConnection, StoredPolicy | None, int], Awaitable[None]]
MOST_KNOWN = 20


class Policies:
    """The policies in the store; with a fence, only for the replica that acts to write."""

    def __init__(self, database: Database, fence: Fence | None = None) -> None:
        self._database = database
        self._fence = fence or Open()

    async def revision(self) -> int:
        """Grows with every write about policies: the one number to look at often."""
        async with self._database.read() as connection:
            return await connection.scalar(select(PolicyBookTable.revision)) or 0

    async def book(self) -> PolicyBook:
        """All there is, of one moment."""
        async with self._database.read() as connection:
            revision = await connection.scalar(select(PolicyBookTable.revision)) or 0
            policies = await _stored(connection, select(PolicyTable))
            on_their_way = [one.on_its_way for one in policies if one.on_its_way is not None]
            coming = [await _version(connection, one.policy, one.to_version) for one in on_their_way]
        return book_of(policies, coming, revision=revision)

    async def page(self, *, limit: int, after: str = "") -> tuple[StoredPolicy, ...]:
        """Up to ``limit`` policies whose names follow, in their order."""
        wanted = select(PolicyTable).where(PolicyTable.name > after).order_by(PolicyTable.name).limit(limit)
        async with self._database.read() as connection:
            return tuple(await _stored(connection, wanted))

    async def get(self, name: str) -> StoredPolicy:
        """One policy.

        Raises:
            UnknownName: there is none of that name.
        """
        async with self._database.read() as connection:
            found = await _one(connection, name)
            if found is None:
                names = await connection.scalars(select(PolicyTable.name).order_by(PolicyTable.name).limit(MOST_KNOWN))
                raise UnknownName("policy", name, names)
        return found

    async def versions(self, name: str, *, limit: int, before: int | None = None) -> tuple[PolicyVersion, ...]:
        """Up to ``limit`` versions below ``before``, newest first; also of a policy that was deleted."""
        wanted = select(PolicyVersionTable).where(PolicyVersionTable.policy == name)
        if before is not None:
            wanted = wanted.where(PolicyVersionTable.version < before)
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted.order_by(PolicyVersionTable.version.desc()).limit(limit))).all()
        return tuple(map(_to_version, rows))

    async def version(self, name: str, version: int) -> PolicyVersion:
        """One version.

        Raises:
            UnknownName: there is none of that number.
        """
        async with self._database.read() as connection:
            return await _version(connection, name, version)

    async def change(
        self,
        name: str,
        edit: Edit,
        deed: Deed,
        *,
        expected: int | None = None,
        once: Once | None = None,
    ) -> StoredPolicy:
        """The policy after an edit, or as it was before it was deleted.

        Args:
            expected: the revision that the caller has seen; None: whatever there is.
            once: the same key again changes nothing and answers the same.

        Raises:
            Outdated: somebody else changed it meanwhile.
            AlreadyUsed: the key was used for something else.
            InvalidInput: the edit cannot be made as things are.
            StorageError: it could not be kept.
        """
        async with self._database.write() as connection:
            await self._fence.check(connection)
            if (kept := await kept_answer(connection, deed, once, StoredPolicy)) is not None:
                return kept
            revision = await _next_revision(connection)  # and whoever else writes about policies waits here
            before = await _one(connection, name)
            if expected is not None and before is not None and expected != before.revision:
                raise Outdated(f"policy {name} is at revision {before.revision}, not {expected}; read it again")
            await edit(connection, before, revision)
            after = await _one(connection, name)
            await log_deed(connection, deed, f"policy {name}", before=before, after=after)
            answer = after or before
            if answer is None:
                raise UnknownName("policy", name, ())
            await keep_answer(connection, deed, once, answer)
        return answer


async def _next_revision(connection: AsyncConnection) -> int:
    counted = update(PolicyBookTable).values(revision=PolicyBookTable.revision + 1)
    revision = await connection.scalar(counted.returning(PolicyBookTable.revision))
    if revision is None:
        await connection.execute(insert(PolicyBookTable).values(id=1, revision=1))
        return 1
    return int(revision)


async def _one(connection: AsyncConnection, name: str) -> StoredPolicy | None:
    return next(iter(await _stored(connection, select(PolicyTable).where(PolicyTable.name == name))), None)


async def _stored(connection: AsyncConnection, wanted: Select[Any]) -> list[StoredPolicy]:
    """Policies with all that belongs to them, in the order they were asked for."""
    rows = (await connection.execute(wanted)).all()
    names = [row.name for row in rows]
    bindings, rollouts = await _bindings(connection, names), await _rollouts(connection, names)
    table = PolicyVersionTable
    newest = select(table.policy, func.max(table.version)).where(table.policy.in_(names)).group_by(table.policy)
    newest_of = {row.policy: row[1] for row in (await connection.execute(newest)).all()}
    return [
        StoredPolicy(
            name=row.name,
            revision=row.revision,
            in_force=await _version(connection, row.name, row.version),
            newest=newest_of[row.name],
            bindings=tuple(bindings[row.name]),
            rollout=rollouts.get(row.name),
        )
        for row in rows
    ]


async def _bindings(connection: AsyncConnection, names: list[str]) -> dict[str, list[Binding]]:
    wanted = select(PolicyBindingTable).where(PolicyBindingTable.policy.in_(names)).order_by(PolicyBindingTable.target)
    found: dict[str, list[Binding]] = defaultdict(list)
    for row in (await connection.execute(wanted)).all():
        selector = None if row.selector is None else parse_selector(row.selector)
        found[row.policy].append(Binding(policy=row.policy, cluster_id=row.cluster_id, selector=selector))
    return found


async def _rollouts(connection: AsyncConnection, names: list[str]) -> dict[str, Rollout]:
    """The latest one of each."""
    table = PolicyRolloutTable
    latest = select(func.max(table.id)).where(table.policy.in_(names)).group_by(table.policy)
    rows = (await connection.execute(select(table).where(table.id.in_(latest)))).all()
    return {row.policy: _to_rollout(row) for row in rows}


async def _version(connection: AsyncConnection, name: str, version: int) -> PolicyVersion:
    table = PolicyVersionTable
    wanted = select(table).where(table.policy == name, table.version == version)
    row = (await connection.execute(wanted)).first()
    if row is None:
        known = select(table.version).where(table.policy == name).order_by(table.version.desc()).limit(MOST_KNOWN)
        raise UnknownName("policy version", f"{name} {version}", map(str, await connection.scalars(known)))
    return _to_version(row)


def _to_version(row: Row[Any]) -> PolicyVersion:
    return PolicyVersion(**row._mapping)


def _to_rollout(row: Row[Any]) -> Rollout:
    stored = {**row.rollout, "id": row.id, "revision": row.revision}
    return read_back(Rollout, stored, f"rollout {row.id} of policy {row.policy}")


def rollout_row(rollout: Rollout) -> dict[str, object]:
    """A rollout as its table wants it."""
    return {"policy": rollout.policy, "revision": rollout.revision, "rollout": to_plain(rollout)}

"""What can be done to a stored policy: each of these is one edit inside a transaction of `Policies.change`."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from autoscaler.core.rollout import Rollout, RolloutState, begin
from autoscaler.core.selectors import Binding
from autoscaler.errors import NotPossible, Outdated, UnknownName
from autoscaler.storage.audit import Deed
from autoscaler.storage.policies import Edit, rollout_row
from autoscaler.storage.policy_entries import StoredPolicy
from autoscaler.storage.policy_tables import (
    PolicyBindingTable,
    PolicyRolloutTable,
    PolicyTable,
    PolicyVersionTable,
)


def digest_of(document: Mapping[str, Any]) -> str:
    """A fingerprint of a document: the same document has the same."""
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def create(name: str, document: Mapping[str, Any], deed: Deed) -> Edit:
    """A policy that is not there yet; nobody is bound to it."""

    async def edit(connection: AsyncConnection, before: StoredPolicy | None, revision: int) -> None:
        if before is not None:
            raise NotPossible(f"there is a policy {name} already, at version {before.newest}; replace it")
        version = await _keep_version(connection, name, document, deed)
        await connection.execute(insert(PolicyTable).values(name=name, revision=revision, version=version))

    return edit


def replace_with(document: Mapping[str, Any], deed: Deed, rollout: Rollout | None) -> Edit:
    """Another document, for all clusters at once or by a rollout; the same one again changes nothing.

    Args:
        rollout: how it reaches the clusters, its versions still unknown; None: all of them at once.
    """

    async def edit(connection: AsyncConnection, before: StoredPolicy | None, revision: int) -> None:
        policy = _there(before)
        if policy.on_its_way is not None and rollout is not None:
            if await _digest(connection, policy.name, policy.on_its_way.to_version) == digest_of(document):
                return
            raise NotPossible(f"version {policy.on_its_way.to_version} of {policy.name} is on its way; end it first")
        await _end_rollout(connection, policy, revision, RolloutState.ABORTED, "replaced at once")
        in_force = policy.in_force.version
        if digest_of(document) == policy.in_force.digest:
            return
        version = await _keep_version(connection, policy.name, document, deed)
        if rollout is not None and rollout.order:
            coming = replace(rollout, policy=policy.name, from_version=in_force, to_version=version, revision=revision)
            await connection.execute(insert(PolicyRolloutTable).values(**rollout_row(begin(coming))))
            version = in_force
        await _touch(connection, policy.name, revision, version)

    return edit


def remove() -> Edit:
    """No policy of that name any more; its versions stay."""

    async def edit(connection: AsyncConnection, before: StoredPolicy | None, revision: int) -> None:
        policy = _there(before)
        if policy.bindings:
            told = ", ".join(binding.target for binding in policy.bindings)
            raise NotPossible(f"policy {policy.name} is bound to {told}; unbind it first")
        await _end_rollout(connection, policy, revision, RolloutState.ABORTED, "the policy was deleted")
        await connection.execute(delete(PolicyTable).where(PolicyTable.name == policy.name))

    return edit


def bind(binding: Binding) -> Edit:
    """A policy for a target; from now on it is no other one's."""

    async def edit(connection: AsyncConnection, before: StoredPolicy | None, revision: int) -> None:
        policy = _there(before)
        await connection.execute(delete(PolicyBindingTable).where(PolicyBindingTable.target == binding.target))
        selector = None if binding.selector is None else str(binding.selector)
        row = {"policy": policy.name, "cluster_id": binding.cluster_id, "selector": selector}
        await connection.execute(insert(PolicyBindingTable).values(target=binding.target, **row))
        await _touch(connection, policy.name, revision, policy.in_force.version)

    return edit


def unbind(binding: Binding) -> Edit:
    """A target without this policy."""

    async def edit(connection: AsyncConnection, before: StoredPolicy | None, revision: int) -> None:
        policy = _there(before)
        targets = [one.target for one in policy.bindings]
        if binding.target not in targets:
            raise UnknownName(f"binding of policy {policy.name}", binding.target, targets)
        await connection.execute(delete(PolicyBindingTable).where(PolicyBindingTable.target == binding.target))
        await _touch(connection, policy.name, revision, policy.in_force.version)

    return edit


def put_rollout(rollout: Rollout) -> Edit:
    """A rollout that went on, ended, or was settled; the new version is in force when it is done.

    ``rollout.revision`` is the one that was read: whoever else changed it meanwhile wins.
    """

    async def edit(connection: AsyncConnection, before: StoredPolicy | None, revision: int) -> None:
        policy = _there(before)
        current = policy.rollout
        if current is None or (current.id, current.revision) != (rollout.id, rollout.revision):
            raise Outdated(f"the rollout of policy {policy.name} was changed meanwhile; read it again")
        written = rollout_row(replace(rollout, revision=revision))
        await connection.execute(
            update(PolicyRolloutTable).where(PolicyRolloutTable.id == rollout.id).values(**written)
        )
        done = current.active and rollout.state is RolloutState.DONE
        version = rollout.to_version if done else policy.in_force.version
        await _touch(connection, policy.name, revision, version)

    return edit


def _there(policy: StoredPolicy | None) -> StoredPolicy:
    if policy is None:
        raise NotPossible("the policy is gone; list the policies there are")
    return policy


async def _keep_version(connection: AsyncConnection, name: str, document: Mapping[str, Any], deed: Deed) -> int:
    """Numbers go on after those of a policy of the same name that was deleted."""
    newest = select(func.max(PolicyVersionTable.version)).where(PolicyVersionTable.policy == name)
    version = (await connection.scalar(newest) or 0) + 1
    told = {"document": dict(document), "author": deed.actor, "at": deed.at, "digest": digest_of(document)}
    await connection.execute(insert(PolicyVersionTable).values(policy=name, version=version, **told))
    return version


async def _digest(connection: AsyncConnection, name: str, version: int) -> str | None:
    there = PolicyVersionTable.policy == name, PolicyVersionTable.version == version
    return await connection.scalar(select(PolicyVersionTable.digest).where(*there))


async def _touch(connection: AsyncConnection, name: str, revision: int, version: int) -> None:
    there = PolicyTable.name == name
    await connection.execute(update(PolicyTable).where(there).values(revision=revision, version=version))


async def _end_rollout(
    connection: AsyncConnection, policy: StoredPolicy, revision: int, state: RolloutState, reason: str
) -> None:
    rollout = policy.on_its_way
    if rollout is None:
        return
    ended = rollout_row(replace(rollout, state=state, reason=reason, revision=revision))
    await connection.execute(update(PolicyRolloutTable).where(PolicyRolloutTable.id == rollout.id).values(**ended))

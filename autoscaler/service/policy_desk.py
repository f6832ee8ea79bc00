"""Where people write policies, bind clusters to them and steer rollouts."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from autoscaler.config import policy_from
from autoscaler.core.ports import Clock
from autoscaler.core.rollout import Ring, Rollout, RolloutState, next_ring, rollout_order
from autoscaler.core.selectors import Binding, Selector, bound_policy
from autoscaler.documents.source import Source
from autoscaler.errors import NotPossible, UnknownName
from autoscaler.observability.events import Kind
from autoscaler.service.clock import SystemClock
from autoscaler.service.configured import Bindings
from autoscaler.service.feed import Feed
from autoscaler.service.policy_plans import Plan, look
from autoscaler.service.policy_reading import misfits, read_policy
from autoscaler.service.settings import ClusterSettings
from autoscaler.storage.audit import Deed
from autoscaler.storage.database import Database
from autoscaler.storage.once import Once
from autoscaler.storage.policies import Edit, Policies
from autoscaler.storage.policy_edits import bind, create, put_rollout, remove, replace_with, unbind
from autoscaler.storage.policy_entries import StoredPolicy
from autoscaler.storage.repositories import Journal

MOST_TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Who writes, what for, and what he has seen: ``expected`` is the revision, None any."""

    actor: str
    request_id: str
    expected: int | None = None
    once: Once | None = None


class PolicyDesk:
    """Takes what people write about policies; ``clusters`` are those of the fleet now."""

    def __init__(
        self,
        database: Database,
        *,
        journal: Journal,
        clusters: Callable[[], Iterable[ClusterSettings]],
        clock: Clock,
        rings: tuple[Ring, ...],
        most_rise_fraction: float,
        feed: Feed | None = None,
    ) -> None:
        self.policies = Policies(database)
        self._journal = journal
        self._clusters = clusters
        self._clock = clock
        self._rings = rings
        self._most_rise_fraction = most_rise_fraction
        self._feed = feed or Feed()

    def clusters(self) -> tuple[ClusterSettings, ...]:
        """Those of the fleet now, under the policies of their settings."""
        return tuple(self._clusters())

    async def bound(self, name: str) -> tuple[ClusterSettings, ...]:
        """The clusters that a policy decides about."""
        bindings = (await self.policies.book()).bindings
        return tuple(one for one in self._clusters() if bound_policy(one.id, one.tags, bindings) == name)

    async def create(self, name: str, text: str, written: Written) -> StoredPolicy:
        """A policy that nobody is bound to yet.

        Raises:
            InvalidDocument: with every mistake.
            NotPossible: there is one of that name.
        """
        content = await read_policy(name, text)
        deed = _deed(written, "policy.create")
        return await self._change(name, create(name, content, deed), deed, written)

    async def replace(self, name: str, text: str, written: Written, *, at_once: bool) -> StoredPolicy:
        """A new version; it reaches the clusters ring by ring, or all at once.

        Raises:
            InvalidDocument: with every mistake.
            NotPossible: it does not fit a cluster, or another version is on its way.
        """
        content = await read_policy(name, text)
        await self._demand_fits(name, content, await self.bound(name))
        deed = _deed(written, "policy.replace")
        rollout = None if at_once else await self._rollout(name)
        return await self._change(name, replace_with(content, deed, rollout), deed, written)

    async def roll_back(self, name: str, version: int, written: Written) -> StoredPolicy:
        """The document of an earlier version as a new one, for all clusters at once: who rolls back is in a hurry.

        Raises:
            UnknownName: there is no such version.
        """
        document = (await self.policies.version(name, version)).document
        await self._demand_fits(name, document, await self.bound(name))
        deed = _deed(written, "policy.rollback")
        return await self._change(name, replace_with(document, deed, None), deed, written)

    async def delete(self, name: str, written: Written) -> StoredPolicy:
        """The policy as it was.

        Raises:
            NotPossible: something is bound to it.
        """
        return await self._change(name, remove(), _deed(written, "policy.delete"), written)

    async def bind(self, binding: Binding, written: Written) -> StoredPolicy:
        """The policy counts for the target from the next tick on.

        Raises:
            UnknownName: there is no such policy or cluster.
            NotPossible: some cluster would be bound to two policies alike, or cannot be under this one.
        """
        stored = await self.policies.get(binding.policy)
        clusters = self._demand_known(binding.cluster_id)
        others = [one for one in (await self.policies.book()).bindings if one.target != binding.target]
        meant = [one for one in clusters if bound_policy(one.id, one.tags, [*others, binding]) == binding.policy]
        await self._demand_fits(binding.policy, stored.in_force.document, meant)
        return await self._change(binding.policy, bind(binding), _deed(written, "policy.bind"), written)

    async def unbind(self, binding: Binding, written: Written) -> StoredPolicy:
        """The policy no longer counts for the target.

        Raises:
            UnknownName: it did not.
        """
        return await self._change(binding.policy, unbind(binding), _deed(written, "policy.unbind"), written)

    async def plan(
        self, name: str, text: str, *, cluster_id: str | None, selector: Selector | None, days: float, most: int
    ) -> Plan:
        """What a document would change for the clusters of a policy, and for those that would be bound to it.

        Args:
            days: so much of the kept samples is lived through again; 0: none.
            most: so many clusters are looked at.

        Raises:
            InvalidDocument: with every mistake.
        """
        self._demand_known(cluster_id)
        content = await read_policy(name, text)
        document = policy_from(Source(file=name, folder=None, content=content)).model_copy(update={"name": name})
        bindings = Bindings(self.policies)
        await bindings.refresh()
        asked = Binding(policy=name, cluster_id=cluster_id, selector=selector)
        more = (asked,) if cluster_id is not None or selector is not None else ()
        known = [one for one in bindings.book.bindings if not more or one.target != asked.target]
        meant = [one for one in self._clusters() if bound_policy(one.id, one.tags, [*known, *more]) == name]
        now = [(one, bindings.settings_of(one)) for one in meant[:most]]
        looks = [await look(self._journal, one, in_force, document, days=days) for one, in_force in now]
        newest = await self.policies.versions(name, limit=1)
        return Plan(
            policy=name,
            document=content,
            newest_digest=newest[0].digest if newest else None,
            looks=tuple(looks),
            left_out=len(meant) - len(looks),
        )

    async def steer(self, name: str, order: str, written: Written) -> StoredPolicy:
        """Pause, resume, abort or force what is on its way.

        Raises:
            NotPossible: nothing is, or it is not in the state for that.
        """
        rollout = (await self.policies.get(name)).on_its_way
        if rollout is None:
            raise NotPossible(f"no version of policy {name} is on its way")
        after = self._steered(rollout, order, written.actor)
        return await self._change(name, put_rollout(after), _deed(written, f"rollout.{order}"), written)

    def _steered(self, rollout: Rollout, order: str, actor: str) -> Rollout:
        told = f"by {actor}"
        match order, rollout.state:
            case "pause", RolloutState.RUNNING:
                return replace(rollout, state=RolloutState.PAUSED, reason=f"paused {told}")
            case "resume", RolloutState.PAUSED:
                return replace(rollout, state=RolloutState.RUNNING, ring_at=self._clock.now(), reason=f"resumed {told}")
            case "abort", _:
                return replace(rollout, state=RolloutState.ABORTED, reason=f"aborted {told}")
            case "force", _:
                forced = next_ring(replace(rollout, state=RolloutState.RUNNING), self._clock.now())
                return replace(forced, reason=f"{forced.reason}; forced {told}")
        raise NotPossible(f"the rollout of policy {rollout.policy} is {rollout.state}; it cannot be told to {order}")

    def _demand_known(self, cluster_id: str | None) -> tuple[ClusterSettings, ...]:
        clusters = self.clusters()
        if cluster_id is not None and cluster_id not in [one.id for one in clusters]:
            raise UnknownName("cluster", cluster_id, (one.id for one in clusters))
        return clusters

    async def _rollout(self, name: str) -> Rollout:
        now = self._clock.now()
        return Rollout(
            policy=name,
            from_version=0,
            to_version=0,
            rings=self._rings,
            most_rise_fraction=self._most_rise_fraction,
            order=rollout_order(name, (one.id for one in await self.bound(name))),
            started_at=now,
            ring_at=now,
        )

    async def _demand_fits(self, name: str, content: Mapping[str, Any], clusters: Iterable[ClusterSettings]) -> None:
        told = await asyncio.to_thread(misfits, name, content, tuple(clusters))
        if told:
            more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
            raise NotPossible("; ".join(told[:MOST_TOLD]) + more)

    async def _change(self, name: str, edit: Edit, deed: Deed, written: Written) -> StoredPolicy:
        stored = await self.policies.change(name, edit, deed, expected=written.expected, once=written.once)
        text = f"{written.actor}: {deed.action} {name}"
        self._feed.emit(Kind.POLICY_CHANGED, text, policy=name, action=deed.action, actor=written.actor)
        return stored


def _deed(written: Written, action: str) -> Deed:
    return Deed(at=SystemClock().now(), actor=written.actor, request_id=written.request_id, action=action)

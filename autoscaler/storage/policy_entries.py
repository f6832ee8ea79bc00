"""Stored policies as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autoscaler.core.rollout import Rollout
from autoscaler.core.selectors import Binding, bound_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """What somebody once wrote for a policy; ``digest`` is the SHA-256 of the document."""

    policy: str
    version: int
    document: dict[str, Any]
    author: str
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPolicy:
    """A policy as it stands; ``rollout`` is its latest one, arrived or not, and ``newest`` its newest version."""

    name: str
    revision: int
    in_force: PolicyVersion
    newest: int
    bindings: tuple[Binding, ...] = ()
    rollout: Rollout | None = None

    @property
    def on_its_way(self) -> Rollout | None:
        """The rollout that has not ended."""
        return self.rollout if self.rollout is not None and self.rollout.active else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyBook:
    """All policies at one moment, and the versions that are on their way.

    ``named`` is the policy of each cluster that is bound by its id, ``selecting`` are the other bindings; ``touched``
    are the clusters that a version on its way has reached. A fleet of thousands looks itself up in them.
    """

    revision: int = 0
    policies: Mapping[str, StoredPolicy]
    named: Mapping[str, str]
    selecting: tuple[Binding, ...]
    coming: Mapping[str, PolicyVersion]
    touched: Mapping[str, frozenset[str]]

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Who is bound to which policy."""
        return tuple(binding for policy in self.policies.values() for binding in policy.bindings)

    def in_force_for(self, cluster_id: str, tags: Mapping[str, str]) -> PolicyVersion | None:
        """The version that decides about a cluster; None: it is bound to no policy.

        Raises:
            NotPossible: selectors that are equally specific name different policies.
        """
        name = self.named.get(cluster_id) or bound_policy(cluster_id, tags, self.selecting)
        if name is None:
            return None
        return self.coming[name] if cluster_id in self.touched.get(name, ()) else self.policies[name].in_force


def book_of(policies: Iterable[StoredPolicy], coming: Iterable[PolicyVersion], *, revision: int) -> PolicyBook:
    """A book of these policies, and of the versions that are on their way."""
    found = {policy.name: policy for policy in policies}
    bindings = [binding for policy in found.values() for binding in policy.bindings]
    on_their_way = {name: policy.on_its_way for name, policy in found.items()}
    return PolicyBook(
        revision=revision,
        policies=found,
        named={one.cluster_id: one.policy for one in bindings if one.cluster_id is not None},
        selecting=tuple(one for one in bindings if one.cluster_id is None),
        coming={version.policy: version for version in coming},
        touched={name: frozenset(rollout.touched) for name, rollout in on_their_way.items() if rollout is not None},
    )


NO_POLICIES = book_of((), (), revision=0)

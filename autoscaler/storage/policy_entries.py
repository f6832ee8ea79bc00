"""Stored policies as values."""

from collections.abc import Mapping
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
    """All policies at one moment, who is bound to them, and the versions that are on their way."""

    revision: int = 0
    policies: Mapping[str, StoredPolicy]
    bindings: tuple[Binding, ...] = ()
    coming: Mapping[str, PolicyVersion]

    def in_force_for(self, cluster_id: str, tags: Mapping[str, str]) -> PolicyVersion | None:
        """The version that decides about a cluster; None: it is bound to no policy.

        Raises:
            NotPossible: selectors that are equally specific name different policies.
        """
        name = bound_policy(cluster_id, tags, self.bindings)
        if name is None:
            return None
        rollout = self.policies[name].on_its_way
        return self.coming[name] if rollout and cluster_id in rollout.touched else self.policies[name].in_force


NO_POLICIES = PolicyBook(policies={}, coming={})

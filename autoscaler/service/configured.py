"""What is in force for a cluster: its settings, and the stored policy that it is bound to."""

from dataclasses import dataclass
from typing import Any

import structlog

from autoscaler.config import PolicyDocument, policy_from
from autoscaler.documents.notify import NotifyDocument
from autoscaler.documents.renamed import as_called_now
from autoscaler.documents.source import Source
from autoscaler.errors import InvalidInput
from autoscaler.service.settings import ClusterSettings
from autoscaler.storage.policies import Policies
from autoscaler.storage.policy_entries import NO_POLICIES, PolicyBook, PolicyVersion

log = structlog.get_logger(__name__)


class ConfiguredCluster(ClusterSettings):
    """A cluster's settings as decisions refer to them; ``policy_version`` None: the policy is its settings' own."""

    policy_version: int | None = None

    def check(self) -> None:
        """Whether it can decide.

        Raises:
            InvalidInput: it cannot; most often the policy's limits do not fit those of the cluster.
        """
        document = self.policy_document()
        document.build_policy(), document.build_rules(), document.build_forecaster(), document.build_signals()
        self.cluster_document().build_limits()


def document_of(version: PolicyVersion) -> PolicyDocument:
    """The policy of a version, under the name it is stored by.

    Raises:
        InvalidDocument: what was right when it was stored no longer is.
    """
    told = f"{version.policy}, version {version.version}"
    document = policy_from(Source(file=told, folder=None, content=as_called_now(version.document)))
    return document.model_copy(update={"name": version.policy})


def configured(one: ClusterSettings, policy: PolicyDocument | None, version: int | None) -> ConfiguredCluster:
    """A cluster under a policy, or under that of its settings.

    Raises:
        InvalidInput: the policy cannot be used for it.
    """
    given: dict[str, Any] = {name: getattr(one, name) for name in ClusterSettings.model_fields}
    if policy is None:
        return ConfiguredCluster(**given)
    found = ConfiguredCluster(**{**given, "policy": policy, "policy_version": version})
    found.check()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _InForce:
    """What was made of a cluster's settings; the same again, until they or the version are others."""

    settings: ClusterSettings
    version: PolicyVersion | None
    found: ConfiguredCluster


class Bindings:
    """Which policy decides about which cluster, as of the latest look at the store."""

    def __init__(self, policies: Policies) -> None:
        self.book: PolicyBook = NO_POLICIES
        self._policies = policies
        self._in_force: dict[str, _InForce] = {}
        self._documents: dict[tuple[str, int], PolicyDocument] = {}
        self._unusable: dict[str, str] = {}

    async def refresh(self) -> bool:
        """Look whether anything was written about policies; whether there was.

        Raises:
            StorageError: the store cannot be read.
        """
        if await self._policies.revision() == self.book.revision:
            return False
        self.book = await self._policies.book()
        return True

    def settings_of(self, one: ClusterSettings) -> ConfiguredCluster:
        """What is in force for a cluster.

        A stored policy that cannot be used leaves the one that decided before, or else that of the settings.
        """
        known = self._in_force.get(one.id)
        try:
            version = self.book.in_force_for(one.id, one.tags)
            if known is not None and known.settings is one and known.version == version:
                return known.found
            policy = None if version is None else self._document(version)
            found = configured(one, policy, None if version is None else version.version)
        except InvalidInput as problem:
            self._tell_once(one.id, str(problem))
            return configured(one, None, None) if known is None else known.found
        self._unusable.pop(one.id, None)
        self._in_force[one.id] = _InForce(settings=one, version=version, found=found)
        return found

    def changed(self, one: ClusterSettings) -> bool:
        """Whether another policy or version is in force than when its settings were last asked for."""
        try:
            version = self.book.in_force_for(one.id, one.tags)
        except InvalidInput as problem:
            self._tell_once(one.id, str(problem))
            return False
        before = self._in_force.get(one.id)
        return before is None or _key(before.version) != _key(version)

    def wishes(self, cluster_id: str) -> tuple[NotifyDocument, ...] | None:
        """Whom the policy in force wants told of a cluster; None where nobody has asked for its settings yet."""
        found = self._in_force.get(cluster_id)
        return None if found is None else found.found.policy.notify

    def _document(self, version: PolicyVersion) -> PolicyDocument:
        """Read once for all clusters: calendars take a while, and a version never changes."""
        key = version.policy, version.version
        if key not in self._documents:
            self._documents[key] = document_of(version)
        return self._documents[key]

    def _tell_once(self, cluster_id: str, reason: str) -> None:
        if self._unusable.get(cluster_id) != reason:
            self._unusable[cluster_id] = reason
            log.warning("policy_unusable", cluster=cluster_id, reason=reason)


def _key(version: PolicyVersion | None) -> tuple[str, int] | None:
    return None if version is None else (version.policy, version.version)

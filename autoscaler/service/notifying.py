"""Makes the targets of notifications of the settings, and knows which policies want which of them told."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

import structlog

from autoscaler.adapters.sns import Topic
from autoscaler.adapters.webhooks import Slack, Webhook
from autoscaler.documents.notify import NotifyDocument, TargetDocument
from autoscaler.errors import UnknownName
from autoscaler.observability.events import Event
from autoscaler.service.clock import SystemClock
from autoscaler.service.notifier import Messenger, Target

Routes = Mapping[str, tuple[NotifyDocument, ...]]
InForce = Callable[[str], tuple[NotifyDocument, ...] | None]

log = structlog.get_logger(__name__)


class Wishes:
    """Whom the policies want told: those in force, or until they are known those of the settings."""

    def __init__(self, targets: Iterable[str], own: Routes, in_force: InForce = lambda cluster_id: None) -> None:
        """``own`` are the wishes of the settings, by cluster.

        Raises:
            UnknownName: one of them names a target that there is not.
        """
        self._targets = frozenset(targets)
        self._own = own
        self._in_force = in_force
        self._unknown: set[str] = set()
        for wish in chain.from_iterable(own.values()):
            if wish.target not in self._targets:
                raise UnknownName("notification target", wish.target, self._targets)

    def of(self, cluster_id: str) -> tuple[NotifyDocument, ...]:
        """What is wished for a cluster; a stored policy may name a target that there is not, which is said once."""
        found = self._in_force(cluster_id)
        wishes = self._own.get(cluster_id, ()) if found is None else found
        for wish in wishes:
            if wish.target not in self._targets | self._unknown:
                self._unknown.add(wish.target)
                log.warning("target_unknown", target=wish.target, cluster=cluster_id)
        return wishes


def make_targets(documents: Iterable[TargetDocument], wishes: Wishes) -> tuple[Target, ...]:
    """Everybody who can be told.

    Raises:
        InvalidInput: a URL or a secret cannot be read.
    """
    return tuple(
        Target(name=one.name, messenger=make_messenger(one), wants=_Interest(one, wishes).covers) for one in documents
    )


def make_messenger(document: TargetDocument) -> Messenger:
    """Who carries messages to a target.

    Raises:
        InvalidInput: its URL or its secret cannot be read.
    """
    if document.kind == "sns":
        return Topic(document.topic_arn or "", region=document.region)
    url, private = document.read_url(), document.private_addresses
    if document.kind == "slack":
        return Slack(url, private_addresses=private)
    return Webhook(url, secret=document.read_secret(), private_addresses=private, now=SystemClock().now)


class _Interest:
    """What a target wants to hear of: all that it asked for itself, and what policies ask for in its name."""

    def __init__(self, document: TargetDocument, wishes: Wishes) -> None:
        self._document = document
        self._wishes = wishes

    def covers(self, event: Event) -> bool:
        """Whether it shall be told of an event."""
        document = self._document
        if document.everything and document.wants(event):
            return True
        wishes = self._wishes.of(event.cluster_id)
        return any(wish.target == document.name and wish.wants(event) for wish in wishes)

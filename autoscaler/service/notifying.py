"""Makes the targets of notifications of the settings, and knows which policies want which of them told."""

from collections.abc import Iterable, Mapping

from autoscaler.adapters.sns import Topic
from autoscaler.adapters.webhooks import Slack, Webhook
from autoscaler.documents.notify import NotifyDocument, TargetDocument
from autoscaler.errors import UnknownName
from autoscaler.observability.events import Event
from autoscaler.service.clock import SystemClock
from autoscaler.service.notifier import Messenger, Target

Routes = Mapping[str, tuple[NotifyDocument, ...]]


def make_targets(documents: Iterable[TargetDocument], routes: Routes) -> tuple[Target, ...]:
    """Everybody who can be told; ``routes`` are the wishes of the policies, by cluster.

    Raises:
        InvalidInput: a URL or a secret cannot be read.
        UnknownName: a policy names a target that there is not.
    """
    documents = tuple(documents)
    known = [one.name for one in documents]
    for wishes in routes.values():
        for wish in wishes:
            if wish.target not in known:
                raise UnknownName("notification target", wish.target, known)
    return tuple(
        Target(name=one.name, messenger=make_messenger(one), wants=_Interest(one, routes).covers) for one in documents
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

    def __init__(self, document: TargetDocument, routes: Routes) -> None:
        self._document = document
        self._routes = routes

    def covers(self, event: Event) -> bool:
        """Whether it shall be told of an event."""
        document = self._document
        if document.everything and document.wants(event):
            return True
        wishes = self._routes.get(event.cluster_id, ())
        return any(wish.target == document.name and wish.wants(event) for wish in wishes)

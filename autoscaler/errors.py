"""Everything that can go wrong on purpose, as one tree.

AutoscalerError
├── InvalidInput         what a user gave cannot be used (CLI: exit 2, API: 4xx)
│   ├── UnknownName      a name that is not registered; the message lists what exists
│   ├── InvalidDocument  a file with mistakes, all of them at once
│   ├── Outdated         it was changed meanwhile; read it again
│   ├── AlreadyUsed      an idempotency key that was used for something else
│   ├── NotPossible      it cannot be done as things are now
│   └── NotThere         the service has nothing at that place
├── ClusterError         a cluster or its provider refused or did not answer
│   ├── ClusterBusy      it is still busy with an earlier change; ask again later
│   ├── ClusterThrottled  the provider takes no more calls from us for a moment; nothing was done
│   ├── ClusterForbidden  the provider does not allow us a call; the message names its action
│   └── ClusterGone      it does not exist (any more)
├── ServiceError         the service could not be reached, or made a mistake (CLI: exit 1)
├── NotDelivered         nobody could be told of an event
├── AccessDenied         the service wants another token (CLI: exit 3)
└── StorageError         the database cannot be used as it is
    └── LeaseLost        another replica acts, or may act by now

A message names the thing, its value and what to do.
"""

from collections.abc import Iterable


class AutoscalerError(Exception):
    """The root: catch this and nothing wider."""


class InvalidInput(AutoscalerError):
    """What a user gave cannot be used; nothing has been applied."""


class UnknownName(InvalidInput):
    """A name nobody registered.

    Args:
        kind: what was looked for, in the singular, e.g. ``policy``.
        name: what was asked for.
        known: what exists.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(f"no {kind} named '{name}'; there are: {', '.join(self.known)}")

    def __reduce__(self) -> tuple[type["UnknownName"], tuple[str, str, tuple[str, ...]]]:
        # Between processes an exception is otherwise made anew from its message alone.
        return type(self), (self.kind, self.name, self.known)


class InvalidDocument(InvalidInput):
    """A file with mistakes; each knows its line and column.

    Args:
        mistakes: all there are, in the order of the file.
    """

    def __init__(self, *mistakes: object) -> None:
        super().__init__(*mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "; ".join(str(mistake) for mistake in self.mistakes)


class Outdated(InvalidInput):
    """Somebody else changed it meanwhile; read it again and decide anew."""


class AlreadyUsed(InvalidInput):
    """An idempotency key that was used for another request."""


class NotPossible(InvalidInput):
    """Well asked, but it cannot be done as things are now."""


class NotThere(InvalidInput):
    """The service has nothing at the place that was asked for."""


class ClusterError(AutoscalerError):
    """A cluster or its provider refused or did not answer."""


class ClusterBusy(ClusterError):
    """The cluster is still busy with an earlier change."""


class ClusterThrottled(ClusterError):
    """The provider takes no more calls for a moment; it did nothing, so that the same call may be made again."""


class ClusterForbidden(ClusterError):
    """The provider does not allow us a call, which the message names."""


class ClusterGone(ClusterError):
    """The cluster does not exist (any more)."""


class ServiceError(AutoscalerError):
    """The service could not be reached, or answered with a mistake of its own."""


class AccessDenied(AutoscalerError):
    """The service does not know the token, or it is not good for what was asked."""


class NotDelivered(AutoscalerError):
    """Somebody could not be told of an event; the message holds no address, for it may be a secret.

    Args:
        again: whether another try may go better.
    """

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


class StorageError(AutoscalerError):
    """The database cannot be used as it is."""


class LeaseLost(StorageError):
    """Another replica acts, or may act by now: this one must not."""

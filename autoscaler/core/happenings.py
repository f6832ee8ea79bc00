"""What a provider says has happened to a cluster, whoever did it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """A closed list; what is not in it is not told."""

    PAUSING = "pausing"
    PAUSED = "paused"
    PAUSE_CANCELLED = "pause-cancelled"
    RESUMING = "resuming"
    RESUMED = "resumed"
    FAILED_OVER = "failed-over"
    DELETED = "deleted"
    UNSCALABLE = "unscalable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened ``at`` a moment to ``source``, an instance or the cluster, in the provider's words."""

    at: datetime
    what: What
    source: str
    text: str

"""What the API tells of events."""

from datetime import datetime
from typing import Any

from pydantic import Field

from autoscaler.api.schemas import Schema
from autoscaler.observability.events import Kind, Severity
from autoscaler.storage.events import KeptEvent


class EventLine(Schema):
    """Something that happened."""

    id: int = Field(description="Grows with every event; what Last-Event-ID means.")
    at: datetime = Field(description="Cluster time.")
    kind: Kind
    severity: Severity
    cluster_id: str | None = Field(description="Whom it happened to; null: the service.")
    text: str = Field(description="One sentence for people.")
    details: dict[str, Any] = Field(description="What a program may want to know of it.")


class EventPage(Schema):
    """Some events, newest first."""

    items: tuple[EventLine, ...]
    next: str | None = Field(description="Where the next page is; null at the end.")


def event_line(kept: KeptEvent) -> EventLine:
    """An event as it is told."""
    event = kept.event
    return EventLine(
        id=kept.id,
        at=event.at,
        kind=event.kind,
        severity=event.severity,
        cluster_id=event.cluster_id or None,
        text=event.text,
        details=dict(event.details),
    )

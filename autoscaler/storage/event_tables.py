"""The table of what happened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from autoscaler.storage.tables import Table


class EventTable(Table):
    """Events in the order of their ids; an empty ``cluster_id`` is the service itself."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_cluster_id_id", "cluster_id", "id"),
        Index("ix_events_kind_id", "kind", "id"),
        Index("ix_events_at", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    cluster_id: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    details: Mapped[dict[str, Any]]

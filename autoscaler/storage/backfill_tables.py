"""The table of pasts that are read from providers."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from autoscaler.storage.tables import Table


class BackfillTable(Table):
    """How far the past of a cluster is read: up to ``upto`` of what lies ``before`` its first sample seen live."""

    __tablename__ = "backfills"

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    before: Mapped[datetime]
    upto: Mapped[datetime | None]
    samples: Mapped[int]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

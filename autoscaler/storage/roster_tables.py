"""Which clusters there are, and what was pushed of those that nobody can ask."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from autoscaler.storage.tables import Table


class RosterTable(Table):
    """The clusters of the fleet; ``revision`` grows with every write, over all clusters, as that of the orders does.

    A removed one stays, so that the settings file does not bring it back.
    """

    __tablename__ = "roster"

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(unique=True)
    origin: Mapped[str]
    document: Mapped[dict[str, Any]]
    registered_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    found: Mapped[dict[str, Any] | None]


class PushedSampleTable(Table):
    """Samples that somebody sent; the ticks take them from here, some days later they are forgotten."""

    __tablename__ = "pushed_samples"
    __table_args__ = ({"sqlite_with_rowid": False},)

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    sample: Mapped[dict[str, Any]]


class PushedRangeTable(Table):
    """The range that is in force at a cluster, as whoever sends its samples told it last."""

    __tablename__ = "pushed_ranges"

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    told_at: Mapped[datetime]
    range: Mapped[dict[str, Any]]

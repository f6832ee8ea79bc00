"""The table of what policies cost and throttled, by day."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from autoscaler.storage.tables import Table


class ScoreTable(Table):
    """One policy on one cluster on one day (UTC); ``policy`` is a shadow's name or a reserved one."""

    __tablename__ = "scores"
    __table_args__ = ({"sqlite_with_rowid": False},)

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    day: Mapped[datetime] = mapped_column(primary_key=True)
    policy: Mapped[str] = mapped_column(primary_key=True)
    seconds: Mapped[float]
    acu_hours: Mapped[float]
    work_acu_hours: Mapped[float]
    throttled_acu_hours: Mapped[float]
    changes: Mapped[int]
    cold_hits: Mapped[int]
    awake_idle_seconds: Mapped[float] = mapped_column(server_default="0")
    idle_acu_hours: Mapped[float] = mapped_column(server_default="0")
    paused_seconds: Mapped[float] = mapped_column(server_default="0")
    waited_seconds: Mapped[float] = mapped_column(server_default="0")

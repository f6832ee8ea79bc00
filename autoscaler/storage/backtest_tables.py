"""The table of backtests that were ordered over HTTP."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from autoscaler.storage.tables import Table


class BacktestTable(Table):
    """A backtest from order to report. ``seen_at`` is when whoever runs it last gave a sign of life; real time."""

    __tablename__ = "backtests"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    actor: Mapped[str]
    cluster_id: Mapped[str | None]
    order: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(index=True)
    doing: Mapped[str | None]
    progress_fraction: Mapped[float]
    owner: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    report: Mapped[str | None]

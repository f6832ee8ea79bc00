"""The table of what was learned about the sleep of clusters."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from autoscaler.storage.tables import Table


class SleepTable(Table):
    """Of each cluster the models of its use and its resumes, as they were ``at``: JSON, arrays packed in texts."""

    __tablename__ = "sleep_states"

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    at: Mapped[datetime]
    state: Mapped[dict[str, Any]]

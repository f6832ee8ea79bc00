"""The tables of those who steer: their orders, their tokens, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from autoscaler.storage.tables import Table


class ControlTable(Table):
    """What is ordered for a cluster; ``revision`` grows with every write, over all clusters.

    It is unique: of two processes that write at once one fails, and none is overlooked by those who read what is newer.
    """

    __tablename__ = "controls"

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(unique=True)
    orders: Mapped[dict[str, Any]]


class TokenTable(Table):
    """Access tokens; of the secret only its hash is kept."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    hash: Mapped[str]
    scope: Mapped[str]
    clusters: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AuditTable(Table):
    """Every write: who, what, before and after. A trigger refuses to change or delete a line."""

    __tablename__ = "audit"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    request_id: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class KeptAnswerTable(Table):
    """Answers to writes with an idempotency key: who sends it again gets the same one."""

    __tablename__ = "kept_answers"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    fingerprint: Mapped[str]
    answer: Mapped[dict[str, Any]]

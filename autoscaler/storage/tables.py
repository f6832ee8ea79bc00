"""The tables. Times are UTC, capacities in ACU, JSON columns hold core values in their plain form."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, MetaData, TypeDecorator, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Named, so that a later migration can drop them on every database.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


# Word for word in an index and in the query that uses it: SQLite looks no deeper.
ACTED = "state in ('planned', 'applied', 'refused', 'failed')"


class Moment(TypeDecorator[datetime]):
    """An aware datetime; SQLite forgets the zone, so that it goes in and comes out as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON}  # noqa: RUF012 - SQLAlchemy's name and shape


class ClusterTable(Table):
    """Clusters by id; ``started_at`` is when the service first had them.

    What follows is retention's: the ACU-hours that the kept samples no longer show, and up to when samples have
    been rolled up and decisions thinned, so that nothing is looked at twice.
    """

    __tablename__ = "clusters"

    id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    forgotten_acu_hours: Mapped[float] = mapped_column(server_default=text("0"))
    five_minutes_until: Mapped[datetime | None]
    hours_until: Mapped[datetime | None]
    thinned_until: Mapped[datetime | None]


class LeaseTable(Table):
    """Who acts. ``token`` grows with every change of hands, so that a write with an older one can be refused."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[int]
    holder: Mapped[str | None]
    expires_at: Mapped[datetime | None]


class DocumentTable(Table):
    """What was configured for a cluster from ``at`` on; the newest is in force, and no decision forgets its own."""

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), index=True)
    at: Mapped[datetime]
    document: Mapped[dict[str, Any]]


class SampleTable(Table):
    """Samples as the outlook took them; ``seen_at`` is the tick that saw one first."""

    __tablename__ = "samples"
    __table_args__ = ({"sqlite_with_rowid": False},)

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
    seconds: Mapped[float]
    demand_acu: Mapped[float | None]
    censored: Mapped[bool]
    capacity_acu: Mapped[float | None]
    connections: Mapped[int | None]
    queries_per_second: Mapped[float | None]
    active_sessions: Mapped[float | None]
    cache_hit_fraction: Mapped[float | None]
    reads_per_second: Mapped[float | None]
    freeable_gib: Mapped[float | None]


class ForecastTable(Table):
    """Forecasts that decisions looked at; one serves several of them."""

    __tablename__ = "forecasts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(primary_key=True)
    forecast: Mapped[dict[str, Any]]


class DecisionTable(Table):
    """The journal. One decision for a cluster at a moment: of two services that share it, only one may act."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("cluster_id", "at"),
        Index("ix_decisions_cluster_id_id", "cluster_id", "id"),
        Index(
            "ix_decisions_planned",
            "cluster_id",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
        Index("ix_decisions_acted", "at", sqlite_where=text(ACTED), postgresql_where=text(ACTED)),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cluster_id: Mapped[str] = mapped_column(ForeignKey("clusters.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    at: Mapped[datetime]
    decision: Mapped[dict[str, Any]]
    memory: Mapped[dict[str, Any]]
    inputs: Mapped[dict[str, Any]]
    state: Mapped[str]
    outcome: Mapped[str | None]
    finished_at: Mapped[datetime | None]

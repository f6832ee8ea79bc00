"""First tables: clusters, their documents, samples, forecasts and the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "clusters",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clusters"),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_documents_cluster_id_clusters"),
    )
    op.create_index("ix_documents_cluster_id", "documents", ["cluster_id"])
    op.create_table(
        "samples",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("demand_acu", sa.Double(), nullable=True),
        sa.Column("censored", sa.Boolean(), nullable=False),
        sa.Column("capacity_acu", sa.Double(), nullable=True),
        sa.Column("connections", sa.Integer(), nullable=True),
        sa.Column("queries_per_second", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("cluster_id", "at", name="pk_samples"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_samples_cluster_id_clusters"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "forecasts",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("forecast", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "made_at", name="pk_forecasts"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_forecasts_cluster_id_clusters"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("cluster_id", "at", name="uq_decisions_cluster_id_at"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_decisions_cluster_id_clusters"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_decisions_document_id_documents"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_cluster_id_id", "decisions", ["cluster_id", "id"])
    op.create_index(
        "ix_decisions_planned",
        "decisions",
        ["cluster_id"],
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )


def downgrade() -> None:
    for table in ("decisions", "forecasts", "samples", "documents", "clusters"):
        op.drop_table(table)

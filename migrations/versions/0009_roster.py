"""The roster of clusters, and samples that are pushed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "roster",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("found", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("cluster_id", name="pk_roster"),
        sa.UniqueConstraint("revision", name="uq_roster_revision"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_roster_cluster_id_clusters"),
    )
    op.create_table(
        "pushed_samples",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "at", name="pk_pushed_samples"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_pushed_samples_cluster_id_clusters"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pushed_ranges",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("range", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name="pk_pushed_ranges"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_pushed_ranges_cluster_id_clusters"),
    )


def downgrade() -> None:
    for table in ("pushed_ranges", "pushed_samples", "roster"):
        op.drop_table(table)

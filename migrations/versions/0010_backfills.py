"""How far the past of a cluster has been read from its provider, and sessions that work or wait."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("before", MOMENT, nullable=False),
        sa.Column("upto", MOMENT, nullable=True),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("cluster_id", name="pk_backfills"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_backfills_cluster_id_clusters"),
    )
    op.add_column("samples", sa.Column("active_sessions", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("samples", "active_sessions")
    op.drop_table("backfills")

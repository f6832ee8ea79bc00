"""What policies cost and throttled, by day."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBERS = ("seconds", "acu_hours", "work_acu_hours", "throttled_acu_hours")
COUNTS = ("changes", "cold_hits")


def upgrade() -> None:
    op.create_table(
        "scores",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("day", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in NUMBERS),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_scores_cluster_id_clusters"),
        sa.PrimaryKeyConstraint("cluster_id", "day", "policy", name="pk_scores"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("scores")

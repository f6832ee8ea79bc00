"""What was learned about the sleep of each cluster."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sleep_states",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name="pk_sleep_states"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_sleep_states_cluster_id_clusters"),
    )


def downgrade() -> None:
    op.drop_table("sleep_states")

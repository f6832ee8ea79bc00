"""What was learned about the sleep of each cluster, and what it costs by day."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

OF_SLEEP = ("awake_idle_seconds", "idle_acu_hours", "paused_seconds", "waited_seconds")


def upgrade() -> None:
    op.create_table(
        "sleep_states",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name="pk_sleep_states"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name="fk_sleep_states_cluster_id_clusters"),
    )
    with op.batch_alter_table("scores") as scores:
        for name in OF_SLEEP:
            scores.add_column(sa.Column(name, sa.Double(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("scores") as scores:
        for name in OF_SLEEP:
            scores.drop_column(name)
    op.drop_table("sleep_states")

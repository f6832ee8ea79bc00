"""What samples tell of the cache: hits, reads from storage, and free memory."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = ("cache_hit_fraction", "reads_per_second", "freeable_gib")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("samples", sa.Column(name, sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("samples") as samples:
        for name in COLUMNS:
            samples.drop_column(name)

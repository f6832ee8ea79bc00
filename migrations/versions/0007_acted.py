"""What was asked of the provider of late, for the caps of the fleet."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ACTED = sa.text("state in ('planned', 'applied', 'refused', 'failed')")


def upgrade() -> None:
    op.create_index("ix_decisions_acted", "decisions", ["at"], sqlite_where=ACTED, postgresql_where=ACTED)


def downgrade() -> None:
    op.drop_index("ix_decisions_acted", table_name="decisions")

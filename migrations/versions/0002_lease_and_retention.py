"""The lease that says which replica acts, and what retention has to remember."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
REMEMBERED = ("five_minutes_until", "hours_until", "thinned_until")


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.execute("insert into leases (name, token) values ('acting', 0)")
    # Plain additions: SQLite would copy the table otherwise, and what refers to it is in the way.
    op.add_column(
        "clusters", sa.Column("forgotten_acu_hours", sa.Double(), nullable=False, server_default=sa.text("0"))
    )
    for name in REMEMBERED:
        op.add_column("clusters", sa.Column(name, MOMENT, nullable=True))


def downgrade() -> None:
    for name in (*REMEMBERED, "forgotten_acu_hours"):
        op.drop_column("clusters", name)
    op.drop_table("leases")

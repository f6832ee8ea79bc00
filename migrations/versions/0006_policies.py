"""Stored policies, their versions, bindings and rollouts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NEVER_CHANGES = "a policy version never changes"


def upgrade() -> None:
    op.create_table(
        "policy_book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_book"),
    )
    op.create_table(
        "policies",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_policies"),
    )
    op.create_table(
        "policy_versions",
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("policy", "version", name="pk_policy_versions"),
    )
    op.create_table(
        "policy_bindings",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("cluster_id", sa.String(), nullable=True),
        sa.Column("selector", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("target", name="pk_policy_bindings"),
        sa.ForeignKeyConstraint(["policy"], ["policies.name"], name="fk_policy_bindings_policy_policies"),
    )
    op.create_index("ix_policy_bindings_policy", "policy_bindings", ["policy"])
    op.create_table(
        "policy_rollouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rollout", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_rollouts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_policy_rollouts_policy", "policy_rollouts", ["policy"])
    _keep_versions_as_they_are()


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in ("policy_rollouts", "policy_bindings", "policy_versions", "policies", "policy_book"):
        op.drop_table(table)
    if postgres:
        op.execute("DROP FUNCTION policy_version_never_changes()")


def _keep_versions_as_they_are() -> None:
    """Not even a mistake of ours may rewrite what was in force."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION policy_version_never_changes() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{NEVER_CHANGES}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER policy_version_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_versions "
            "FOR EACH STATEMENT EXECUTE FUNCTION policy_version_never_changes()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER policy_versions_no_{verb.lower()} BEFORE {verb} ON policy_versions "
            f"BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGES}'); END"
        )

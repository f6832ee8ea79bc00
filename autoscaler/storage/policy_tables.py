"""The tables of policies that people keep in the store, of who is bound to them, and of their way to the fleet."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from autoscaler.storage.tables import Table


class PolicyBookTable(Table):
    """One row: its ``revision`` grows with every write about policies, so that one number tells whether to look."""

    __tablename__ = "policy_book"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int]


class PolicyTable(Table):
    """Policies by name; ``version`` is in force, but where a rollout has come by."""

    __tablename__ = "policies"

    name: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    version: Mapped[int]


class PolicyVersionTable(Table):
    """What was written, for good: a trigger refuses to change or delete a version. Deleted policies leave theirs."""

    __tablename__ = "policy_versions"

    policy: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]]
    author: Mapped[str]
    at: Mapped[datetime]
    digest: Mapped[str]


class PolicyBindingTable(Table):
    """Which policy is for a cluster, or for all clusters with some tags."""

    __tablename__ = "policy_bindings"

    target: Mapped[str] = mapped_column(primary_key=True)
    policy: Mapped[str] = mapped_column(ForeignKey("policies.name"), index=True)
    cluster_id: Mapped[str | None]
    selector: Mapped[str | None]


class PolicyRolloutTable(Table):
    """New versions on their way to the clusters, and those that have arrived or not."""

    __tablename__ = "policy_rollouts"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    policy: Mapped[str] = mapped_column(index=True)
    revision: Mapped[int]
    rollout: Mapped[dict[str, Any]]

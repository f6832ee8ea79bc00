"""What keeps a cluster from pausing although its range allows it. No error is raised: it just never pauses [D]."""

from enum import StrEnum


class PauseBlocker(StrEnum):
    """Something switched on that keeps the writer and its tier 0 and 1 readers awake [D], a closed list.

    Others end by themselves, see ``Passing``.
    """

    BABELFISH = "babelfish"  # T-SQL connections
    BINLOG = "binlog"  # MySQL
    GLOBAL_DATABASE_PRIMARY = "global-database-primary"
    GLOBAL_DATABASE_SECONDARY = "global-database-secondary"
    LOGICAL_REPLICATION = "logical-replication"  # PostgreSQL
    MAINTENANCE = "maintenance"  # patching, or a person's change under way
    PROVISIONED_WRITER = "provisioned-writer"
    RDS_PROXY = "rds-proxy"
    ZERO_ETL = "zero-etl"


class Passing(StrEnum):
    """What keeps the writer awake for the moment."""

    ADMINISTRATIVE_WAKE = "administrative-wake"  # at least 20 minutes after one
    AWAKE_READER = "awake-reader"  # a reader of tier 2 to 15
    USER_CONNECTIONS = "user-connections"  # idle ones as well


# These keep readers of tiers 2 to 15 awake, too [D]; for maintenance [I].
EVERYWHERE = frozenset({PauseBlocker.GLOBAL_DATABASE_SECONDARY, PauseBlocker.MAINTENANCE, PauseBlocker.RDS_PROXY})

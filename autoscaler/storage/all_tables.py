"""Every table, whoever asks: a module of tables that nobody imports is missing in the metadata, and in backups."""

from autoscaler.storage import (
    backfill_tables,
    backtest_tables,
    control_tables,
    event_tables,
    policy_tables,
    roster_tables,
    score_tables,
    sleep_tables,
)
from autoscaler.storage.tables import Table

__all__ = [
    "Table",
    "backfill_tables",
    "backtest_tables",
    "control_tables",
    "event_tables",
    "policy_tables",
    "roster_tables",
    "score_tables",
    "sleep_tables",
]

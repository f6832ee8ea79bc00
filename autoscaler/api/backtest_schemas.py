"""Backtests as they are told."""

from datetime import datetime
from typing import Any

from pydantic import Field

from autoscaler.api.schemas import Schema
from autoscaler.storage.backtests import JobState


class Backtest(Schema):
    """A backtest from order to result; times are real."""

    id: int
    state: JobState = Field(description="`interrupted`: the process that ran it died; order it anew.")
    actor: str
    workload: str = Field(description="`scenario:NAME`, `cluster:ID` or `trace`.")
    policy: str
    cluster_id: str | None = Field(description="Whose past it runs on; null: nobody's.")
    doing: str | None = Field(description="What it is at; null: it waits, or has ended.")
    progress_fraction: float = Field(description="From 0 to 1.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None = Field(description="Why it failed.")
    summary: dict[str, Any] | None = Field(description="Its figures, as `autoscaler backtest -o json` prints them.")
    report: str | None = Field(description="Where its page is; null: there is none (yet).")


class BacktestPage(Schema):
    """Some of the backtests, newest first."""

    items: tuple[Backtest, ...]
    next: str | None = Field(description="Where the next page is; null: this is the last one.")

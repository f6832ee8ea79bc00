"""What is told of a tick: one canonical log line; a trouble that lasts is told once, and its end once."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from logging import DEBUG, WARNING
from math import isfinite
from typing import Protocol

import structlog

from autoscaler.core.budget import Spent
from autoscaler.core.capacity import Limits, Status
from autoscaler.core.control import Control, Drift
from autoscaler.core.decision import Decision
from autoscaler.core.forecast import Forecast
from autoscaler.core.ports import Policy
from autoscaler.core.samples import Sample
from autoscaler.core.working_set import WorkingSet


class Tick(Protocol):
    """What is told of one tick of one cluster; the service's reports fit."""

    @property
    def cluster_id(self) -> str: ...

    @property
    def at(self) -> datetime: ...

    @property
    def decision(self) -> Decision | None: ...

    @property
    def outcome(self) -> str | None: ...

    @property
    def seconds(self) -> float: ...

    @property
    def status(self) -> Status | None: ...

    @property
    def demand_acu(self) -> float | None: ...

    @property
    def blind_seconds(self) -> float | None: ...

    @property
    def forecast(self) -> Forecast | None: ...

    @property
    def fresh(self) -> Sequence[Sample]: ...

    @property
    def limits(self) -> Limits | None: ...

    @property
    def spent(self) -> tuple[Spent, ...]: ...

    @property
    def working_set(self) -> WorkingSet | None: ...

    @property
    def control(self) -> Control | None: ...

    @property
    def policy(self) -> Policy | None: ...

    @property
    def policy_name(self) -> str: ...

    @property
    def policy_version(self) -> int | None: ...

    @property
    def document_id(self) -> int: ...

    @property
    def drift(self) -> Drift | None: ...

    @property
    def failed(self) -> str | None: ...

    @property
    def detail(self) -> str | None: ...

    @property
    def unmeasured(self) -> str | None: ...

    @property
    def unfitted(self) -> str | None: ...


class Trouble(StrEnum):
    """What can be wrong with a tick."""

    TICK = "tick"
    METRICS = "metrics"
    FORECASTER = "forecaster"


def troubles(report: Tick) -> dict[Trouble, str | None]:
    """Why each thing that was tried went wrong; None: it went well. A failed tick tries nothing else."""
    if report.failed is not None:
        return {Trouble.TICK: report.failed}
    return {Trouble.TICK: None, Trouble.METRICS: report.unmeasured, Trouble.FORECASTER: report.unfitted}


class TickLog:
    """An observer that writes the log lines of ticks."""

    def __init__(self) -> None:
        self._log = structlog.get_logger(__name__)
        self._counts: dict[tuple[str, Trouble], int] = {}

    def ticked(self, report: Tick) -> None:
        """Tell of a tick that has just ended."""
        for trouble, reason in troubles(report).items():
            self._follow(report, trouble, reason)
        if report.failed is None:
            self._log.info("tick", **tick_line(report))

    def _follow(self, report: Tick, trouble: Trouble, reason: str | None) -> None:
        place = report.cluster_id, trouble
        before = self._counts.pop(place, 0)
        about = self._log.bind(cluster=report.cluster_id, at=report.at.isoformat(), trouble=trouble.value)
        if reason is not None:
            self._counts[place] = before + 1
            about.log(DEBUG if before else WARNING, "trouble", reason=reason, ticks=before + 1)
        elif before:
            about.info("trouble_over", ticks=before)


def tick_line(report: Tick) -> dict[str, object]:
    """The keys of the canonical line; None is unknown."""
    status, decision = report.status, report.decision
    return {
        "cluster": report.cluster_id,
        "at": report.at.isoformat(),
        "phase": status and status.phase.value,
        "demand_acu": finite(report.demand_acu),
        "ready_acu": status and finite(status.ready_acu),
        "floor_acu": status and status.range.floor_acu,
        "ceiling_acu": status and status.range.ceiling_acu,
        "blind_seconds": finite(report.blind_seconds),
        "changes": decision and decision.changes,
        "driver": decision and decision.driver,
        "decision": decision and decision.reason,
        "outcome": report.outcome,
        "detail": report.detail,
        "seconds": round(report.seconds, 6),
    }


def finite(number: float | None) -> float | None:
    """None where JSON has no word for a number."""
    return number if number is not None and isfinite(number) else None

"""What the service shows of its clusters to whoever asks: the API, the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from autoscaler.core.budget import Spent
from autoscaler.core.capacity import Limits, Range, Status
from autoscaler.core.control import Control, Drift, Mode
from autoscaler.core.decision import Decision
from autoscaler.core.forecast import Forecast
from autoscaler.core.ports import Policy
from autoscaler.core.samples import Sample
from autoscaler.core.working_set import WorkingSet
from autoscaler.storage.entries import JournalEntry
from models.cold_start import Expected

__all__ = ["ClusterView", "Fleet", "JournalEntry", "Observer", "TickReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowView:
    """What a shadow policy would have done by now; ``failed`` says why it no longer decides."""

    name: str
    range: Range | None
    reason: str | None
    failed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterView:
    """A cluster at its latest tick; None is unknown.

    ``failures`` counts the failed ticks since the last good one, ``error`` is why the latest one failed.
    ``policy_version`` is that of a stored policy; None: the policy is the one of its settings.
    ``drift`` is the change from outside that matters. ``breaker`` is closed, open or half-open.
    ``resumes`` is what its next wake will be like.
    ``acu_hours`` is the capacity of the busiest instance over all samples seen since the service has it.
    """

    cluster_id: str
    title: str
    profile: str
    policy: str
    limits: Limits
    status: Status | None
    demand_acu: float | None
    demand_at: datetime | None
    blind_seconds: float | None
    forecast: Forecast | None
    last_decision: Decision | None
    last_outcome: str | None
    last_tick_at: datetime | None
    failures: int
    error: str | None
    breaker: str
    acu_hours: float | None
    shadows: tuple[ShadowView, ...] = ()
    policy_version: int | None = None
    usd_per_acu_hour: float
    kind: str = "simulated"
    tags: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = Mode.OBSERVE
    drift: Drift | None = None
    resumes: Expected | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickReport:
    """One tick of one cluster, good or ``failed`` (why); ``seconds`` is how long it took in real time.

    ``outcome`` is the state of the decision in the journal, ``detail`` what the provider said to it.
    ``fresh`` are the samples that this tick saw first; ``limits``, ``control`` and ``policy`` what it decided under.
    ``drift`` is a change from outside that still matters.
    ``blind``: nothing fresh enough was seen, as the rules judge it.
    ``unmeasured`` tells why there were no metrics, when the cluster itself did answer; ``unfitted`` why the
    forecaster could not be fitted.
    """

    cluster_id: str
    at: datetime
    seconds: float
    failed: str | None = None
    decision: Decision | None = None
    outcome: str | None = None
    detail: str | None = None
    status: Status | None = None
    demand_acu: float | None = None
    demand_at: datetime | None = None
    blind_seconds: float | None = None
    blind: bool = False
    forecast: Forecast | None = None
    fresh: tuple[Sample, ...] = ()
    limits: Limits | None = None
    control: Control | None = None
    policy: Policy | None = None
    policy_name: str = ""
    policy_version: int | None = None
    document_id: int = 0
    drift: Drift | None = None
    unmeasured: str | None = None
    unfitted: str | None = None
    spent: tuple[Spent, ...] = ()
    working_set: WorkingSet | None = None

    @property
    def told_outcome(self) -> str | None:
        """Outcome and detail, for people."""
        return self.outcome if self.detail is None else f"{self.outcome}: {self.detail}"


class Observer(Protocol):
    """Somebody who is told of every tick: a log, metrics, a command line. It must be quick."""

    def ticked(self, report: TickReport) -> None:
        """A tick has just ended."""
        ...


class Fleet(Protocol):
    """All clusters of a service."""

    @property
    def ready(self) -> bool:
        """Whether every cluster has been looked at since the start, and the service still looks."""
        ...

    def views(self) -> tuple[ClusterView, ...]:
        """Every cluster at its latest tick; until the next one the very same views."""
        ...

    def view(self, cluster_id: str) -> ClusterView:
        """One cluster at its latest tick.

        Raises:
            UnknownName: there is none of that id.
        """
        ...

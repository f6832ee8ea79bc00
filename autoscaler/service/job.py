"""What the ticks of one cluster work with: their task, their means, and what they know so far."""

import asyncio
from collections.abc import Awaitable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from autoscaler.backtest.tuning.trial import Trial
from autoscaler.backtest.tuning.tuner import NO_TUNER, NoTuner, Tried, Tuner
from autoscaler.core.budget import Use
from autoscaler.core.capacity import Limits
from autoscaler.core.control import Mode
from autoscaler.core.cost import Prices
from autoscaler.core.decision import Memory, RuleSettings
from autoscaler.core.ports import Clock, Cluster, Forecaster, Policy
from autoscaler.errors import ClusterBusy, ClusterError
from autoscaler.observability.calls import CallMeter, NoMeter
from autoscaler.observability.traces import span
from autoscaler.service.account import Accounts
from autoscaler.service.caps import RecentActions
from autoscaler.service.clock import Stopwatch
from autoscaler.service.drifting import Sighting
from autoscaler.service.feed import Feed
from autoscaler.service.fitting import Fits, InThreads
from autoscaler.service.histories import Histories
from autoscaler.service.leadership import ALONE, Lead
from autoscaler.service.ledger import LedgerPlan
from autoscaler.service.ledgers import Ledgers
from autoscaler.service.reading import Reader
from autoscaler.service.remembered import Remembered
from autoscaler.service.steering import Steering
from autoscaler.storage.entries import JournalEntry, Record
from autoscaler.storage.repositories import Journal
from models.outlook import Outlook, OutlookSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One cluster and who decides about it; what changes while the service runs makes another job.

    ``mode`` is in force until somebody orders another one. ``policy_version`` is that of a stored policy; None: the
    policy is the one of the settings.

    ``ledger`` is what its costs are compared with; ``trial`` is what candidates are tried on, for a policy that tunes
    itself. A range is that of each of the ``instances``, and all of them cost. Calls are counted with all others of the
    same ``account``.

    After a gap of ``longest_gap_seconds`` between two decisions the rules' memory is no longer believed.
    """

    cluster: Cluster
    title: str
    profile: str
    policy_name: str
    policy: Policy
    forecaster: Forecaster | None
    rules: RuleSettings
    limits: Limits
    prices: Prices
    outlook: OutlookSettings
    document_id: int
    longest_gap_seconds: float
    mode: Mode
    ledger: LedgerPlan | None = None
    trial: Trial | None = None
    instances: int = 1
    policy_version: int | None = None
    account: str = ""
    kind: str = "simulated"
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def cluster_id(self) -> str:
        """The cluster's id."""
        return self.cluster.cluster_id

    def new_outlook(self) -> Outlook:
        """An outlook that has seen nothing yet."""
        return Outlook(self.forecaster, self.outlook)

    def new_tuner(self) -> Tuner | NoTuner:
        """A tuner that has seen nothing yet, where the policy asks for one."""
        return NO_TUNER if self.trial is None else Tuner(self.trial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What all ticks share; a call to a provider that takes longer than ``call_seconds`` has failed.

    Clusters of an account with one of the ``readers`` are read together.
    """

    journal: Journal
    clock: Clock
    executor: Executor
    call_seconds: float
    lead: Lead = ALONE
    steering: Steering = field(default_factory=Steering)
    caps: RecentActions = field(default_factory=RecentActions)
    feed: Feed = field(default_factory=Feed)
    ledgers: Ledgers | None = None
    remembered: Remembered | None = None
    calls: CallMeter = field(default_factory=NoMeter)
    fits: Fits = field(default_factory=InThreads)
    accounts: Accounts = field(default_factory=Accounts)
    readers: Mapping[str, Reader] = field(default_factory=dict)
    histories: Histories = field(default_factory=Histories)

    async def ask(self, call: Awaitable[T], what: str) -> T:
        """The answer of a provider.

        Raises:
            ClusterError: it refused, or took too long.
        """
        stopwatch, outcome = Stopwatch(), "error"
        try:
            with span(f"provider {what}"):
                async with asyncio.timeout(self.call_seconds):
                    answer = await call
            outcome = "ok"
            return answer
        except ClusterBusy:
            outcome = "busy"
            raise
        except TimeoutError:
            outcome = "timeout"
            raise ClusterError(f"no answer to the {what} call within {self.call_seconds:g} s") from None
        finally:
            self.calls.called(what, outcome, stopwatch.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the weeks before a start have left, and when the forecaster was fitted."""

    outlook: Outlook
    tuner: Tuner | NoTuner
    fitted_at: datetime | None


@dataclass(slots=True, kw_only=True)
class Mind:
    """What is known of a cluster from one tick to the next; what matters of it can be restored from the journal.

    ``unfitted`` is why the last fit failed; it is not tried again before ``refit_at``. ``rest`` reads the past
    that is still missing. ``unanswered`` is the newest change, where its call failed: it may still come into force.
    ``choosing`` is a choice of the tuner that is being made elsewhere; one that failed is not asked for again before
    ``retune_at``. ``asleep_at`` is when it was last seen asleep, until it was told how long its wake took.
    """

    outlook: Outlook
    tuner: Tuner | NoTuner = NO_TUNER
    memory: Memory = field(default_factory=Memory)
    unanswered: Record | JournalEntry | None = None
    decided_at: datetime | None = None
    fitted_at: datetime | None = None
    unfitted: str | None = None
    refit_at: datetime | None = None
    rest: "asyncio.Task[Past] | None" = None
    choosing: "asyncio.Future[Tried] | None" = None
    retune_at: datetime | None = None
    kept_forecast_at: datetime | None = None
    acu_hours: float | None = None
    use: Use = field(default_factory=Use)
    sighting: Sighting = field(default_factory=Sighting)
    asleep_at: datetime | None = None

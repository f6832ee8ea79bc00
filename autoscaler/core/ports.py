"""What the core expects of the outside. Nobody inherits from these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from autoscaler.core.activity import Dial
from autoscaler.core.capacity import Limits, Range, Status
from autoscaler.core.decision import Advice
from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from autoscaler.core.resumes import Resume
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot
from autoscaler.core.tuning import Family
from autoscaler.errors import ClusterError


@runtime_checkable
class Policy(Protocol):
    """Wishes a range. A frozen value: its fields are its settings."""

    @property
    def recent_seconds(self) -> float:
        """How much of the recent past it looks at."""
        ...

    @property
    def looks_ahead(self) -> bool:
        """Whether it uses a forecast."""
        ...

    def advise(self, snapshot: Snapshot) -> Advice:
        """The range to have now. Pure; must answer on unknowns and on no samples at all."""
        ...


@runtime_checkable
class TunedPolicy(Policy, Protocol):
    """A policy that takes what trailing backtests recommend from the snapshot; others cost no backtests."""

    @property
    def tuned_families(self) -> tuple[Family, ...]:
        """What it, or a policy inside it, wants tried beside leaving the cluster alone; none: it asks for no tuning."""
        ...


@runtime_checkable
class WatchingPolicy(Policy, Protocol):
    """A policy that looks at when use is expected; others cost no activity model."""

    def dial(self, limits: Limits) -> Dial | None:
        """What its sleep is weighed by within these limits; None where no policy inside it looks."""
        ...


@runtime_checkable
class FittedForecaster(Protocol):
    """A forecaster that has learned from a history; a value that is never changed in place."""

    def update(self, tail: History) -> "FittedForecaster":
        """The same model after the windows of ``tail``, which follow what it has seen so far. Cheap."""
        ...

    def forecast(self, *, made_at: datetime, steps: int, levels: tuple[float, ...]) -> Forecast:
        """Quantiles of the demand's maximum in each of the ``steps`` windows after the last one seen."""
        ...


@runtime_checkable
class Forecaster(Protocol):
    """Learns from a history. A frozen value: its fields are its settings."""

    def fit(self, history: History) -> FittedForecaster:
        """Learn; works from one known window on, however short or constant the history is.

        Raises:
            InvalidInput: when the history has no known window at all.
        """
        ...


class Cluster(Protocol):
    """A cluster that can be watched and resized."""

    @property
    def cluster_id(self) -> str:
        """A stable identity."""
        ...

    async def status(self) -> Status:
        """What the cluster says of itself now."""
        ...

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        """The samples that became visible and whose interval starts after ``after``, oldest first."""
        ...

    async def apply(self, wanted: Range) -> None:
        """Ask for a range.

        Raises:
            ClusterBusy: an earlier change is still being worked off.
            ClusterError: the provider refused or did not answer.
        """
        ...


@runtime_checkable
class TellsResumes(Protocol):
    """A cluster that tells how long its wakes took; of others nothing is learned."""

    async def resumes_since(self, after: datetime | None) -> Sequence[Resume]:
        """The wakes that began after ``after`` and are over, oldest first; some may be missing or come twice.

        Raises:
            ClusterError: the provider did not tell.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of a cluster's past, oldest first, and up to when it is told."""

    samples: Sequence[Sample]
    end: datetime


@runtime_checkable
class Remembering(Protocol):
    """A cluster whose provider remembers it from before it was known here."""

    async def remembered(self, after: datetime | None, *, before: datetime) -> Stretch:
        """The next piece from ``after`` on, or from as far back as there is; the last one ends at ``before``.

        Raises:
            ClusterError: the provider refused or did not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom to read, and the start of the newest sample that is known already."""

    cluster_id: str
    after: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One cluster's status and its new samples, oldest first; ``unmeasured`` is why there are none."""

    status: Status
    samples: Sequence[Sample] = ()
    unmeasured: str | None = None


class FleetReader(Protocol):
    """Reads many clusters of one account in few calls."""

    @property
    def most_at_once(self) -> int:
        """How many clusters it reads in one go."""
        ...

    async def read(self, wanted: Sequence[Wanted]) -> Sequence[Reading | ClusterError]:
        """What each of them says, in their order; an error for one that cannot be read does not touch the others.

        Raises:
            ClusterError: none of them can be read.
        """
        ...


class Clock(Protocol):
    """Where the service takes its time from."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long by this clock."""
        ...

"""An Aurora Serverless v2 cluster behind the ``Cluster`` port."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from autoscaler.adapters.aurora_events import resumes_in
from autoscaler.adapters.aurora_maxima import Maxima
from autoscaler.adapters.aurora_past import Past, next_span
from autoscaler.adapters.aurora_ranges import Described, as_aurora_has_it
from autoscaler.adapters.aurora_samples import (
    METRICS,
    Points,
    Window,
    known_from_the_first,
    minute_of,
    newest_capacity_acu,
    samples_in,
    settled_window,
)
from autoscaler.core.capacity import Phase, Range, Status
from autoscaler.core.happenings import Happening
from autoscaler.core.ports import Clock, Stretch
from autoscaler.core.resumes import Resume
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterBusy, ClusterError

# What a new cluster, or one that was not asked for long, tells of its past at most.
LOOKBACK = timedelta(hours=3)
EVENTS_KEPT = timedelta(days=13)  # [D] 14 days, less what passes until they are asked for
# The newest published capacity is looked for in these last minutes.
RECENT = timedelta(minutes=5)


class Calls(Protocol):
    """The calls of an account; many clusters' may share one."""

    async def describe(self, resource_id: str) -> Described:
        """What RDS says of a cluster."""
        ...

    async def measure(self, window: Window) -> Points:
        """What CloudWatch has."""
        ...

    async def measure_past(self, windows: Sequence[Window]) -> Sequence[Points | ClusterError]:
        """What CloudWatch has of weeks ago: beside the calls of those who decide now."""
        ...

    async def with_sessions(self, samples: Sequence[Sample], cluster: Described) -> Sequence[Sample]:
        """The samples, with sessions that work or wait where somebody counts them."""
        ...

    async def modify(self, cluster: Described, wanted: Range) -> None:
        """Ask for a range."""
        ...

    async def happened(self, instance: str, *, since: datetime, until: datetime) -> Sequence[Happening]:
        """What RDS says has happened to an instance."""
        ...


class AuroraCluster:
    """Known by its resource id, so that a new cluster of the same name inherits nothing."""

    def __init__(
        self,
        cluster_id: str,
        resource_id: str,
        calls: Calls,
        *,
        clock: Clock,
        settle_seconds: float = 120.0,
        history: timedelta = timedelta(0),
        metrics: tuple[str, ...] = METRICS,
    ) -> None:
        """Minutes that are over for ``settle_seconds`` are told as they are; what is missing then is unknown.

        ``history`` is how far back the past is told, ``metrics`` what is asked of each minute.
        """
        self.cluster_id = cluster_id
        self._resource_id = resource_id
        self._calls = calls
        self._clock = clock
        self._settle_seconds = settle_seconds
        self._history = history
        self._metrics = metrics
        self._past: Past | None = None
        self._maxima = Maxima()
        self._changed_at: datetime | None = None
        self._looked: _Look | None = None

    @property
    def instances(self) -> int:
        """How many it has, as far as is known; metrics are asked for each of them."""
        return 1 if self._looked is None else max(1, len(self._looked.told.instances))

    async def status(self) -> Status:
        look = await self._look()
        told, capacity_acu = look.told, None
        phase, ready_acu = told.phase, 0.0
        if phase is not Phase.UNAVAILABLE:
            capacity_acu = await self._newest_capacity_acu(look)
            ready_acu = told.range.floor_acu if capacity_acu is None else capacity_acu
            # RDS says "available" of a paused cluster, too; only its capacity tells.
            if capacity_acu == 0.0 and phase is Phase.AVAILABLE and told.range.pause_after_seconds is not None:
                phase = Phase.PAUSED
        return Status(
            phase=phase,
            ready_acu=ready_acu,
            range=told.range,
            changed_at=self._changed_at,
            standbys=told.standbys,
            awaits_restart=told.awaits_restart,
        )

    async def samples_since(self, after: datetime | None) -> Sequence[Sample]:
        # Within a tick the status has been asked for just before, and with it who the instances are.
        look = self._looked
        if look is None or look.at != self._clock.now():
            look = await self._look()
        told = look.told
        window = settled_window(
            told.instances,
            now=self._clock.now(),
            after=after,
            settle_seconds=self._settle_seconds,
            lookback=LOOKBACK,
            metrics=self._metrics,
        )
        if window.start >= window.end:
            return ()
        known = look.recent if look.recent_from is not None and look.recent_from <= window.start else None
        samples = samples_in(window, known or await self._calls.measure(window), self._maxima)
        told_of = samples if after is not None else known_from_the_first(samples)
        return await self._calls.with_sessions(told_of, told)

    async def remembered(self, after: datetime | None, *, before: datetime) -> Stretch:
        now = self._clock.now()
        told = (await self._look()).told
        past = self._past = self._past or Past(told.instances, self._calls.measure_past)
        begin = now - self._history if after is None else after
        if told.created_at is not None:
            begin = max(begin, told.created_at)
        span = next_span(begin, before=before, now=now, instances=len(told.instances))
        if span is None:
            self._past = None
            return Stretch(samples=(), end=before)
        return Stretch(samples=await past.read(span), end=span.end)

    async def resumes_since(self, after: datetime | None) -> Sequence[Resume]:
        """From the events of its writer; a wake is told with the pause before it, which may be days ago."""
        now = self._clock.now()
        told = (await self._look()).told
        if not told.instances:
            return ()
        happened = await self._calls.happened(told.instances[0], since=now - EVENTS_KEPT, until=now)
        return [one for one in resumes_in(happened) if after is None or one.at > after]

    async def apply(self, wanted: Range) -> None:
        """Looks before and after: the range may have been changed by others, or not been taken."""
        wanted = as_aurora_has_it(wanted)
        before = await self._calls.describe(self._resource_id)
        if before.range == wanted:
            return
        if before.phase is not Phase.AVAILABLE:
            raise ClusterBusy(f"{self.cluster_id} is {before.status}; try again later")
        try:
            await self._calls.modify(before, wanted)
        except ClusterBusy:
            raise
        except ClusterError as problem:
            raise type(problem)(f"{self.cluster_id} did not take {wanted}: {problem}") from None
        self._changed_at = self._clock.now()
        after = await self._calls.describe(self._resource_id)
        if after.range != wanted:
            raise ClusterError(f"{self.cluster_id} was asked for {wanted}, and says that {after.range} is in force")

    async def _look(self) -> "_Look":
        told, now = await self._calls.describe(self._resource_id), self._clock.now()
        look = self._looked = _Look(at=now, told=told)
        self._maxima.saw(told.range.ceiling_acu, now)
        return look

    async def _newest_capacity_acu(self, look: "_Look") -> float | None:
        """Asked for together with all else of these minutes: it is paid by the metric, and this one is among them."""
        told, now = look.told, self._clock.now()
        if not told.instances:
            return None
        window = Window(instances=told.instances, start=minute_of(now - RECENT), end=now, metrics=self._metrics)
        look.recent_from, look.recent = window.start, await self._calls.measure(window)
        return newest_capacity_acu(told.instances[0], look.recent)


@dataclass(slots=True, kw_only=True)
class _Look:
    """What was told at a moment: by RDS, and of the last minutes by CloudWatch."""

    at: datetime
    told: Described
    recent_from: datetime | None = None
    recent: Points | None = None

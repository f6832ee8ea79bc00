"""Small real classes that stand in for the outside, and builders of values with sensible defaults."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from autoscaler.core.budget import Spending
from autoscaler.core.capacity import FULL_CONSENT, Limits, Phase, Range, Status
from autoscaler.core.control import NO_CONTROL, Control, Drift, Freeze
from autoscaler.core.cost import Prices
from autoscaler.core.decision import Advice, Grounds
from autoscaler.core.fleet import FleetAllowance
from autoscaler.core.forecast import Forecast
from autoscaler.core.samples import Sample
from autoscaler.core.snapshot import Snapshot

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WIDE_LIMITS = Limits(min_acu=0.5, max_acu=64.0, may_pause=True, consent=FULL_CONSENT)
AURORA_PRICES = Prices()
ROUNDS_TO_SETTLE = 50


def later(seconds: float, after: datetime = MONDAY) -> datetime:
    """So many seconds after Monday morning, or after another moment."""
    return after + timedelta(seconds=seconds)


def make_range(floor_acu: float, ceiling_acu: float, pause_after_seconds: int | None = None) -> Range:
    """A range, short enough to read in a table."""
    return Range(floor_acu=floor_acu, ceiling_acu=ceiling_acu, pause_after_seconds=pause_after_seconds)


def make_samples(
    demand_acu: Iterable[float | None], *, until: datetime = MONDAY, seconds: float = 60.0
) -> tuple[Sample, ...]:
    """Samples without gaps, oldest first; the last one ends at ``until``."""
    values = tuple(demand_acu)
    return tuple(
        Sample(at=until - timedelta(seconds=seconds * left), seconds=seconds, demand_acu=value)
        for left, value in zip(range(len(values), 0, -1), values, strict=True)
    )


def make_snapshot(
    *,
    in_force: Range,
    at: datetime = MONDAY,
    cluster_id: str = "orders",
    limits: Limits = WIDE_LIMITS,
    phase: Phase = Phase.AVAILABLE,
    ready_acu: float | None = None,
    requested: Range | None = None,
    changed_at: datetime | None = None,
    recent: tuple[Sample, ...] = (),
    blind_seconds: float = 0.0,
    forecast: Forecast | None = None,
    control: Control = NO_CONTROL,
    prices: Prices = AURORA_PRICES,
    drift: Drift | None = None,
    fleet: FleetAllowance | None = None,
    spending: Spending | None = None,
) -> Snapshot:
    """A calm, awake cluster that is seen well, but for what is said otherwise.

    ``ready_acu`` is the floor unless told, and ``blind_seconds`` is 0 even without any samples.
    """
    asleep = phase is Phase.PAUSED
    return Snapshot(
        cluster_id=cluster_id,
        at=at,
        limits=limits,
        status=Status(
            phase=phase,
            ready_acu=(0.0 if asleep else in_force.floor_acu) if ready_acu is None else ready_acu,
            range=in_force,
            requested=requested,
            changed_at=changed_at,
        ),
        recent=recent,
        blind_seconds=blind_seconds,
        prices=prices,
        forecast=forecast,
        control=control,
        drift=drift,
        fleet=fleet,
        spending=spending,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlwaysWishes:
    """A policy that wishes one range, whatever it sees."""

    range: Range
    reason: str = "a test wishes it"
    recent_seconds: float = 3600.0
    looks_ahead: bool = False
    freeze: Freeze | None = None
    grounds: Grounds = Grounds.FIXED
    unmeasured: Range | None = None

    def advise(self, snapshot: Snapshot) -> Advice:
        return Advice(
            range=self.range,
            reason=self.reason,
            freeze=self.freeze,
            grounds=self.grounds,
            unmeasured=self.unmeasured,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowsAList:
    """A policy that wishes one range after the other, each for ``step_seconds``; the last one for ever."""

    ranges: tuple[Range, ...]
    start: datetime = MONDAY
    step_seconds: float = 60.0
    reason: str = "it is next in the list"
    recent_seconds: float = 3600.0
    looks_ahead: bool = False

    def advise(self, snapshot: Snapshot) -> Advice:
        index = int((snapshot.at - self.start).total_seconds() // self.step_seconds)
        wished = self.ranges[min(max(index, 0), len(self.ranges) - 1)]
        return Advice(range=wished, reason=self.reason, grounds=Grounds.SCHEDULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowsNothing:
    """A policy that has nothing to go by."""

    reason: str = "nothing is known yet"
    recent_seconds: float = 0.0
    looks_ahead: bool = False

    def advise(self, snapshot: Snapshot) -> Advice:
        return Advice(range=snapshot.status.range, reason=self.reason, known=False)


class ManualClock:
    """A clock that stands still until a test moves it; sleepers wake in their order, each at its own time."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self._now = at
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._naps = 0

    def now(self) -> datetime:
        return self._now

    @property
    def sleepers(self) -> int:
        """How many are asleep by this clock."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self._naps += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (later(seconds, self._now), self._naps, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let so much time pass; whoever wakes may go to sleep again within it."""
        end = later(seconds, self._now)
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, future = heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
                await _settle()
        self._now = end

    async def wait_for_sleepers(self, count: int = 1) -> None:
        """Return as soon as ``count`` are asleep: for those who talk to threads or sockets in between."""
        while self.sleepers < count:  # noqa: ASYNC110 - tasks fall asleep by themselves and tell nobody
            await asyncio.sleep(0)


async def _settle() -> None:
    for _ in range(ROUNDS_TO_SETTLE):
        await asyncio.sleep(0)

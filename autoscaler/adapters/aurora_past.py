"""What CloudWatch still has of weeks ago: fine for fifteen days, coarser before, and forgotten in the end."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf

from autoscaler.adapters.aurora_samples import (
    CAPACITY,
    CONNECTIONS,
    CPU,
    MAXIMUM,
    MINUTE_SECONDS,
    OF_MAXIMUM,
    Points,
    Window,
    known_from_the_first,
    sample_at,
)
from autoscaler.core.samples import Sample
from autoscaler.errors import ClusterError, InvalidInput

# Period in seconds, and for how many days CloudWatch has points of it [D].
KEPT_DAYS = {60: 15, 300: 63, 3600: 455}
# The oldest points are about to be forgotten: who asks for them may find a coarser period only.
SPARE = timedelta(hours=1)
# Of one call; CloudWatch takes 100,800 [D], but to read so many would hold up the ticks.
MOST_POINTS = 5_000
MEANS, PEAKS = (CAPACITY, OF_MAXIMUM), (CPU, CAPACITY, CONNECTIONS)

Measure = Callable[[Sequence[Window]], Awaitable[Sequence[Points | ClusterError]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when, and by what period."""

    start: datetime
    end: datetime
    period_seconds: int


def finest_period(days: float) -> int:
    """The shortest period of which there are points for so many days.

    Raises:
        InvalidInput: there is none.
    """
    for period_seconds, kept in KEPT_DAYS.items():
        if days <= kept:
            return period_seconds
    raise InvalidInput(f"CloudWatch keeps {max(KEPT_DAYS.values())} days at most; {days:g} days were asked for")


def check_period(period_seconds: int, days: float) -> None:
    """Raises InvalidInput: there is no such period, or none for so many days."""
    if period_seconds not in KEPT_DAYS:
        known = ", ".join(map(str, KEPT_DAYS))
        raise InvalidInput(f"a period of {period_seconds} s is none of those that CloudWatch keeps: {known}")
    if days > KEPT_DAYS[period_seconds]:
        raise InvalidInput(
            f"CloudWatch keeps points of {period_seconds} s for {KEPT_DAYS[period_seconds]} days; ask for these at "
            f"most, or for a period of {finest_period(days)} s to have {days:g} days"
        )


def next_span(after: datetime, *, before: datetime, now: datetime, instances: int) -> Span | None:
    """The next stretch that one call can tell, by the finest period there is of it; None at the end."""
    horizon = _floor(now - timedelta(days=KEPT_DAYS[60]) + SPARE, 300)
    period = 60 if _ceil(after, 300) >= horizon else 300
    start, last = _ceil(after, period), before if period == 60 else min(before, horizon)
    return next(iter(spans(start, _floor(last, period), period_seconds=period, instances=instances)), None)


def spans(start: datetime, end: datetime, *, period_seconds: int, instances: int) -> Iterator[Span]:
    """Stretches of whole periods, each of which one call can tell."""
    points = MOST_POINTS // ((len(MEANS) + len(PEAKS)) * max(1, instances))
    # Whole hours, for nobody rolls up halves of them.
    step = timedelta(hours=max(1, points * period_seconds // 3600))
    at, end = _ceil(start, period_seconds), _floor(end, period_seconds)
    while at < end:
        yield Span(start=at, end=min(at + step, end), period_seconds=period_seconds)
        at += step


class Past:
    """Reads one cluster's past, oldest first: an instance counts from the first moment it told anything."""

    def __init__(self, instances: Sequence[str], measure: Measure) -> None:
        self._instances = tuple(instances)
        self._measure = measure
        self._born: set[str] = set()

    async def read(self, span: Span) -> list[Sample]:
        """A sample for each period; of a period that is longer than a minute, the peak demand in it.

        Raises:
            ClusterError: there is no answer.
        """
        windows = list(_windows(self._instances, span))
        answers = await self._measure(windows)
        told: list[Points] = []
        for answer in answers:
            if isinstance(answer, ClusterError):
                raise answer
            told.append(answer)
        points, peaks = told[0], told[-1]
        first = {one: min(points.get((CAPACITY, one), {}), default=inf) for one in self._instances}
        new = not self._born
        samples = [
            sample_at(at, self._present(at, first), points, peaks, seconds=float(span.period_seconds))
            for at in windows[0].begins()
        ]
        self._born |= {one for one, at in first.items() if at < inf}
        return list(known_from_the_first(samples)) if new else samples

    def _present(self, at: float, first: dict[str, float]) -> list[str]:
        return [one for one in self._instances if one in self._born or first[one] <= at]


def _windows(instances: tuple[str, ...], span: Span) -> Iterator[Window]:
    """Of minutes the averages; of longer periods the averages of capacities, and the peaks of what they served."""
    window = Window(instances=instances, start=span.start, end=span.end, period_seconds=span.period_seconds)
    if span.period_seconds == MINUTE_SECONDS:
        yield window
        return
    for metrics, statistic in ((MEANS, window.statistic), (PEAKS, MAXIMUM)):
        yield Window(
            instances=instances,
            start=span.start,
            end=span.end,
            period_seconds=span.period_seconds,
            metrics=metrics,
            statistic=statistic,
        )


def _floor(at: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def _ceil(at: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(-(-at.timestamp() // seconds) * seconds, UTC)

"""What generated workloads are made of: curves over the local week, and pulses on local dates.

Each shape gives, for any UTC day on its own, a fraction of the workload's peak for each minute: (1440,), not
negative. Times are wall-clock times of a zone, so that office hours move with daylight saving.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from autoscaler.simulator.noise import MINUTES, ONE_DAY, Dice, ease

WEEK = 7 * MINUTES
EVEN_WEEK = (100, 100, 100, 100, 100, 100, 100)
# The small hours belong to the evening before: Friday night ends on Saturday at four.
DAY_BEGINS_MINUTE = 4 * 60
# People do not arrive on the minute: corners of a curve are rounded over about two of these.
ROUNDING_MINUTES = 41
# A pulse ends within a day of its start, so three local dates back are all that can reach into a UTC day.
LONGEST_HOLD_MINUTES = 12 * 60.0
REACHING_DATES = (-2, -1, 0, 1)
_MINUTE = np.arange(MINUTES, dtype=np.float64)


class Shape(Protocol):
    """One ingredient of a workload."""

    def fraction(self, day: date, dice: Dice) -> NDArray[np.float64]:
        """The fraction of the workload's peak in each minute of the UTC day, (1440,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """People's habits: a daily curve, higher on some days of the week.

    ``percent_at``: pairs of local hour (0 to 24, ascending; 9.5 is half past nine) and percent of the peak; on
    the line in between, and around midnight. ``percent_on``: percent of that on each day, Monday to Sunday.
    ``weight``: fraction of the workload's peak that 100 percent stands for.
    """

    zone: str
    percent_at: tuple[tuple[float, float], ...]
    percent_on: tuple[float, ...] = EVEN_WEEK
    weight: float = 1.0

    def fraction(self, day: date, dice: Dice) -> NDArray[np.float64]:
        return self.weight * _week(self.percent_at, self.percent_on)[_minute_of_week(day, self.zone)]


def every_day(_: date) -> bool:
    """Every date."""
    return True


def workdays(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5


def last_workday_of_month(day: date) -> bool:
    """The last date of its month that is no Saturday or Sunday."""
    next_workday = day + timedelta(days=3 if day.weekday() == 4 else 1)
    return workdays(day) and next_workday.month != day.month


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """One date in ``days`` days, counted from ``since`` in both directions."""

    since: date
    days: int

    def __call__(self, day: date) -> bool:
        return (day - self.since).days % self.days == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a pulse goes: up within ``rise_minutes``, high for ``hold_minutes``, gone within ``fall_minutes``.

    Rise and fall are above 0; a rise, the longest hold (12 hours) and a fall end within a day.
    """

    rise_minutes: float
    hold_minutes: float
    fall_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointments:
    """Pulses at known local times on known local dates: a batch, a sale, the opening of a market.

    ``name``: part of the seed, its own within a workload. ``height``: fraction of the workload's peak.
    ``late_minutes``: each starts up to so many minutes after its time. ``spread``: relative swing of height
    and duration from one to the next (log-normal; 0.1 = two thirds are within about ±10 %).
    """

    name: str
    zone: str
    at: tuple[time, ...]
    on: Callable[[date], bool]
    height: float
    form: Form
    late_minutes: float = 0.0
    spread: float = 0.1

    def fraction(self, day: date, dice: Dice) -> NDArray[np.float64]:
        total = np.zeros(MINUTES)
        for local in _dates_that_reach(day, self.on):
            chance = dice.on(local, self.name)
            late = self.late_minutes * chance.random(len(self.at))
            swing = np.exp(self.spread * chance.standard_normal((2, len(self.at))))
            starts = [_utc_minute(day, datetime.combine(local, at, ZoneInfo(self.zone))) for at in self.at]
            _add_pulses(total, late + starts, self.height * swing[0], self.form.hold_minutes * swing[1], self.form)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprises:
    """Pulses at chance times of local opening hours: a developer's session, a tenant's import, a burst.

    ``per_day``: how many on average (Poisson) between ``opens`` and ``opens`` + ``open_hours``.
    ``name``, ``height``, ``spread``: as for appointments; ``height`` is the median.
    """

    name: str
    zone: str = "UTC"
    opens: time = time(0)
    open_hours: float = 24.0
    on: Callable[[date], bool] = every_day
    per_day: float
    height: float
    form: Form
    spread: float = 0.5

    def fraction(self, day: date, dice: Dice) -> NDArray[np.float64]:
        total = np.zeros(MINUTES)
        for local in _dates_that_reach(day, self.on):
            chance = dice.on(local, self.name)
            count = int(chance.poisson(self.per_day))
            opens = _utc_minute(day, datetime.combine(local, self.opens, ZoneInfo(self.zone)))
            starts = opens + 60.0 * self.open_hours * chance.random(count)
            swing = np.exp(self.spread * chance.standard_normal((2, count)))
            _add_pulses(total, starts, self.height * swing[0], self.form.hold_minutes * swing[1], self.form)
        return total


def short_bursts(*, per_day: float, height: float) -> Surprises:
    """For a scenario's ``bursts``: ten minutes at any time, adding the fraction ``height`` of what runs."""
    form = Form(rise_minutes=2, hold_minutes=4, fall_minutes=6)
    return Surprises(name="bursts", per_day=per_day, height=height, form=form, spread=0.4)


def _dates_that_reach(day: date, on: Callable[[date], bool]) -> Iterator[date]:
    return filter(on, (day + offset * ONE_DAY for offset in REACHING_DATES))


def _utc_minute(day: date, at: datetime) -> float:
    """Minutes from the start of the UTC day to ``at``, below 0 on the days before."""
    return (at - datetime.combine(day, time(0), UTC)) / timedelta(minutes=1)


def _add_pulses(
    total: NDArray[np.float64],
    starts: NDArray[np.float64],
    heights: NDArray[np.float64],
    holds: NDArray[np.float64],
    form: Form,
) -> None:
    holds = np.minimum(holds, LONGEST_HOLD_MINUTES)
    ends = starts + form.rise_minutes + holds + form.fall_minutes
    for index in np.flatnonzero((starts < MINUTES) & (ends > 0)):
        span = slice(max(0, int(starts[index])), max(0, int(ends[index]) + 1))
        since = _MINUTE[span] - starts[index]
        rise = ease(since / form.rise_minutes)
        # A square fades like a crowd, fast and then slowly, but unlike e^-t it does reach zero.
        fall = np.clip((ends[index] - _MINUTE[span]) / form.fall_minutes, 0.0, 1.0) ** 2
        total[span] += heights[index] * np.minimum(rise, fall)


@lru_cache(maxsize=256)
def _week(percent_at: tuple[tuple[float, float], ...], percent_on: tuple[float, ...]) -> NDArray[np.float64]:
    """The fraction in each minute of a local week from Monday midnight: (10080,), read-only."""
    hours, percents = zip(*percent_at, strict=True)
    daily = np.interp(_MINUTE / 60.0, hours, percents, period=24.0)
    weekly = np.roll(np.repeat(percent_on, MINUTES), DAY_BEGINS_MINUTE)
    week = _rounded(_rounded(np.tile(daily, 7) * weekly / 1e4))
    week.flags.writeable = False
    return week


def _rounded(week: NDArray[np.float64]) -> NDArray[np.float64]:
    """A moving average around the week; a sum of exact zeros stays exactly zero."""
    half = ROUNDING_MINUTES // 2
    around = np.concatenate((week[-half:], week, week[:half]))
    return np.convolve(around, np.full(ROUNDING_MINUTES, 1.0 / ROUNDING_MINUTES), mode="valid")


@lru_cache(maxsize=256)
def _minute_of_week(day: date, zone: str) -> NDArray[np.intp]:
    """The local minute of the week in each minute of the UTC day: (1440,), read-only."""
    midnight = datetime.combine(day, time(0), UTC)
    quarters = [(midnight + timedelta(minutes=minute)).astimezone(ZoneInfo(zone)) for minute in range(0, MINUTES, 15)]
    first = [at.weekday() * MINUTES + at.hour * 60 + at.minute for at in quarters]
    minutes = (np.repeat(first, 15) + np.tile(np.arange(15), MINUTES // 15)) % WEEK
    minutes.flags.writeable = False
    return minutes

"""What is told of the options that a cluster's owner has: figures, how sure they are, and which one to take."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DAYS_A_MONTH = 365.25 / 12
# Fewer days than a week do not know what a weekend is.
DAYS_TO_BE_SURE = 7
DRAWS, INTERVAL = 1000, (0.05, 0.95)


class Kind(StrEnum):
    """What an option is: in force now, ours to recommend, or there to compare with."""

    TODAY = "today"
    OURS = "ours"
    COMPARISON = "comparison"


class Confidence(StrEnum):
    """``high``: nine times in ten it saves something, by a week of days or more; ``medium``: by fewer days."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing to do; its figures are those of the days that its setting was not chosen on.

    ``priced_usd_per_month`` adds throttled work at the owner's price: the number to compare. Savings are of that
    number against today; ``saving_low`` and ``saving_high`` hold the middle 90 % of days drawn anew.
    """

    name: str
    kind: Kind
    setting: str
    usd_per_month: float
    throttled_work_fraction: float
    priced_usd_per_month: float
    saving_usd_per_month: float
    saving_low_usd_per_month: float
    saving_high_usd_per_month: float
    cold_hits_per_month: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The options for one cluster, today's first, and which one to take.

    ``best`` was chosen on the first days, like its settings; it is ``today`` where that saved nothing on the others.
    ``days`` are all there were, ``measured_days`` those that the figures are of.
    """

    trace: str
    region: str
    storage: str
    prices_of: str
    days: int
    measured_days: int
    throttling_price: float
    options: tuple[Option, ...]
    best: str
    saving_usd_per_month: float
    confidence: Confidence
    min_acu: float
    max_acu: float
    pause_after_seconds: int | None

    @property
    def stays(self) -> bool:
        """Whether today's setting is to be kept."""
        return self.option(self.best).kind is Kind.TODAY

    def option(self, name: str) -> Option:
        """One by its name."""
        return next(one for one in self.options if one.name == name)

    def document(self) -> dict[str, object]:
        """As it is written to JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """Advice, and what it looks like over time: the highest demand of each hour from ``start`` on, (hours,), and what
    the best option saved on each measured day, (days,), USD, against today's minimum of ``today_acu``.
    """

    advice: Advice
    today_acu: float
    start: datetime
    hourly_peak_acu: Numbers
    saved_usd: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A cluster about which nothing can be told, and why."""

    trace: str
    reason: str


def rank(findings: Sequence[Finding]) -> list[Finding]:
    """A fleet, the cluster with the largest saving first."""
    return sorted(findings, key=lambda one: (-one.advice.saving_usd_per_month, one.advice.trace))


def interval_of_mean(daily: Numbers) -> tuple[float, float]:
    """The middle 90 % of means over blocks of days drawn anew: neighbours stay together, since they are alike.

    The circular block bootstrap of Politis and Romano (1992), with blocks of about the cube root of the days.
    """
    count = len(daily)
    length = max(1, round(count ** (1 / 3)))
    starts = np.random.default_rng(0).integers(0, count, size=(DRAWS, ceil(count / length)))
    places = (starts[:, :, None] + np.arange(length)).reshape(DRAWS, -1)[:, :count] % count
    low, high = np.quantile(daily[places].mean(axis=1), INTERVAL)
    return float(low), float(high)


def confidence_of(saving_low: float, measured_days: int) -> Confidence:
    """How sure a saving is."""
    if saving_low <= 0:
        return Confidence.LOW
    return Confidence.HIGH if measured_days >= DAYS_TO_BE_SURE else Confidence.MEDIUM

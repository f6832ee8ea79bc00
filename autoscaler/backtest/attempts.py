"""Everything an owner could do with a cluster, tried on its past, day by day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.advice import Kind
from autoscaler.backtest.run import Plan
from autoscaler.backtest.tuning.candidates import (
    ALONE,
    SHARES_OF_THE_DAYS_PEAK,
    Candidate,
    Wishes,
    all_candidates,
    daily_peak_share,
)
from autoscaler.backtest.tuning.past import Past
from autoscaler.backtest.tuning.trial import Trial, choices_of, course_of, past_of, wishes_of
from autoscaler.core.capacity import SECONDS_PER_HOUR, Range
from autoscaler.core.sight import see
from autoscaler.core.trace import sample_evenly
from autoscaler.documents.pricing import InstanceClass, PriceList
from autoscaler.errors import InvalidInput
from autoscaler.simulator.kernel.paths import Course, Totals
from models.analogs import DAY_SECONDS

Numbers = NDArray[np.float64]
Tell = Callable[[int, int], None]

LEAST_DAYS = 4
PAUSES_SECONDS = (300, 900, 3600, 14_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A cluster to advise about: its workload and owner (``plan``, whose policy is not looked at), today's range and
    what capacity costs where it is. The workload is that of its busiest instance, and each of its ``instances`` costs
    as much as that one.
    """

    plan: Plan
    today: Range
    prices: PriceList
    instances: int = 1

    @property
    def usd_per_acu_second(self) -> float:
        """What an ACU of each instance costs in a second."""
        return self.plan.prices.usd_per_acu_hour * self.instances / SECONDS_PER_HOUR

    @property
    def usd_per_read(self) -> float:
        """What a page that the busiest instance reads costs, and as many as others read."""
        read_by = self.plan.cluster.throttling_share * self.instances
        return self.plan.prices.usd_per_million_reads * read_by / 1e6

    @property
    def usd_per_throttled_acu_second(self) -> float:
        """What its owner would pay to avoid one on the busiest instance, and as much on others as they are busy."""
        return self.plan.prices.throttling_price * self.plan.cluster.throttling_share * self.usd_per_acu_second


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attempt:
    """One way, and what came of it on each day: USD for capacity and reads, throttled and waiting work in ACU-seconds,
    wakes that somebody waited for; (days,) each.
    """

    group: str
    kind: Kind
    setting: str
    usd: Numbers
    throttled_acu_seconds: Numbers
    cold_hits: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attempts:
    """All of them, on the same days; ``measured_days`` (days,) is how much of each was measured, in days."""

    all: tuple[Attempt, ...]
    arrived_acu_seconds: Numbers
    measured_days: Numbers


def attempt_all(case: Case, tell: Tell) -> Attempts:
    """Try everything; ``tell`` gets how many of how many are done, now and then.

    Raises:
        InvalidInput: the past is too short to be split.
    """
    trial = _trial(case.plan)
    past = _past_of(case.plan, trial)
    days = _whole_days(case.plan, past)
    bench = _Bench(case, trial, past, days, tell)
    ours = [bench.candidate(one, family(one)) for one in trial.candidates]
    auto = _auto(trial, ours, bench.arrived, usd_per_acu_second=case.usd_per_acu_second)
    return Attempts(
        all=(bench.range(case.today, "today", Kind.TODAY), *ours, auto, *bench.pauses(), *bench.comparisons()),
        arrived_acu_seconds=bench.arrived,
        measured_days=bench.measured_days,
    )


def family(candidate: Candidate) -> str:
    """The option that a candidate is a setting of."""
    return "best static minimum" if candidate.family == "static" else candidate.family


class _Bench:
    """The course on which everything is tried."""

    def __init__(self, case: Case, trial: Trial, past: Past, days: int, tell: Tell) -> None:
        self._case, self._trial, self._days, self._tell = case, trial, days, tell
        self._wishes: Wishes = wishes_of(trial, past)
        self._course: Course = course_of(trial, past, days)
        self._turns = slice(0, len(self._course.blind))
        self._classes = case.prices.classes if trial.spec.profile.name.startswith("aurora") else ()
        pauses = len(PAUSES_SECONDS) if trial.limits.may_pause else 0
        self._steps = len(trial.candidates) + 1 + pauses + len(SHARES_OF_THE_DAYS_PEAK) + len(self._classes)
        self._done = 0
        counted = np.bincount(self._course.segment[self._course.segment >= 0], minlength=days)
        self.measured_days = np.asarray(counted * self._course.step_seconds / DAY_SECONDS, dtype=np.float64)
        self.arrived: Numbers = np.zeros(days)

    def candidate(self, one: Candidate, group: str, kind: Kind = Kind.OURS, setting: str | None = None) -> Attempt:
        totals = self._course.run(*self._wishes.corridor(one, self._trial.price, self._turns))
        self.arrived = totals.arrived_acu_seconds
        return self._attempt(totals, group, kind, str(one) if setting is None else setting)

    def range(self, held: Range, group: str, kind: Kind, setting: str = "") -> Attempt:
        """A range that nobody moves."""
        return self._attempt(self._hold(held), group, kind, setting or str(held))

    def pauses(self) -> list[Attempt]:
        """The cluster left alone, with other time-outs."""
        if not self._trial.limits.may_pause:
            return []
        low, high = self._wishes.corridor(ALONE, self._trial.price, self._turns)
        found = []
        for seconds in PAUSES_SECONDS:
            spec = self._trial.spec
            held = replace(spec, range=replace(spec.range, pause_after_seconds=seconds))
            totals = replace(self._course, spec=held).run(low, high)
            found.append(self._attempt(totals, "pause", Kind.OURS, f"left alone, pauses after {seconds} s"))
        return found

    def comparisons(self) -> list[Attempt]:
        aws = [
            self.candidate(
                daily_peak_share(share),
                "AWS's 24-hour rule",
                Kind.COMPARISON,
                f"a minimum of {share:.0%} of the day's peak",
            )
            for share in SHARES_OF_THE_DAYS_PEAK
        ]
        return [*aws, *map(self._provisioned, self._classes)]

    def _provisioned(self, one: InstanceClass) -> Attempt:
        totals = self._hold(Range(floor_acu=one.acu, ceiling_acu=one.acu, pause_after_seconds=None))
        group = f"provisioned {one.name.split('.')[1]}"
        usd = self.measured_days * 24 * one.usd_per_hour * self._case.instances
        return replace(self._attempt(totals, group, Kind.COMPARISON, f"{one.name}, on demand"), usd=usd)

    def _hold(self, held: Range) -> Totals:
        trial = self._trial
        floor = max(held.floor_acu, trial.spec.profile.step_acu)
        limits = replace(trial.limits, min_acu=floor, max_acu=held.ceiling_acu)
        spec = replace(trial.spec, range=replace(held, floor_acu=floor))
        floors = np.full(self._turns.stop, floor)
        return replace(self._course, spec=spec, limits=limits).run(floors, floors)

    def _attempt(self, totals: Totals, group: str, kind: Kind, setting: str) -> Attempt:
        self._done += 1
        self._tell(self._done, self._steps)
        return Attempt(
            group=group,
            kind=kind,
            setting=setting,
            usd=totals.acu_seconds * self._case.usd_per_acu_second + totals.pages_read * self._case.usd_per_read,
            throttled_acu_seconds=totals.throttled_acu_seconds,
            cold_hits=totals.cold_hits,
        )


def _auto(trial: Trial, ours: Sequence[Attempt], arrived: Numbers, *, usd_per_acu_second: float) -> Attempt:
    """Each day under what had been chosen by the evening before; left alone on the first."""
    usd = np.array([one.usd for one in ours])
    throttled = np.array([one.throttled_acu_seconds for one in ours])
    cold = np.array([one.cold_hits for one in ours])
    choices = choices_of(trial, usd / usd_per_acu_second, throttled, arrived)
    places, days = [0, *(choice.place for choice in choices[:-1])], range(len(arrived))
    return Attempt(
        group="auto",
        kind=Kind.OURS,
        setting="tunes itself each day",
        usd=usd[places, days],
        throttled_acu_seconds=throttled[places, days],
        cold_hits=cold[places, days],
    )


def _trial(plan: Plan) -> Trial:
    """All instances cost, but only the busiest of them is tried."""
    return replace(plan.trial, candidates=all_candidates())


def _past_of(plan: Plan, trial: Trial) -> Past:
    """The samples that its metrics would have shown."""
    stretch = sample_evenly(plan.trace, step_seconds=plan.step_seconds, interpolation=plan.interpolation)
    measuring = plan.cluster.publishing_no_finer(plan.trace.step_seconds).profile.measuring
    sight = see(
        stretch,
        period_seconds=measuring.period_seconds,
        delay_seconds=measuring.delay_seconds,
        step_seconds=plan.step_seconds,
        turn_seconds=plan.decide_seconds,
    )
    past = past_of(trial, sight.sample_seconds)
    past.add(sight.demand_acu)
    return past


def _whole_days(plan: Plan, past: Past) -> int:
    """How many there are.

    Raises:
        InvalidInput: too few.
    """
    there = len(past) * past.sample_seconds / DAY_SECONDS
    if there < LEAST_DAYS:
        raise InvalidInput(
            f"{plan.trace.name} has {there:.1f} days of history; at least {LEAST_DAYS} whole days are needed, "
            "so that what is chosen on the first of them can be tried on the others"
        )
    return int(there)

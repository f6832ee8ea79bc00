"""What an owner could do, and what it would save: settings chosen on the first days, measured on the others."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.advice import (
    DAYS_A_MONTH,
    Advice,
    Confidence,
    Finding,
    Kind,
    Option,
    confidence_of,
    interval_of_mean,
)
from autoscaler.backtest.attempts import PAUSES_SECONDS, Attempt, Attempts, Case, Tell, attempt_all
from autoscaler.backtest.run import Plan
from autoscaler.backtest.tuning.candidates import all_candidates
from autoscaler.core.capacity import Limits, first_above, round_up
from autoscaler.core.trace import Interpolation, sample_evenly
from autoscaler.documents.pricing import PRICES_OF

Numbers = NDArray[np.float64]

# A ceiling leaves so much room above the highest demand that was ever measured.
HEADROOM = 1.25
HOUR_SECONDS = 3600.0


def recommend(case: Case, *, tell: Tell = lambda done, steps: None) -> Finding:
    """Try everything on the case's past that its owner has agreed to.

    Raises:
        InvalidInput: it is too short to be split.
    """
    case = _agreed(case)
    attempts = attempt_all(case, tell)
    costs = _Costs(case, attempts)
    chosen = costs.chosen()
    options = tuple(costs.option(one) for one in chosen)
    best = costs.best(chosen)
    won = next(option for option in options if option.name == best.group)
    saved = costs.saved(best)
    limits = case.plan.limits
    advice = Advice(
        trace=case.plan.trace.name,
        region=case.prices.region,
        storage=case.prices.storage,
        prices_of=PRICES_OF,
        days=len(attempts.arrived_acu_seconds),
        measured_days=costs.measured_days,
        throttling_price=case.plan.prices.throttling_price,
        options=options,
        best=won.name,
        saving_usd_per_month=won.saving_usd_per_month,
        confidence=(
            Confidence.LOW
            if best.kind is Kind.TODAY
            else confidence_of(won.saving_low_usd_per_month, costs.measured_days)
        ),
        min_acu=_least_static(attempts, costs, limits),
        max_acu=_ceiling(case.plan),
        pause_after_seconds=_pause(attempts, costs),
    )
    return Finding(
        advice=advice,
        today_acu=case.today.floor_acu,
        start=case.plan.trace.start,
        hourly_peak_acu=_hourly_peak(case.plan),
        saved_usd=saved,
    )


def _agreed(case: Case) -> Case:
    """Without floors that cap the connections, unless today's does already, or the owner has agreed to that."""
    limits, cluster = case.plan.limits, case.plan.cluster
    if limits.consent.low_floor or case.today.floor_acu <= limits.low_floor_acu:
        return case
    least = min(max(limits.min_acu, first_above(limits.low_floor_acu, limits.step_acu)), limits.max_acu)
    alone = replace(cluster, range=cluster.range.with_floor(max(cluster.range.floor_acu, least)))
    return replace(case, plan=replace(case.plan, limits=replace(limits, min_acu=least), cluster=alone))


class _Costs:
    """What attempts cost, throttled work priced, on the days they are chosen on and on those they are measured on."""

    def __init__(self, case: Case, attempts: Attempts) -> None:
        self._attempts = attempts
        self._usd_per_throttled = case.usd_per_throttled_acu_second
        days = len(attempts.arrived_acu_seconds)
        self._first, self._others = slice(0, days // 2), slice(days // 2, days)
        self.measured_days = days - days // 2
        self._today = next(one for one in attempts.all if one.kind is Kind.TODAY)
        # A day of which half was measured counts half.
        self._lived = float(attempts.measured_days[self._others].sum())

    def priced(self, one: Attempt) -> Numbers:
        """USD on each day."""
        return one.usd + self._usd_per_throttled * one.throttled_acu_seconds

    def chosen(self) -> list[Attempt]:
        """The best of each group on the first days."""
        groups = groupby(self._attempts.all, key=lambda one: one.group)
        return [min(group, key=lambda one: float(self.priced(one)[self._first].sum())) for _, group in groups]

    def best(self, chosen: Sequence[Attempt]) -> Attempt:
        """What was cheapest on the first days; today's setting where that saved nothing on the others."""
        ours = [one for one in chosen if one.kind is not Kind.COMPARISON]
        found = min(ours, key=lambda one: float(self.priced(one)[self._first].sum()))
        return found if self.saved(found).sum() > 0 else self._today

    def saved(self, one: Attempt) -> Numbers:
        """Against today, USD on each of the other days."""
        saved: Numbers = (self.priced(self._today) - self.priced(one))[self._others]
        return saved

    def option(self, one: Attempt) -> Option:
        """Its figures on the other days."""
        saved = self.saved(one)
        low, high = interval_of_mean(saved)
        work = float(self._attempts.arrived_acu_seconds[self._others].sum())
        lost = float(one.throttled_acu_seconds[self._others].sum())
        per_day = len(saved) / max(self._lived, 1e-9)
        return Option(
            name=one.group,
            kind=one.kind,
            setting=one.setting,
            usd_per_month=self._a_month(one.usd),
            throttled_work_fraction=lost / work if work > 0 else 0.0,
            priced_usd_per_month=self._a_month(self.priced(one)),
            saving_usd_per_month=float(saved.mean()) * per_day * DAYS_A_MONTH,
            saving_low_usd_per_month=low * per_day * DAYS_A_MONTH,
            saving_high_usd_per_month=high * per_day * DAYS_A_MONTH,
            cold_hits_per_month=self._a_month(one.cold_hits),
        )

    def _a_month(self, daily: Numbers) -> float:
        return float(daily[self._others].sum()) / max(self._lived, 1e-9) * DAYS_A_MONTH


def _least_static(attempts: Attempts, costs: _Costs, limits: Limits) -> float:
    """The static minimum that was cheapest on all days; left alone it is the owner's."""
    static = [one for one in attempts.all if one.group in ("left alone", "best static minimum")]
    floors = [limits.min_acu, *(one.floor_acu for one in all_candidates() if one.family == "static")]
    pairs = zip(static, floors, strict=True)
    found = min(pairs, key=lambda pair: float(costs.priced(pair[0]).sum()))[1]
    return max(limits.min_acu, min(found, limits.max_acu))


def _pause(attempts: Attempts, costs: _Costs) -> int | None:
    """The time-out that was cheapest on all days; None where the owner allows no pause."""
    pausing = [one for one in attempts.all if one.group == "pause"]
    if not pausing:
        return None
    pairs = zip(pausing, PAUSES_SECONDS, strict=True)
    return min(pairs, key=lambda pair: float(costs.priced(pair[0]).sum()))[1]


def _ceiling(plan: Plan) -> float:
    highest = float(plan.trace.demand_acu.max()) / plan.cluster.profile.dynamics.target_utilization
    least = max(plan.cluster.profile.least_ceiling_acu, plan.limits.min_acu)
    return min(max(round_up(HEADROOM * highest, plan.limits.step_acu), least), plan.limits.max_acu)


def _hourly_peak(plan: Plan) -> Numbers:
    """NaN where nothing was measured."""
    stretch = sample_evenly(plan.trace, step_seconds=plan.trace.step_seconds, interpolation=Interpolation.HOLD)
    steps = max(1, round(HOUR_SECONDS / plan.trace.step_seconds))
    known = np.where(stretch.measured, stretch.demand_acu, -1.0)
    peaks = np.maximum.reduceat(known, np.arange(0, len(known), steps))
    return np.where(peaks >= 0, peaks, np.nan)

"""One trace under one setting: what every policy costs and throttles in each half, settings chosen on the first."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.candidates import SHARES_OF_THE_DAYS_PEAK, Candidate, Wishes, daily_peak_share
from autoscaler.backtest.tuning.tuner import Trial, choices_of, course_of, past_of, tuned_corridor
from autoscaler.backtest.ways import Course as Ways
from autoscaler.backtest.ways import least_acu_steps
from autoscaler.config import ClusterDocument, LimitsDocument
from autoscaler.core.capacity import Limits
from autoscaler.core.cost import REFERENCE_UTILIZATION
from autoscaler.core.sight import see
from autoscaler.core.trace import sample_evenly
from autoscaler.simulator.kernel.paths import Course, Totals
from autoscaler.simulator.profiles import Climbing
from benchmarks.decision_quality.cases import Case, Setting

Numbers = NDArray[np.float64]

STEP_SECONDS = 15.0
TURN_SECONDS = 60.0
DAY_SECONDS = 86_400.0
PRICES = tuple(2.0**power for power in range(3, 11))
FORESIGHT_SECONDS = 600.0
AWS = tuple(map(daily_peak_share, SHARES_OF_THE_DAYS_PEAK))
# ACU-seconds and throttled ACU-seconds, of the first half and of the second.
Half = list[float]


def measure(case: Case, setting: Setting) -> dict[str, object]:
    """Everything about one trace, for JSON."""
    trace = case.load(setting.peak_acu)
    spec, limits = setting.spec(trace), _limits(setting)
    stretch = sample_evenly(trace, step_seconds=STEP_SECONDS, interpolation=setting.between())
    measuring = spec.profile.measuring
    sight = see(
        stretch,
        period_seconds=measuring.period_seconds,
        delay_seconds=measuring.delay_seconds,
        step_seconds=STEP_SECONDS,
        turn_seconds=TURN_SECONDS,
    )
    halves = _halves(stretch.measured)
    trial = Trial(spec=spec, limits=limits, rules=setting.rule_settings(), price=0.0, turn_seconds=TURN_SECONDS)
    course = Course(
        spec=spec,
        limits=limits,
        rules=trial.rules,
        demand_acu=stretch.demand_acu,
        segment=halves,
        blind=sight.blind(trial.rules.max_blind_seconds),
        step_seconds=STEP_SECONDS,
        steps_per_turn=round(TURN_SECONDS / STEP_SECONDS),
        segments=2,
    )
    need = np.maximum(limits.min_acu, _rounded_up(stretch.demand_acu / REFERENCE_UTILIZATION, limits.step_acu))
    return {
        "name": case.name,
        "shape": case.shape,
        "family": case.family,
        "reference": [float(need[halves == half].sum()) * STEP_SECONDS for half in (0, 1)],
        "work": [float(stretch.demand_acu[halves == half].sum()) * STEP_SECONDS for half in (0, 1)],
        "optimum": _optimum(course),
        "foresight": _foresight(course),
        **_policies(trial, sight.demand_acu, sight.sample_seconds, course),
    }


def _policies(trial: Trial, demand_acu: Numbers, sample_seconds: float, course: Course) -> dict[str, object]:
    past = past_of(trial, sample_seconds)
    past.add(demand_acu)
    limits = trial.limits
    wishes = Wishes(past, trial.spec.profile, min_acu=limits.min_acu, max_acu=limits.max_acu, prices=PRICES)
    turns = slice(0, len(course.blind))
    daily = course_of(trial, past, int(len(past) * sample_seconds // DAY_SECONDS))
    days_turns = len(daily.blind)
    families: dict[str, list[Half]] = {}
    tried: dict[object, Totals] = {}

    def try_out(candidate: Candidate, price: float) -> Totals:
        """Its days, as the tuner sees them; its halves on the true load are noted on the way."""
        predictive = candidate.family == "predictive"
        key = (candidate, price * candidate.price_factor) if predictive else candidate
        if key not in tried:
            low, high = wishes.corridor(candidate, price, turns)
            families.setdefault(candidate.family, []).append(_half(course.run(low, high)))
            tried[key] = daily.run(low[:days_turns], high[:days_turns])
        return tried[key]

    auto = {}
    for price in PRICES:
        totals = [try_out(candidate, price) for candidate in trial.candidates]
        acu = np.array([one.acu_seconds for one in totals])
        throttled = np.array([one.throttled_acu_seconds for one in totals])
        priced = replace(trial, price=price)
        choices = choices_of(priced, acu, throttled, totals[0].arrived_acu_seconds)
        low, high = tuned_corridor(priced, past, wishes, choices, turns.stop)
        auto[str(price)] = {"half": _half(course.run(low, high)), "chosen": [one.family for one in choices]}
    families["aws"] = [_half(course.run(*wishes.corridor(one, 0.0, turns))) for one in AWS]
    return {"families": families, "auto": auto}


def _halves(measured: NDArray[np.bool_]) -> NDArray[np.int64]:
    """0 in the first half, 1 in the second, -1 where nothing is scored: in gaps, and on the first half day."""
    steps = np.arange(len(measured))
    warm_up = min(len(measured) // 2, round(14 * DAY_SECONDS / STEP_SECONDS))
    halves = np.where(measured, np.where(steps < warm_up, 0, 1), -1)
    halves[: round(0.5 * DAY_SECONDS / STEP_SECONDS)] = -1
    return halves


def _foresight(course: Course) -> list[Half]:
    """Floors that follow the true peak of the coming ten minutes, at several utilisations."""
    ahead = round(FORESIGHT_SECONDS / STEP_SECONDS)
    padded = np.concatenate((course.demand_acu, np.zeros(ahead)))
    coming = np.lib.stride_tricks.sliding_window_view(padded, ahead).max(axis=1)
    peaks = coming[: len(course.demand_acu) : course.steps_per_turn]
    return [_half(course.run(peaks / full, peaks / full)) for full in (0.9, 1.0, 1.2, 1.5, 2.0, 3.0, 6.0)]


def _optimum(course: Course) -> float | None:
    """The least ACU-seconds of the second half without throttling; None for sized clusters."""
    profile = course.spec.profile
    if not isinstance(profile.dynamics, Climbing):
        return None
    ways = Ways(
        demand_acu=np.minimum(course.demand_acu, course.limits.max_acu).tolist(),
        weight=(course.segment == 1).astype(float).tolist(),
        lowest_acu=max(course.limits.min_acu, profile.step_acu),
        highest_acu=course.limits.max_acu,
        step_seconds=STEP_SECONDS,
        spacing_seconds=course.rules.change_spacing_seconds,
    )
    return least_acu_steps(profile, profile.dynamics, ways) * STEP_SECONDS


def _half(totals: Totals) -> Half:
    return [*totals.acu_seconds.tolist(), *totals.throttled_acu_seconds.tolist()]


def _limits(setting: Setting) -> Limits:
    limits = LimitsDocument(min_acu=0.5, max_acu=2 * setting.peak_acu)
    return ClusterDocument(profile=setting.profile, limits=limits).build_limits()


def _rounded_up(acu: Numbers, step_acu: float) -> Numbers:
    return np.asarray(np.ceil(acu / step_acu - 1e-9) * step_acu)

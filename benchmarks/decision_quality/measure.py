"""One trace under one setting: what every policy costs and throttles in each half, settings chosen on the first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.candidates import ALONE, SHARES_OF_THE_DAYS_PEAK, Candidate, Wishes, daily_peak_share
from autoscaler.backtest.tuning.past import Past
from autoscaler.backtest.tuning.trial import Trial, choices_of, course_of, past_of, tuned_corridor
from autoscaler.backtest.ways import Course as Ways
from autoscaler.backtest.ways import least_acu_steps
from autoscaler.config import ClusterDocument, LimitsDocument
from autoscaler.core.capacity import Limits
from autoscaler.core.cost import REFERENCE_UTILIZATION
from autoscaler.core.sight import Sight, see
from autoscaler.core.trace import sample_evenly
from autoscaler.core.tuning import Family
from autoscaler.simulator.kernel.paths import Course, Totals
from autoscaler.simulator.profiles import Climbing
from benchmarks.decision_quality.cases import Case, Setting
from benchmarks.decision_quality.rivals import Rivals

Numbers = NDArray[np.float64]

STEP_SECONDS = 15.0
TURN_SECONDS = 60.0
DAY_SECONDS = 86_400.0
PRICES = tuple(2.0**power for power in range(3, 11))
FORESIGHT_SECONDS = 600.0
SMALL_FLOOR_ACU = 2.0
AWS = tuple(map(daily_peak_share, SHARES_OF_THE_DAYS_PEAK))
# ACU-seconds and throttled ACU-seconds, of the first half and of the second.
Half = list[float]


def measure(case: Case, setting: Setting) -> dict[str, object]:
    """Everything about one trace, for JSON."""
    load = _load(case, setting)
    wishes, found = _wishes(load, PRICES), load.told
    tried = _Tried(load, wishes, noted=frozenset({ALONE.family, *Family}))
    found |= {"optimum": _optimum(load.course), "foresight": _foresight(load.course)}
    found["auto"] = {str(price): tried.auto(price) for price in PRICES}
    aws = [_half(load.course.run(*wishes.corridor(one, 0.0, load.turns))) for one in AWS]
    return found | {"families": {**tried.families, "aws": aws, **_typical(load.course), **_rivals(load)}}


def measure_rivals(case: Case, setting: Setting, *, prices: Sequence[float]) -> dict[str, object]:
    """Only ``auto`` at some prices, and static, reactive and scheduled, for JSON; a third of the time."""
    load = _load(case, setting)
    tried = _Tried(load, _wishes(load, prices), noted=frozenset({ALONE.family, *Family} - {Family.PREDICTIVE}))
    auto = {str(price): tried.auto(price) for price in prices}
    return load.told | {"families": tried.families, "auto": auto}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Load:
    """A trace under a setting: its true load with both halves, its past as it is seen, and what is known of it."""

    trial: Trial
    course: Course
    past: Past
    sight: Sight
    start_seconds: float
    told: dict[str, object]

    @property
    def turns(self) -> slice:
        return slice(0, len(self.course.blind))


def _load(case: Case, setting: Setting) -> _Load:
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
    past = past_of(trial, sight.sample_seconds)
    past.add(sight.demand_acu)
    told: dict[str, object] = {
        "name": case.name,
        "shape": case.shape,
        "family": case.family,
        "reference": [float(need[halves == half].sum()) * STEP_SECONDS for half in (0, 1)],
        "work": [float(stretch.demand_acu[halves == half].sum()) * STEP_SECONDS for half in (0, 1)],
    }
    start_seconds = trace.start.timestamp()
    return _Load(trial=trial, course=course, past=past, sight=sight, start_seconds=start_seconds, told=told)


def _wishes(load: _Load, prices: Sequence[float]) -> Wishes:
    limits = load.trial.limits
    return Wishes(
        load.past, load.trial.spec.profile, min_acu=limits.min_acu, max_acu=limits.max_acu, prices=tuple(prices)
    )


class _Tried:
    """Candidates tried on the days of a load, as a tuner sees them, once each.

    ``families`` notes the halves on the true load of all candidates of the families ``noted``.
    """

    def __init__(self, load: _Load, wishes: Wishes, noted: frozenset[str]) -> None:
        self._load, self._wishes, self._noted = load, wishes, noted
        past = load.past
        self._daily = course_of(load.trial, past, int(len(past) * past.sample_seconds // DAY_SECONDS))
        self._totals: dict[object, Totals] = {}
        self.families: dict[str, list[Half]] = {}

    def auto(self, price: float) -> dict[str, object]:
        """The halves of who chooses anew each day, and what it chose."""
        load, wishes = self._load, self._wishes
        trial = replace(load.trial, price=price)
        totals = [self._try(candidate, price) for candidate in trial.candidates]
        acu = np.array([one.acu_seconds for one in totals])
        throttled = np.array([one.throttled_acu_seconds for one in totals])
        choices = choices_of(trial, acu, throttled, totals[0].arrived_acu_seconds)
        low, high = tuned_corridor(trial, load.past, wishes, choices, load.turns.stop)
        return {"half": _half(load.course.run(low, high)), "chosen": [one.family for one in choices]}

    def _try(self, candidate: Candidate, price: float) -> Totals:
        predictive = candidate.family == Family.PREDICTIVE
        key = (candidate, price * candidate.price_factor) if predictive else candidate
        if key not in self._totals:
            low, high = self._wishes.corridor(candidate, price, self._load.turns)
            if candidate.family in self._noted:
                half = _half(self._load.course.run(low, high))
                self.families.setdefault(candidate.family, []).append(half)
            turns = len(self._daily.blind)
            self._totals[key] = self._daily.run(low[:turns], high[:turns])
        return self._totals[key]


def _typical(course: Course) -> dict[str, list[Half]]:
    """Left alone at what typical users set: some small floor, or half of the peak."""
    floors = {"typical small": SMALL_FLOOR_ACU, "typical large": course.limits.max_acu / 4}
    held = {family: np.full(len(course.blind), floor) for family, floor in floors.items()}
    return {family: [_half(course.run(floor, floor))] for family, floor in held.items()}


def _rivals(load: _Load) -> dict[str, list[Half]]:
    """The rules of others, each in all its settings."""
    families: dict[str, list[Half]] = {}
    for family, corridor in Rivals(past=load.past, sight=load.sight, start_seconds=load.start_seconds).corridors():
        families.setdefault(family, []).append(_half(load.course.run(*corridor)))
    return families


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

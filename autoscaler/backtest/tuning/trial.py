"""What a choice among candidates is made of: the cluster they are tried on, and what each would have cost there."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.tuning.candidates import ALONE, Candidate, Wishes, all_candidates
from autoscaler.backtest.tuning.choose import Choice, choose
from autoscaler.backtest.tuning.past import Past
from autoscaler.core.capacity import Limits
from autoscaler.core.decision import RuleSettings
from autoscaler.core.sight import blind_at
from autoscaler.simulator.kernel.paths import Course
from autoscaler.simulator.spec import ClusterSpec
from models.analogs import DAY_SECONDS

Numbers = NDArray[np.float64]

# Half as fine as a backtest: candidates are told apart as well, in half the time.
TRIAL_STEP_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The cluster that candidates are tried on, and what throttling may cost its owner and how much of it there may be.

    ``spec`` starts left alone. For ``keeps_worth`` see ``KeptWorth``.
    """

    spec: ClusterSpec
    limits: Limits
    rules: RuleSettings
    price: float
    turn_seconds: float
    max_throttled_fraction: float | None = None
    keeps_worth: bool = False
    candidates: tuple[Candidate, ...] = field(default_factory=all_candidates)


def past_of(trial: Trial, sample_seconds: float) -> Past:
    """A past without samples yet."""
    return Past(
        sample_seconds=sample_seconds,
        turn_seconds=trial.turn_seconds,
        delay_seconds=trial.spec.profile.measuring.delay_seconds,
    )


def wishes_of(trial: Trial, past: Past) -> Wishes:
    """What the candidates of a trial wish, of a past that may still grow."""
    limits = trial.limits
    return Wishes(
        past,
        trial.spec.profile,
        min_acu=limits.min_acu,
        max_acu=limits.max_acu,
        prices=(trial.price,),
        keeps_worth=trial.keeps_worth,
    )


def choice_after(trial: Trial, past: Past, wishes: Wishes, days: int, before: Choice | None) -> Choice:
    """The choice by the first ``days`` days of a past."""
    acu, throttled, arrived = tried(trial, past, wishes, days)
    return _chosen(trial, acu, throttled, arrived, before)


def tried(trial: Trial, past: Past, wishes: Wishes, days: int) -> tuple[Numbers, Numbers, Numbers]:
    """ACU-seconds and throttled ACU-seconds of each candidate on each day, (candidates, days), and what arrived."""
    course = course_of(trial, past, days)
    turns = slice(0, len(course.blind))
    totals = [course.run(*wishes.corridor(candidate, trial.price, turns)) for candidate in trial.candidates]
    return (
        np.array([one.acu_seconds for one in totals]),
        np.array([one.throttled_acu_seconds for one in totals]),
        totals[0].arrived_acu_seconds,
    )


def course_of(trial: Trial, past: Past, days: int) -> Course:
    """The whole days of a past as a load; what was not measured is lived through, and counts in no day."""
    steps_per_sample = max(1, round(past.sample_seconds / TRIAL_STEP_SECONDS))
    samples = round(days * DAY_SECONDS / past.sample_seconds)
    step_seconds = past.sample_seconds / steps_per_sample
    day = (np.arange(samples) * past.sample_seconds // DAY_SECONDS).astype(np.int64)
    segment = np.where(past.measured[:samples], day, -1)
    steps_per_turn = max(1, round(trial.turn_seconds / step_seconds))
    turns = -(-samples * steps_per_sample // steps_per_turn)
    newest = past.newest(slice(0, turns))
    return Course(
        spec=trial.spec,
        limits=trial.limits,
        rules=trial.rules,
        demand_acu=np.repeat(past.demand_acu[:samples], steps_per_sample),
        segment=np.repeat(segment, steps_per_sample),
        blind=blind_at(
            np.arange(turns) * trial.turn_seconds,
            newest,
            past.measured,
            sample_seconds=past.sample_seconds,
            max_blind_seconds=trial.rules.max_blind_seconds,
        ),
        step_seconds=step_seconds,
        steps_per_turn=steps_per_turn,
        segments=days,
    )


def choices_of(trial: Trial, acu: Numbers, throttled: Numbers, arrived: Numbers) -> list[Choice]:
    """The choice after each day of a past that was tried as a whole: a day does not change when more follow."""
    choices: list[Choice] = []
    for day in range(1, len(arrived) + 1):
        before = choices[-1] if choices else None
        choices.append(_chosen(trial, acu[:, :day], throttled[:, :day], arrived[:day], before))
    return choices


def _chosen(trial: Trial, acu: Numbers, throttled: Numbers, arrived: Numbers, before: Choice | None) -> Choice:
    fraction = trial.max_throttled_fraction
    return choose(trial.candidates, acu, throttled, arrived, trial.price, before, max_throttled_fraction=fraction)


def tuned_corridor(
    trial: Trial, past: Past, wishes: Wishes, choices: list[Choice], turns: int
) -> tuple[Numbers, Numbers]:
    """What a tuner would wish over a whole past, (turns,) each: the same as asking it turn by turn."""
    low, high = wishes.corridor(ALONE, trial.price, slice(0, turns))
    seen_seconds = (past.newest(slice(0, turns)) + 1) * past.sample_seconds
    for day, choice in enumerate(choices, start=1):
        first = int(np.searchsorted(seen_seconds, day * DAY_SECONDS))
        last = int(np.searchsorted(seen_seconds, (day + 1) * DAY_SECONDS))
        if last > first:
            turn = slice(first, last)
            low[turn], high[turn] = wishes.corridor(trial.candidates[choice.place], trial.price, turn)
    return low, high

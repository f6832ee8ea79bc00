"""What an owner could do, and what it would save: settings chosen on one half of the past, tried on the other."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from autoscaler.backtest.run import Plan
from autoscaler.backtest.tuning.candidates import ALONE, Candidate, all_candidates
from autoscaler.backtest.tuning.tuner import Trial, choices_of, course_of, past_of, tried, wishes_of
from autoscaler.core.capacity import SECONDS_PER_HOUR, round_up
from autoscaler.core.sight import see
from autoscaler.core.trace import sample_evenly
from autoscaler.errors import InvalidInput
from models.analogs import DAY_SECONDS

Numbers = NDArray[np.float64]

LEAST_DAYS = 4
DAYS_A_MONTH = 365.25 / 12
# AWS's advice is a minimum that is a share of the highest demand of the last 24 hours.
SHARES_OF_THE_DAYS_PEAK = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
PAUSES_SECONDS = (300, 900, 3600, 14_400)
# A ceiling leaves so much room above the highest demand that was ever measured.
HEADROOM = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing to do; money and throttling are those of the half that its setting was not chosen on.

    ``priced_usd_per_month`` adds throttled work at the owner's price: the number to compare.
    """

    name: str
    setting: str
    usd_per_month: float
    throttled_work_fraction: float
    priced_usd_per_month: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The options for one cluster, today's first, and which one to take.

    ``saving_usd_per_month`` is against today, throttled work priced. ``confidence`` is ``high`` when the days of the
    other half agree on it (more than two standard errors above nothing), else ``low``.
    """

    trace: str
    days: int
    throttling_price: float
    options: tuple[Option, ...]
    best: str
    saving_usd_per_month: float
    confidence: str
    min_acu: float
    max_acu: float
    pause_after_seconds: int | None

    def document(self) -> dict[str, object]:
        """As it is written to JSON."""
        return asdict(self)


def recommend(plan: Plan, *, today_acu: float | None = None) -> Advice:
    """Try everything on the plan's trace; its policy is not looked at.

    Args:
        today_acu: today's minimum; left out, the owner's.

    Raises:
        InvalidInput: the trace is too short to be split into halves.
    """
    today = Candidate(family="static", floor_acu=plan.limits.min_acu if today_acu is None else today_acu)
    aws = [
        Candidate(family="reactive", seconds=DAY_SECONDS, utilization=1 / share) for share in SHARES_OF_THE_DAYS_PEAK
    ]
    ours = all_candidates()
    trial = replace(plan.trial, candidates=(*ours, today, *aws))
    acu, throttled, arrived = _days(plan, trial)
    price, half = trial.price, len(arrived) // 2
    cost = acu + price * throttled
    groups = {
        "today": [len(ours)],
        "left alone": [0],
        "best static minimum": _places(ours, "static"),
        "AWS's 24-hour rule": list(range(len(ours) + 1, len(trial.candidates))),
        "reactive": _places(ours, "reactive"),
        "scheduled": _places(ours, "scheduled"),
        "predictive": _places(ours, "predictive"),
    }
    daily: dict[str, tuple[str, Numbers, Numbers]] = {}
    for name, places in groups.items():
        place = min(places, key=lambda one: float(cost[one, :half].sum()))
        daily[name] = (_setting(trial.candidates[place], name), acu[place, half:], throttled[place, half:])
    daily["auto"] = ("tunes itself each day", *_auto(replace(trial, candidates=ours), acu, throttled, arrived, half))
    usd = plan.prices.usd_per_acu_hour
    options = tuple(_option(name, *days, arrived[half:], price, usd) for name, days in daily.items())
    best = min(options, key=lambda option: option.priced_usd_per_month)
    saved = _cost(daily["today"], price) - _cost(daily[best.name], price)
    floor = min(_places(ours, "static"), key=lambda one: float(cost[one].sum()))
    return Advice(
        trace=plan.trace.name,
        days=len(arrived),
        throttling_price=price,
        options=options,
        best=best.name,
        saving_usd_per_month=options[0].priced_usd_per_month - best.priced_usd_per_month,
        confidence="high" if _sure(saved) else "low",
        min_acu=max(plan.limits.min_acu, min(ours[floor].floor_acu, plan.limits.max_acu)),
        max_acu=_ceiling(plan),
        pause_after_seconds=_pause(plan, trial) if plan.limits.may_pause else None,
    )


def rank(advice: Sequence[Advice]) -> list[Advice]:
    """A fleet, the cluster with the largest saving first."""
    return sorted(advice, key=lambda one: -one.saving_usd_per_month)


def _seen(plan: Plan) -> tuple[Numbers, float]:
    """The samples that its metrics would have shown, and their length."""
    stretch = sample_evenly(plan.trace, step_seconds=plan.step_seconds, interpolation=plan.interpolation)
    measuring = plan.cluster.publishing_no_finer(plan.trace.step_seconds).profile.measuring
    sight = see(
        stretch,
        period_seconds=measuring.period_seconds,
        delay_seconds=measuring.delay_seconds,
        step_seconds=plan.step_seconds,
        turn_seconds=plan.decide_seconds,
    )
    return sight.demand_acu, sight.sample_seconds


def _days(plan: Plan, trial: Trial) -> tuple[Numbers, Numbers, Numbers]:
    demand, sample_seconds = _seen(plan)
    past = past_of(trial, sample_seconds)
    past.add(demand)
    days = int(len(past) * sample_seconds // DAY_SECONDS)
    if days < LEAST_DAYS:
        raise InvalidInput(
            f"the trace {plan.trace.name} has {days} whole days; give at least {LEAST_DAYS}, "
            "so that what is chosen on one half can be tried on the other"
        )
    return tried(trial, past, wishes_of(trial, past), days)


def _auto(trial: Trial, acu: Numbers, throttled: Numbers, arrived: Numbers, half: int) -> tuple[Numbers, Numbers]:
    """Each day of the second half under what had been chosen by the evening before."""
    count = len(trial.candidates)
    choices = choices_of(trial, acu[:count], throttled[:count], arrived)
    days = range(half, len(arrived))
    places = [choices[day - 1].place for day in days]
    return acu[places, days], throttled[places, days]


def _pause(plan: Plan, trial: Trial) -> int:
    """The time-out whose ACU-hours and waiting work cost least, left alone otherwise."""
    demand, sample_seconds = _seen(plan)
    past = past_of(trial, sample_seconds)
    past.add(demand)
    course = course_of(trial, past, int(len(past) * sample_seconds // DAY_SECONDS))
    low, high = wishes_of(trial, past).corridor(ALONE, trial.price, slice(0, len(course.blind)))

    def priced(seconds: int) -> float:
        held = replace(trial.spec.range, pause_after_seconds=seconds)
        totals = replace(course, spec=replace(trial.spec, range=held)).run(low, high)
        return float((totals.acu_seconds + trial.price * totals.throttled_acu_seconds).sum())

    return min(PAUSES_SECONDS, key=priced)


def _ceiling(plan: Plan) -> float:
    highest = float(plan.trace.demand_acu.max()) / plan.cluster.profile.dynamics.target_utilization
    least = max(plan.cluster.profile.least_ceiling_acu, plan.limits.min_acu)
    return min(max(round_up(HEADROOM * highest, plan.limits.step_acu), least), plan.limits.max_acu)


def _option(
    name: str, setting: str, acu: Numbers, throttled: Numbers, arrived: Numbers, price: float, usd: float
) -> Option:
    a_month = DAYS_A_MONTH / len(acu) / SECONDS_PER_HOUR * usd
    work = float(arrived.sum())
    return Option(
        name=name,
        setting=setting,
        usd_per_month=float(acu.sum()) * a_month,
        throttled_work_fraction=float(throttled.sum()) / work if work > 0 else 0.0,
        priced_usd_per_month=float((acu + price * throttled).sum()) * a_month,
    )


def _cost(days: tuple[str, Numbers, Numbers], price: float) -> Numbers:
    return days[1] + price * days[2]


def _sure(saved: Numbers) -> bool:
    return bool(saved.mean() > 2 * saved.std(ddof=1) / sqrt(len(saved))) if len(saved) > 1 else False


def _places(candidates: Sequence[Candidate], family: str) -> list[int]:
    return [place for place, one in enumerate(candidates) if one.family == family]


def _setting(candidate: Candidate, name: str) -> str:
    if name.startswith("AWS"):
        return f"a minimum of {1 / candidate.utilization:.0%} of the day's peak"
    return str(candidate)

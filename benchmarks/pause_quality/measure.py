"""What each way to pause did on one trace: the settings that are compared, and what a client noticed."""

from dataclasses import asdict, dataclass
from math import erf, log, sqrt

import numpy as np

from benchmarks.pause_quality.cases import Case
from benchmarks.pause_quality.frontiers import Count, count
from benchmarks.pause_quality.ours import PRICES, USUAL, slept
from benchmarks.pause_quality.ways import Awake, time_out
from models.habits import CALENDARS_FROM, HISTOGRAMS_FROM

HOURS = (0, 1 / 12, 1 / 6, 0.25, 1 / 3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 24, 48)
# Our re-implementations of both rivals are ways that the policy may take, too. The first setting is that of the paper.
TUNED, PRORP_WAY, HISTOGRAM_WAY, PLAN, OURS = "time-out per trace", "ProRP", "histogram", "plan only", "pausing"
RIVALS = (PRORP_WAY, HISTOGRAM_WAY)
Frontiers = dict[str, list[Count]]
# A resume is lognormal about its median with the spread of Aurora's; after a day of sleep Aurora takes 30 s or more.
RESUMES, SPREAD, DEEP_HOURS, CLIENT_WAITS_SECONDS = (0.5, 15.0, 60.0), 0.31, 24.0, 10.0
DEEP_SECONDS = {0.5: 0.5, 15.0: 35.0, 60.0: 60.0}
LEAD_SECONDS, SECONDS_PER_MONTH = 360.0, 30 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What clients noticed of it at the usual dial, in the second half; they add up."""

    months: float = 0.0
    cold_hits: float = 0.0
    deep: float = 0.0
    prewakes: float = 0.0
    awake_hours: float = 0.0
    idle_hours: float = 0.0

    def __add__(self, other: "Noticed") -> "Noticed":
        own, more = asdict(self), asdict(other)
        return Noticed(**{name: own[name] + more[name] for name in own})

    def told(self, resume_seconds: float) -> dict[str, float]:
        """A cluster and month of it, at a resume of this median."""
        shallow, late = self.cold_hits - self.deep, DEEP_SECONDS[resume_seconds]
        failing = shallow * _beyond(resume_seconds) + self.deep * _beyond(late)
        lead_hours = self.prewakes * (LEAD_SECONDS + resume_seconds * np.exp(1.28 * SPREAD)) / 3600.0
        return {
            "cold_hits": self.cold_hits / self.months,
            "waited_seconds": (shallow * resume_seconds + self.deep * late) * np.exp(SPREAD**2 / 2) / self.months,
            "failing_connections": failing / self.months,
            "prewakes": self.prewakes / self.months,
            "awake_share": 100 * (self.awake_hours + lead_hours) / self.idle_hours,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Of one trace; ``usual`` is whether it is awake in each window at the usual dial."""

    case: Case
    frontiers: Frontiers
    noticed: dict[str, Noticed]
    usual: Awake


def measure(case: Case) -> Measured:
    """What each way did on the second half, setting by setting; nothing knows what comes later."""

    def scored(awake: Awake) -> Count:
        return count(case, awake, begin=case.half, end=len(case.used))

    outs, ours = [time_out(case, hours * 3600.0) for hours in HOURS], slept(case)
    past = [count(case, awake, begin=0, end=case.half) for awake in outs]
    best = [int(np.argmin([one.cost(price) for one in past])) for price in PRICES]
    usual = PRICES.index(USUAL)
    frontiers = {
        "one time-out": [scored(awake) for awake in outs],
        TUNED: [scored(outs[number]) for number in best],
        PRORP_WAY: [scored(awake) for awake in ours.simple[CALENDARS_FROM:HISTOGRAMS_FROM]],
        HISTOGRAM_WAY: [scored(awake) for awake in ours.simple[HISTOGRAMS_FROM:]],
        PLAN: [scored(awake) for awake in ours.plan],
        OURS: [scored(awake) for awake in ours.ours],
    }
    noticed = {
        "300 s, no pre-wake": _noticed(case, outs[1]),
        "time-out per trace, no pre-wake": _noticed(case, outs[best[usual]]),
        "pausing": _noticed(case, ours.ours[usual]),
    }
    return Measured(case=case, frontiers=frontiers, noticed=noticed, usual=ours.ours[usual])


def prewoken(case: Case, awake: Awake) -> Awake:
    """The windows in which a database was woken before its use, or just in time for it."""
    slept = np.append(False, (case.idle & ~awake)[:-1])
    known = ~np.isnan(case.used)
    return np.asarray(known & awake & slept, dtype=np.bool_)


def _noticed(case: Case, awake: Awake) -> Noticed:
    place = np.arange(len(awake) + 1)
    asleep_for = (place - np.maximum.accumulate(np.where(np.append(True, awake), place, 0)))[:-1]
    cold = [t for t in case.starts.tolist() if t >= case.half and not awake[t]]
    hours, scored = case.step_seconds / 3600.0, slice(case.half, None)
    idle = case.idle[scored]
    return Noticed(
        months=len(idle) * case.step_seconds / SECONDS_PER_MONTH,
        cold_hits=float(len(cold)),
        deep=float(sum(asleep_for[t] * hours > DEEP_HOURS for t in cold)),
        prewakes=float(prewoken(case, awake)[scored].sum()),
        awake_hours=hours * float((idle & awake[scored]).sum()),
        idle_hours=hours * float(idle.sum()),
    )


def _beyond(median_seconds: float) -> float:
    """How likely a resume lasts longer than a client waits."""
    return 0.5 - 0.5 * erf(log(CLIENT_WAITS_SECONDS / median_seconds) / SPREAD / sqrt(2.0))

"""How long a resume will take: a distribution learned per cluster, apart for the shallow and the deep sleep."""

from dataclasses import dataclass, replace
from math import exp, isfinite, log, sqrt

from scipy.stats import t as student

from autoscaler.errors import InvalidInput
from models.state import State, check_version, number_of

MODEL, VERSION = "cold-start", 1
# No resume takes less or more: a clock that went wrong, or an event that was lost, is not a cold start.
SHORTEST_SECONDS, LONGEST_SECONDS = 0.01, 3600.0
# A resume further from the others than this many spreads teaches no more than one at that distance: it is rare, and
# would make all the others look longer than they are.
CUT = 4.0
# What is believed beforehand counts like so many resumes; what was seen is forgotten after about a hundred.
PRIOR_MEDIAN, PRIOR_SPREAD, KEPT = 2.0, 6.0, 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Between which bounds a resume will last, with its median, in seconds."""

    low_seconds: float
    median_seconds: float
    high_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePrior:
    """What to expect of a kind of cluster before one of them was seen: a median and a spread of the logarithm.

    From ``deep_after_seconds`` of sleep on, a resume is a ``deep_median_seconds`` one.
    """

    median_seconds: float
    deep_median_seconds: float
    deep_after_seconds: float = 86_400.0
    log_spread: float = 0.3
    deep_log_spread: float = 0.3

    def __post_init__(self) -> None:
        for name in ("median_seconds", "deep_median_seconds", "log_spread", "deep_log_spread"):
            if not (isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise InvalidInput(f"{name} of a resume is {getattr(self, name)}; it must be above 0")


# Aurora: "approximately 15 seconds", after a day of sleep "30 seconds or longer"; Neon: a median below half a second.
PRIORS = {
    "aurora-v2": ResumePrior(median_seconds=15.0, deep_median_seconds=36.0, deep_log_spread=0.2),
    "aurora-v1": ResumePrior(median_seconds=25.0, deep_median_seconds=60.0, deep_after_seconds=604_800.0),
    "neon-like": ResumePrior(median_seconds=0.5, deep_median_seconds=0.5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumes:
    """Of one depth of sleep: a normal-gamma belief about the logarithm of the seconds.

    ``mean`` is worth ``weight`` resumes, and ``squares`` are the squared distances of ``spread_weight`` of them.
    """

    mean: float
    weight: float
    squares: float
    spread_weight: float

    def after(self, log_seconds: float) -> "Resumes":
        reach = CUT * self.spread
        off = min(max(log_seconds - self.mean, -reach), reach)
        weight, spread_weight = KEPT * self.weight, KEPT * self.spread_weight
        return Resumes(
            mean=self.mean + off / (weight + 1.0),
            weight=weight + 1.0,
            squares=KEPT * self.squares + off * off * weight / (weight + 1.0),
            spread_weight=spread_weight + 1.0,
        )

    @property
    def spread(self) -> float:
        return sqrt(self.squares / self.spread_weight)

    def quantile(self, level: float) -> float:
        """Seconds that the next resume stays below with this probability; by Student's t, for few tell little."""
        scale = self.spread * sqrt(1.0 + 1.0 / self.weight)
        return exp(self.mean + scale * float(student.ppf(level, self.spread_weight)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """What is known of one cluster's resumes. Never changed in place."""

    shallow: Resumes
    deep: Resumes
    deep_after_seconds: float

    def update(self, *, slept_seconds: float, resume_seconds: float) -> "ColdStart":
        """After a resume; what cannot be true (negative, endless, no number) teaches nothing."""
        if not (SHORTEST_SECONDS <= resume_seconds <= LONGEST_SECONDS) or not slept_seconds >= 0:
            return self
        if slept_seconds > self.deep_after_seconds:
            return replace(self, deep=self.deep.after(log(resume_seconds)))
        return replace(self, shallow=self.shallow.after(log(resume_seconds)))

    def expect(self, *, slept_seconds: float, share: float = 0.9) -> Interval:
        """Between which bounds a resume after so much sleep lasts, with a probability of ``share``.

        Raises:
            InvalidInput: the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise InvalidInput(f"a share of {share} of the resumes is not between 0 and 1")
        resumes = self.deep if slept_seconds > self.deep_after_seconds else self.shallow
        low, median, high = (resumes.quantile(level) for level in ((1 - share) / 2, 0.5, (1 + share) / 2))
        return Interval(low_seconds=low, median_seconds=median, high_seconds=high)

    def chance_beyond(self, seconds: float, *, slept_seconds: float) -> float:
        """How likely a resume takes longer than a client waits."""
        resumes = self.deep if slept_seconds > self.deep_after_seconds else self.shallow
        scale = resumes.spread * sqrt(1.0 + 1.0 / resumes.weight)
        off = (log(max(seconds, SHORTEST_SECONDS)) - resumes.mean) / scale
        return float(student.sf(off, resumes.spread_weight))

    def state(self) -> State:
        numbers = {
            f"{depth}_{name}": getattr(getattr(self, depth), name)
            for depth in ("shallow", "deep")
            for name in ("mean", "weight", "squares", "spread_weight")
        }
        return {"model": MODEL, "version": VERSION, "deep_after_seconds": self.deep_after_seconds, **numbers}


def believe(prior: ResumePrior) -> ColdStart:
    """Before the first resume."""
    return ColdStart(
        shallow=_belief(prior.median_seconds, prior.log_spread),
        deep=_belief(prior.deep_median_seconds, prior.deep_log_spread),
        deep_after_seconds=prior.deep_after_seconds,
    )


def restore(state: State) -> ColdStart:
    """What ``state`` stored.

    Raises:
        InvalidInput: it is of another model or version, or something is missing.
    """
    check_version(state, model=MODEL, version=VERSION)

    def resumes(depth: str) -> Resumes:
        return Resumes(
            mean=float(number_of(state, f"{depth}_mean")),
            weight=float(number_of(state, f"{depth}_weight")),
            squares=float(number_of(state, f"{depth}_squares")),
            spread_weight=float(number_of(state, f"{depth}_spread_weight")),
        )

    deep_after_seconds = float(number_of(state, "deep_after_seconds"))
    return ColdStart(shallow=resumes("shallow"), deep=resumes("deep"), deep_after_seconds=deep_after_seconds)


def _belief(median_seconds: float, log_spread: float) -> Resumes:
    return Resumes(
        mean=log(median_seconds),
        weight=PRIOR_MEDIAN,
        squares=PRIOR_SPREAD * log_spread**2,
        spread_weight=PRIOR_SPREAD,
    )

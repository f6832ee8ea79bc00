"""How long a resume will take: a distribution learned per cluster, apart for the shallow and the deep sleep."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp, inf, isfinite, log, sqrt

from autoscaler.core.resumes import Resume
from autoscaler.errors import InvalidInput
from models.state import State, check_version, number_of

MODEL, VERSION = "cold-start", 2
# No resume takes less or more: that was a clock that went wrong, or an event that was lost.
SHORTEST_SECONDS, LONGEST_SECONDS = 0.01, 3600.0
# A resume further from the others than so many spreads teaches no more than one at that distance: it is rare.
CUT = 4.0
# What is believed beforehand counts like so many resumes; what was seen is forgotten after about a hundred.
PRIOR_MEDIAN, PRIOR_SPREAD, KEPT = 2.0, 6.0, 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Between which bounds something will lie, with its median, in seconds."""

    low: float
    median: float
    high: float


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
PRIORS["aurora-v2-platform-4"] = PRIORS["aurora-v2"]
# Measured: 60 cold starts (docs/local.md). It knows no deep sleep.
PRIORS["local-postgres"] = ResumePrior(median_seconds=0.18, deep_median_seconds=0.18)
UNKNOWN = ResumePrior(median_seconds=15.0, deep_median_seconds=36.0, log_spread=0.6, deep_log_spread=0.6)
# Of what nothing is published: a minute until the cache is warm, ten clients at the door, both within a factor of five.
WARM_SECONDS, CROWD, WIDE = 60.0, 10.0, 1.0
PARTS, NUMBERS = ("shallow", "deep", "first_query", "warm", "crowd"), ("mean", "weight", "squares", "spread_weight")


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
        return exp(self.mean + scale * _standard_quantile(level, self.spread_weight))

    def interval(self, share: float) -> Interval:
        """Where the next one will be with this probability."""
        low, median, high = (self.quantile(level) for level in ((1 - share) / 2, 0.5, (1 + share) / 2))
        return Interval(low=low, median=median, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the next wake will be like, with nine times of ten in between; ``seen`` wakes were learned from."""

    seen: int
    shallow: Interval
    deep: Interval
    deep_after_seconds: float
    first_query: Interval
    warm: Interval
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """What is known of one cluster's resumes. Never changed in place.

    ``first_query`` is how long the first client waits, ``warm`` how long the cache takes after that, and ``crowd`` how
    many clients stand there when it is up. ``seen`` counts the resumes learned from, ``newest`` is the start of the
    newest one, in seconds since 1970.
    """

    shallow: Resumes
    deep: Resumes
    first_query: Resumes
    warm: Resumes
    crowd: Resumes
    deep_after_seconds: float
    seen: int = 0
    newest: float = -inf

    def after(self, resumes: Iterable[Resume]) -> "ColdStart":
        """After these wakes, oldest first; one that is known already, or comes late, teaches nothing."""
        known = self
        for one in resumes:
            if one.at.timestamp() > known.newest:
                known = known._after(one)
        return known

    def update(self, *, slept_seconds: float, resume_seconds: float) -> "ColdStart":
        """After a resume; what cannot be true (negative, endless, no number) teaches nothing."""
        if not (SHORTEST_SECONDS <= resume_seconds <= LONGEST_SECONDS) or not slept_seconds >= 0:
            return self
        if slept_seconds > self.deep_after_seconds:
            return replace(self, deep=self.deep.after(log(resume_seconds)), seen=self.seen + 1)
        return replace(self, shallow=self.shallow.after(log(resume_seconds)), seen=self.seen + 1)

    def expect(self, *, slept_seconds: float, share: float = 0.9) -> Interval:
        """Between which bounds a resume after so much sleep lasts, with a probability of ``share``.

        Raises:
            InvalidInput: the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise InvalidInput(f"a share of {share} of the resumes is not between 0 and 1")
        resumes = self.deep if slept_seconds > self.deep_after_seconds else self.shallow
        return resumes.interval(share)

    def chance_beyond(self, seconds: float, *, slept_seconds: float) -> float:
        """How likely a resume takes longer than a client waits."""
        resumes = self.deep if slept_seconds > self.deep_after_seconds else self.shallow
        scale = resumes.spread * sqrt(1.0 + 1.0 / resumes.weight)
        off = (log(max(seconds, SHORTEST_SECONDS)) - resumes.mean) / scale
        from scipy.special import stdtr

        return float(stdtr(resumes.spread_weight, -off))

    def expected(self, share: float = 0.9) -> Expected:
        """All of it, for those who want to be told."""
        return Expected(
            seen=self.seen,
            shallow=self.shallow.interval(share),
            deep=self.deep.interval(share),
            deep_after_seconds=self.deep_after_seconds,
            first_query=self.first_query.interval(share),
            warm=self.warm.interval(share),
            connections=round(self.crowd.quantile(0.5)),
        )

    def state(self) -> State:
        numbers = {f"{part}_{name}": getattr(getattr(self, part), name) for part in PARTS for name in NUMBERS}
        own = {"deep_after_seconds": self.deep_after_seconds, "seen": self.seen, "newest_resume": self.newest}
        return {"resumes": MODEL, "resumes_version": VERSION, **own, **numbers}

    def _after(self, one: Resume) -> "ColdStart":
        known = replace(self, newest=one.at.timestamp())
        learned = known.update(slept_seconds=one.slept_seconds, resume_seconds=one.resume_seconds)
        if learned is known:
            return known
        return replace(
            learned,
            first_query=_after(self.first_query, one.first_query_seconds),
            warm=_after(self.warm, one.warm_seconds),
            crowd=_after(self.crowd, one.connections),
        )


def believe(prior: ResumePrior) -> ColdStart:
    """Before the first resume."""
    return ColdStart(
        shallow=_belief(prior.median_seconds, prior.log_spread),
        deep=_belief(prior.deep_median_seconds, prior.deep_log_spread),
        first_query=_belief(prior.median_seconds, WIDE),
        warm=_belief(WARM_SECONDS, WIDE),
        crowd=_belief(CROWD, WIDE),
        deep_after_seconds=prior.deep_after_seconds,
    )


def prior_of(profile: str) -> ResumePrior:
    """What a kind of cluster usually takes; of a kind that nobody described, Aurora's, with less confidence."""
    return PRIORS.get(profile, UNKNOWN)


def restore(state: State) -> ColdStart:
    """What ``state`` stored.

    Raises:
        InvalidInput: it is of another model or version, or something is missing.
    """
    told = {"model": state.get("resumes", ""), "version": state.get("resumes_version", "")}
    check_version(told, model=MODEL, version=VERSION)
    parts = {part: Resumes(**{name: float(number_of(state, f"{part}_{name}")) for name in NUMBERS}) for part in PARTS}
    return ColdStart(
        **parts,
        deep_after_seconds=float(number_of(state, "deep_after_seconds")),
        seen=int(number_of(state, "seen")),
        newest=float(number_of(state, "newest_resume")),
    )


@lru_cache(maxsize=4096)  # asked at every tick of every cluster, and of clusters that never slept always the same
def _standard_quantile(level: float, freedom: float) -> float:
    from scipy.special import stdtrit  # scipy.stats would take 50 MB more, and two seconds

    return float(stdtrit(freedom, level))


def _after(known: Resumes, seen: float | None) -> Resumes:
    """After what was seen of a part of a resume; what is unknown or cannot be teaches nothing."""
    if seen is None or not SHORTEST_SECONDS <= seen <= LONGEST_SECONDS:
        return known
    return known.after(log(seen))


def _belief(median_seconds: float, log_spread: float) -> Resumes:
    return Resumes(
        mean=log(median_seconds),
        weight=PRIOR_MEDIAN,
        squares=PRIOR_SPREAD * log_spread**2,
        spread_weight=PRIOR_SPREAD,
    )

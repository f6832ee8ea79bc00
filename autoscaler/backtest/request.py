"""A backtest as a user orders it: names, files and numbers, before anything is read."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil, isfinite
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from autoscaler.backtest.run import Plan
from autoscaler.backtest.traces import DEFAULT_QUANTILE, Scale, cut_trace, read_trace
from autoscaler.config import LimitsDocument, load_cluster, load_policy
from autoscaler.core.trace import Interpolation, Trace
from autoscaler.errors import InvalidInput
from autoscaler.registry import told
from autoscaler.simulator.profiles import Profile
from autoscaler.simulator.scenarios import DEFAULT_DAYS, DEFAULT_START, find_scenario, scenario_trace
from models.outlook import OutlookSettings

SCENARIO = "scenario:"
# About 250 bytes a step are held in memory; this is more than two years of the default step.
MOST_STEPS = 5_000_000
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One backtest. What is None is left to the policy's and the cluster's own documents.

    The trace is scaled as a whole and cut afterwards, so that a stretch of it keeps its size whatever is
    cut away around it.
    """

    trace: str
    policy: str
    cluster: str = "aurora-v2"
    column: str | None = None
    peak_acu: float | None = None
    quantile: float = DEFAULT_QUANTILE
    acu_per_unit: float | None = None
    throttling_price: float | None = None
    min_acu: float | None = None
    max_acu: float | None = None
    start: datetime | None = None
    end: datetime | None = None
    score_from: datetime | None = None
    interpolation: Interpolation = Interpolation.HOLD
    step_seconds: float = 15.0
    decide_seconds: float = 60.0
    change_spacing_seconds: float | None = None
    floor_effect: Literal["immediate", "bucket"] | None = None
    metric_delay_seconds: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.peak_acu is not None and self.acu_per_unit is not None:
            raise InvalidInput("--peak-acu and --acu-per-unit exclude each other; give one of them")
        if self.seed < 0:
            raise InvalidInput(f"--seed is {self.seed}; give 0 or more")
        for name in ("step_seconds", "decide_seconds"):
            if not (isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise InvalidInput(f"{_option(name)} is {getattr(self, name)}; give a number above 0")
        for name in ("throttling_price", "change_spacing_seconds", "metric_delay_seconds"):
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value >= 0):
                raise InvalidInput(f"{_option(name)} is {value}; give 0 or more")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise InvalidInput(f"--start {self.start.isoformat()} is not before --end {self.end.isoformat()}")

    def plan(self, trace: Trace | None = None) -> Plan:
        """Read and check everything that was asked for; a trace that is loaded already is not read again.

        Raises:
            InvalidInput: something does not exist, is not valid or does not fit the rest.
        """
        policy, cluster = load_policy(self.policy), load_cluster(self.cluster)
        cluster = cluster.under(policy, self._own_limits())
        rules = policy.build_rules()
        if self.change_spacing_seconds is not None:
            rules = replace(rules, change_spacing_seconds=self.change_spacing_seconds)
        spec = cluster.build_spec(seed=self.seed)
        trace = trace or self.load_trace()
        self._check_scoring(trace)
        return Plan(
            trace=trace,
            policy=policy.build_policy(),
            cluster=replace(spec, profile=self._adjusted(spec.profile)),
            limits=cluster.build_limits(),
            forecaster=policy.build_forecaster(),
            rules=rules,
            prices=policy.build_prices(cluster.pricing, self.throttling_price),
            outlook=OutlookSettings(signals=policy.build_signals()),
            step_seconds=self.step_seconds,
            decide_seconds=self.decide_seconds,
            interpolation=self.interpolation,
            score_from=self.score_from,
        )

    def load_trace(self) -> Trace:
        """The workload in ACU, cut to the stretch asked for."""
        trace = (
            self._scenario() if self.trace.startswith(SCENARIO) else read_trace(Path(self.trace), column=self.column)
        )
        factor = 1.0 if self.acu_per_unit is None else self.acu_per_unit
        trace = Scale(acu_per_unit=factor, peak_acu=self.peak_acu, quantile=self.quantile).apply(trace)
        if self.start is not None or self.end is not None:
            trace = cut_trace(trace, start=self.start, end=self.end)
        if trace.seconds / self.step_seconds > MOST_STEPS:
            raise InvalidInput(
                f"{trace.seconds / self.step_seconds:,.0f} steps are more than the {MOST_STEPS:,} of one run; "
                "give a larger --step-seconds, or a shorter stretch with --start and --end"
            )
        return trace

    def _scenario(self) -> Trace:
        """The whole days of a scenario around the stretch asked for; it is the same on any day."""
        if self.column is not None:
            raise InvalidInput(f"--column {self.column} is for trace files; {self.trace} has no columns")
        scenario = find_scenario(self.trace.removeprefix(SCENARIO))
        first = DEFAULT_START if self.start is None else self.start.astimezone(UTC)
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        last = midnight + DEFAULT_DAYS * ONE_DAY if self.end is None else self.end
        if last <= first:
            raise InvalidInput(f"--end {last.isoformat()} is not after the scenario's start {first.isoformat()}")
        return scenario_trace(scenario, seed=self.seed, start=midnight, days=ceil((last - midnight) / ONE_DAY))

    def _check_scoring(self, trace: Trace) -> None:
        if self.score_from is not None and not trace.start <= self.score_from < trace.end:
            raise InvalidInput(
                f"--score-from {self.score_from.isoformat()} lies outside the trace, which runs from "
                f"{trace.start.isoformat()} to {trace.end.isoformat()}"
            )

    def _own_limits(self) -> LimitsDocument:
        said: dict[str, float | bool] = {
            name: value for name, value in (("min_acu", self.min_acu), ("max_acu", self.max_acu)) if value is not None
        }
        if self.min_acu == 0:
            said["may_pause"] = True
        try:
            return LimitsDocument.model_validate(said)
        except ValidationError as problems:
            raise InvalidInput(f"the limits: {told(problems)}") from None

    def _adjusted(self, profile: Profile) -> Profile:
        if self.floor_effect is not None:
            jumps = self.floor_effect == "immediate"
            profile = replace(profile, changing=replace(profile.changing, floor_jumps=jumps))
        if self.metric_delay_seconds is not None:
            measuring = replace(profile.measuring, delay_seconds=self.metric_delay_seconds)
            profile = replace(profile, measuring=measuring)
        return profile


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"

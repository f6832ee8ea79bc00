"""A backtest as it is ordered over HTTP: whatever it names is here already, and no file of this machine is read."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AwareDatetime, Field, model_validator

from autoscaler.backtest.request import SCENARIO, Request
from autoscaler.backtest.traces import write_trace
from autoscaler.config import Document
from autoscaler.core.samples import Sample
from autoscaler.core.trace import Trace
from autoscaler.documents.presets import PRESET, preset_names
from autoscaler.errors import InvalidInput, NotPossible, UnknownName
from autoscaler.registry import policy_names
from autoscaler.simulator.profiles import PROFILES
from autoscaler.simulator.scenarios import DEFAULT_START, find_scenario

LONGEST_DAYS = 35
MOST_SAMPLES = 20_000
POLICY_FILE, TRACE_FILE = "policy.json", "trace.csv"

Demand = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
Acu = Annotated[float, Field(ge=0, le=1024, allow_inf_nan=False)]


class InlineTrace(Document):
    """A workload in even steps; null is a missing sample."""

    start: AwareDatetime
    step_seconds: Annotated[float, Field(ge=1, le=3600, allow_inf_nan=False)]
    demand_acu: Annotated[tuple[Demand | None, ...], Field(min_length=1, max_length=MOST_SAMPLES)]

    @model_validator(mode="after")
    def _short_enough(self) -> "InlineTrace":
        if self.step_seconds * len(self.demand_acu) > LONGEST_DAYS * 86_400:
            raise ValueError(f"the trace is longer than {LONGEST_DAYS} days")
        if all(value is None for value in self.demand_acu):
            raise ValueError("the trace holds no known value")
        return self

    def build(self) -> Trace:
        """The trace without its missing samples."""
        known = [(place, value) for place, value in enumerate(self.demand_acu) if value is not None]
        first = known[0][0]
        return Trace(
            name=TRACE_FILE,
            start=self.start + timedelta(seconds=first * self.step_seconds),
            step_seconds=self.step_seconds,
            offset_seconds=np.array([(place - first) * self.step_seconds for place, _ in known]),
            demand_acu=np.array([value for _, value in known]),
        )


class BacktestOrder(Document):
    """One policy on one workload: a ``scenario``, a ``trace``, or what a cluster was measured to need."""

    scenario: Annotated[str, Field(max_length=100)] | None = None
    trace: InlineTrace | None = None
    cluster_id: Annotated[str, Field(max_length=100)] | None = None
    policy: Annotated[str, Field(max_length=100)] | dict[str, Any] = Field(
        description="The name of a policy, `preset:NAME`, or a policy document."
    )
    profile: Annotated[str, Field(max_length=100, description="The kind of the simulated cluster.")] = "aurora-v2"
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS, description="How much of a scenario or of a past.")] = 7
    min_acu: Acu | None = None
    max_acu: Acu | None = None
    throttling_price: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0

    @model_validator(mode="after")
    def _one_workload(self) -> "BacktestOrder":
        given = [name for name in ("scenario", "trace", "cluster_id") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give one of 'scenario', 'trace' and 'cluster_id'")
        return self

    @property
    def workload(self) -> str:
        """What it runs on, in a word."""
        if self.scenario is not None:
            return f"{SCENARIO}{self.scenario}"
        return "trace" if self.cluster_id is None else f"cluster:{self.cluster_id}"

    @property
    def policy_name(self) -> str:
        """Who decides, in a word."""
        return self.policy if isinstance(self.policy, str) else str(self.policy.get("name", "a document"))

    def check(self) -> None:
        """Whatever can be known before it runs.

        Raises:
            InvalidInput: there is no such scenario, profile or policy, or the document names files.
        """
        if self.scenario is not None:
            find_scenario(self.scenario)
        if self.profile not in PROFILES:
            raise UnknownName("profile", self.profile, PROFILES)
        if isinstance(self.policy, str):
            known = preset_names() if self.policy.startswith(PRESET) else policy_names()
            if self.policy not in known:
                raise UnknownName("policy", self.policy, [*policy_names(), *preset_names()])
        elif _names_files(self.policy):
            raise InvalidInput("the policy names a 'file'; over the network no files are read: give days and spans")

    def request(self, folder: Path, history: tuple[Sample, ...] = ()) -> Request:
        """The same for `backtest`, which reads what it needs out of ``folder``.

        Raises:
            InvalidInput: something cannot be used; all of it is checked, and nothing runs yet.
        """
        end = DEFAULT_START + timedelta(days=self.days) if self.scenario is not None else None
        trace = self.trace.build() if self.trace is not None else trace_of(history) if self.cluster_id else None
        if trace is not None:
            write_trace(trace, folder / TRACE_FILE)
        if not isinstance(self.policy, str):
            (folder / POLICY_FILE).write_text(json.dumps(self.policy), encoding="utf-8")
        asked = Request(
            trace=self.workload if trace is None else str(folder / TRACE_FILE),
            policy=self.policy if isinstance(self.policy, str) else str(folder / POLICY_FILE),
            cluster=self.profile,
            min_acu=self.min_acu,
            max_acu=self.max_acu,
            throttling_price=self.throttling_price,
            end=end,
            seed=self.seed,
        )
        asked.plan(trace)
        return asked


def trace_of(history: tuple[Sample, ...]) -> Trace:
    """What a cluster was measured to need.

    Raises:
        NotPossible: there is too little of it.
    """
    known = [(one.at, one.demand_acu) for one in history if one.demand_acu is not None]
    if len(known) < 2:
        raise NotPossible("the cluster has not been measured for long enough to run anything on it")
    start: datetime = known[0][0]
    return Trace(
        name=TRACE_FILE,
        start=start,
        step_seconds=300.0,
        offset_seconds=np.array([(at - start).total_seconds() for at, _ in known]),
        demand_acu=np.array([value for _, value in known]),
    )


def _names_files(content: object) -> bool:
    if isinstance(content, Mapping):
        return "file" in content or any(_names_files(value) for value in content.values())
    return isinstance(content, list | tuple) and any(_names_files(item) for item in content)

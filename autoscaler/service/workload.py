"""What a simulated cluster has to serve, as users write it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from autoscaler.adapters.workloads import ScenarioWorkload, TraceWorkload, Workload
from autoscaler.backtest.traces import DEFAULT_QUANTILE, Scale, read_trace
from autoscaler.config import Document
from autoscaler.simulator.scenarios import find_scenario

Seed = Annotated[int, Field(ge=0)]


class TraceDocument(Document):
    """A recorded workload and its scale."""

    file: Path
    column: str | None = None
    peak_acu: float | None = None
    quantile: float = DEFAULT_QUANTILE
    acu_per_unit: float = 1.0


class WorkloadDocument(Document):
    """What a simulated cluster has to serve: a scenario by name, or a trace."""

    scenario: str | None = None
    trace: TraceDocument | None = None
    seed: Seed = 0

    @model_validator(mode="after")
    def _one_of_both(self) -> "WorkloadDocument":
        if (self.scenario is None) == (self.trace is None):
            raise ValueError("a workload is either a 'scenario' or a 'trace'")
        if self.scenario is not None:
            find_scenario(self.scenario)
        return self

    def load(self, *, start: datetime, step_seconds: float) -> Workload:
        """The workload itself; a trace begins at ``start``.

        Raises:
            InvalidInput: the trace cannot be read or scaled.
        """
        if self.trace is None:
            return ScenarioWorkload(find_scenario(self.scenario or ""), seed=self.seed)
        document = self.trace
        scale = Scale(acu_per_unit=document.acu_per_unit, peak_acu=document.peak_acu, quantile=document.quantile)
        trace = scale.apply(read_trace(document.file, column=document.column))
        return TraceWorkload(trace, start=start, step_seconds=step_seconds)

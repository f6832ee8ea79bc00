"""Advice about several clusters: whoever cannot be advised stops nobody else."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autoscaler.backtest.advice import Finding, Refusal, rank
from autoscaler.backtest.attempts import Case
from autoscaler.backtest.processes import Clock, Report, Tell, run_in_processes
from autoscaler.backtest.recommend import recommend
from autoscaler.backtest.request import Request
from autoscaler.config import left_alone, load_cluster
from autoscaler.core.capacity import Range
from autoscaler.documents.pricing import PricingDocument
from autoscaler.errors import InvalidInput

Answer = Finding | Refusal
STEPS = 1000  # of progress, for each cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A workload to advise about; what is None is the cluster's own. ``pricing`` replaces that of the cluster."""

    request: Request
    pricing: PricingDocument | None = None
    today_min_acu: float | None = None
    today_max_acu: float | None = None

    @property
    def name(self) -> str:
        """What it is told by."""
        return self.request.trace

    def case(self) -> Case:
        """Everything read and checked.

        Raises:
            InvalidInput: something cannot be used.
        """
        plan, cluster = self.request.plan(), load_cluster(self.request.cluster)
        prices = (self.pricing or cluster.pricing).build()
        alone = left_alone(plan.limits)
        floor = alone.floor_acu if self.today_min_acu is None else self.today_min_acu
        ceiling = alone.ceiling_acu if self.today_max_acu is None else self.today_max_acu
        if floor > ceiling:
            raise InvalidInput(f"today's minimum of {floor:g} ACU is above today's maximum of {ceiling:g} ACU")
        today = Range(floor_acu=floor, ceiling_acu=ceiling, pause_after_seconds=alone.pause_after_seconds)
        paid = replace(
            plan.prices,
            usd_per_acu_hour=prices.usd_per_acu_hour,
            usd_per_million_reads=prices.usd_per_million_reads,
        )
        busiest = replace(plan.trace, demand_acu=plan.trace.demand_acu * plan.cluster.busiest_share)
        return Case(
            plan=replace(plan, prices=paid, trace=busiest), today=today, prices=prices, instances=plan.cluster.instances
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A cluster that is read already."""

    name: str
    ready: Case

    def case(self) -> Case:
        """What there is."""
        return self.ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Advising:
    """One after the other, in one process."""

    name: str
    asked: tuple[Asked | Known, ...]

    def carry_out(self, *, now: Clock, on_progress: Report) -> list[Answer]:
        steps = STEPS * len(self.asked)
        return [_answer(one, place, steps, on_progress) for place, one in enumerate(self.asked)]


def advise(asked: Sequence[Asked | Known], *, now: Clock, on_progress: Tell) -> tuple[list[Finding], list[Refusal]]:
    """The clusters, the largest saving first, and those left out; several in as many processes as there are processors.

    Raises:
        AutoscalerError: a process died.
    """
    lanes = min(len(asked), os.cpu_count() or 1)
    errands = [Advising(name=_told(asked[lane::lanes]), asked=tuple(asked[lane::lanes])) for lane in range(lanes)]
    answers = [answer for lane in run_in_processes(errands, now=now, on_progress=on_progress) for answer in lane]
    found = rank([one for one in answers if isinstance(one, Finding)])
    return found, sorted((one for one in answers if isinstance(one, Refusal)), key=lambda one: one.trace)


def _answer(one: Asked | Known, place: int, steps: int, on_progress: Report) -> Answer:
    def tell(done: int, of: int) -> None:
        on_progress(one.name, STEPS * place + STEPS * done // of, steps)

    try:
        return recommend(one.case(), tell=tell)
    except InvalidInput as problem:
        return Refusal(trace=one.name, reason=str(problem))


def _told(asked: Sequence[Asked | Known]) -> str:
    return asked[0].name if len(asked) == 1 else f"{len(asked)} clusters"
